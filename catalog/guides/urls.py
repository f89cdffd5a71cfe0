"""Guides as everybody reads them, and the desk where staff write them."""

from django.urls import URLPattern, path

from catalog.guides import staff_pages, texts, views

app_name = "guides"
urlpatterns: list[URLPattern] = [
    path("guides/", views.listing, name="list"),
    path("guides/index.md", texts.listing, name="list_text"),
    path("guides/<slug:slug>.md", texts.guide, name="guide_text"),
    path("guides/<slug:slug>/", views.guide, name="guide"),
    path("apis/<slug:slug>/guides.md", texts.of_api, name="of_api_text"),
    path("apis/<slug:slug>/guides/", views.of_api, name="of_api"),
    path("console/guides/", staff_pages.listing, name="desk"),
    path("console/guides/new/", staff_pages.new, name="new"),
    path("console/guides/<slug:slug>/edit/", staff_pages.edit, name="edit"),
    path("console/guides/<slug:slug>/publication/", staff_pages.publication, name="publish"),
    path("console/guides/<slug:slug>/withdrawal/", staff_pages.withdrawal, name="withdraw"),
    path("console/guides/<slug:slug>/history/", staff_pages.history, name="history"),
    path("console/guides/<slug:slug>/history/<int:number>/", staff_pages.revision, name="revision"),
    path(
        "console/guides/<slug:slug>/history/<int:number>/restoration/",
        staff_pages.restoration,
        name="restore",
    ),
]
