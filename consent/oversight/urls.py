from django.urls import path

from consent.oversight import views

app_name = "oversight"
urlpatterns = [path("", views.overview, name="overview")]
