from django.urls import URLPattern, path

from partners.reviews import views

app_name = "reviews"
urlpatterns: list[URLPattern] = [
    path("", views.queue, name="queue"),
    path("decisions/", views.together, name="together"),
    path("reviews/<slug:number>/", views.review, name="review"),
]
