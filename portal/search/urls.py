from django.urls import URLPattern, path

from portal.search import views

app_name = "search"
urlpatterns: list[URLPattern] = [
    path("apis/search/", views.search, name="search"),
    path("console/searches/", views.misses, name="misses"),
]
