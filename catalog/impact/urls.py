from django.urls import URLPattern, path

from catalog.impact import views

app_name = "impact"
urlpatterns: list[URLPattern] = [
    path("", views.listing, name="list"),
    path("<slug:slug>/<slug:label>/", views.assessment, name="assessment"),
    path("<slug:slug>/<slug:label>/open/", views.opening, name="open"),
    path("<slug:slug>/<slug:label>/opinion/", views.opinion, name="opinion"),
]
