from django.urls import URLPattern, path

from partners.upgrades import staff_pages, views

app_name = "upgrades"
urlpatterns: list[URLPattern] = [
    path("ends/", views.listing, name="list"),
    path(
        "ends/<slug:slug>/<int:number>/acknowledgement/",
        views.acknowledgement,
        name="acknowledgement",
    ),
    path("console/ends/", staff_pages.listing, name="console"),
    path("console/ends/<int:number>/", staff_pages.end, name="end"),
]
