from django.urls import path

from consent.campaigns import views

app_name = "campaigns"
urlpatterns = [
    path("", views.campaigns, name="list"),
    path("new/", views.new, name="new"),
    path("<int:campaign_id>/", views.campaign, name="campaign"),
    path("<int:campaign_id>/start/", views.start, name="start"),
    path("<int:campaign_id>/cancel/", views.cancel, name="cancel"),
]
