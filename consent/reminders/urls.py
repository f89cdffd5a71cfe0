from django.urls import path

from consent.reminders import views

app_name = "reminders"
urlpatterns = [path("", views.rhythm, name="rhythm")]
