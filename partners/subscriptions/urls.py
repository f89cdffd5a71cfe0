from django.urls import URLPattern, path

from partners.subscriptions import views

app_name = "subscriptions"
urlpatterns: list[URLPattern] = [
    path("<slug:slug>/requests/", views.ask, name="request"),
    path("<slug:slug>/requests/<slug:number>/", views.access_request, name="access_request"),
    path("<slug:slug>/requests/<slug:number>/withdrawal/", views.withdrawal, name="withdrawal"),
]
