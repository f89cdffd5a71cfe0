from django.urls import path

from consent.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.current, name="current"),
    path("<int:number>/", views.version, name="version"),
]
