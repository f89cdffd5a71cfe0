from django.urls import URLPattern, path

from catalog.inventory import views

app_name = "inventory"
urlpatterns: list[URLPattern] = [
    path("", views.register, name="register"),
    path("gateways/", views.configurations, name="gateways"),
    path("apis/<slug:slug>/", views.api, name="api"),
    path("apis/<slug:slug>/service/", views.service, name="service"),
    path("apis/<slug:slug>/audience/", views.audience, name="audience"),
    path("apis/<slug:slug>/owner/", views.owner, name="owner"),
    path("apis/<slug:slug>/deployments/", views.deployments, name="deployments"),
    path(
        "apis/<slug:slug>/deployments/<int:deployment_id>/removal/", views.removal, name="removal"
    ),
    path(
        "apis/<slug:slug>/<slug:label>/operations/", views.operation_owners, name="operation_owners"
    ),
]
