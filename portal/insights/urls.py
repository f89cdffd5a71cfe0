from django.urls import path

from portal.insights import views

app_name = "insights"
urlpatterns = [path("", views.usage, name="usage")]
