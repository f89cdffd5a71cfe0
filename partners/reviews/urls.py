from django.urls import URLPattern, path

from partners.reviews import views

app_name = "reviews"
urlpatterns: list[URLPattern] = [
    path("", views.queue, name="queue"),
    path("reviews/<slug:number>/", views.review, name="review"),
]
