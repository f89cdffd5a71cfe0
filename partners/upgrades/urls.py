from django.urls import URLPattern, path

from partners.upgrades import views

app_name = "upgrades"
urlpatterns: list[URLPattern] = [
    path("ends/", views.listing, name="list"),
    path(
        "ends/<slug:slug>/<int:number>/acknowledgement/",
        views.acknowledgement,
        name="acknowledgement",
    ),
]
