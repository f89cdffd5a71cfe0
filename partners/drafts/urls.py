from django.urls import URLPattern, path

from partners.drafts import views

app_name = "drafts"
urlpatterns: list[URLPattern] = [
    path("", views.shelf, name="shelf"),
    path("ask/", views.ask, name="ask"),
    path("<int:number>/", views.draft, name="draft"),
    path("<int:number>/publication/", views.publication, name="publication"),
    path("<int:number>/removal/", views.removal, name="removal"),
]
