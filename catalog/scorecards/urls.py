from django.urls import URLPattern, path

from catalog.scorecards import views

app_name = "scorecards"
urlpatterns: list[URLPattern] = [
    path("", views.listing, name="list"),
    path("<slug:slug>/<slug:label>/", views.card, name="card"),
]
