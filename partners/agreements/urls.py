from django.urls import URLPattern, path

from partners.agreements import views

app_name = "agreements"
urlpatterns: list[URLPattern] = [
    path("agreements/", views.listing, name="list"),
    path("agreements/<slug:code>/", views.agreement, name="agreement"),
    path("console/agreements/", views.console, name="console"),
]
