from django.urls import URLPattern, path

from partners.webhooks import views

app_name = "webhooks"
urlpatterns: list[URLPattern] = [
    path("", views.endpoints, name="list"),
    path("new/", views.new, name="new"),
    path("<int:endpoint_id>/", views.endpoint, name="endpoint"),
    path("<int:endpoint_id>/secret/", views.roll, name="roll"),
    path("<int:endpoint_id>/test/", views.test, name="test"),
    path("<int:endpoint_id>/switch/", views.switch, name="switch"),
    path("<int:endpoint_id>/remove/", views.remove, name="remove"),
    path("messages/<int:message_id>/", views.message, name="message"),
    path("messages/<int:message_id>/again/", views.again, name="again"),
]
