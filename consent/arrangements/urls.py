from django.urls import path

from consent.arrangements import views

app_name = "arrangements"
urlpatterns = [
    path("apps/", views.apps, name="list"),
    path("apps/stop-all/", views.stop_all, name="stop_all"),
    path("apps/<slug:slug>/", views.app, name="arrangement"),
    path("apps/<slug:slug>/change/", views.change, name="change"),
    path("apps/<slug:slug>/stop/", views.stop, name="stop"),
    path("history/", views.history_page, name="history"),
    path("receipts/<slug:number>.json", views.receipt_file, name="receipt_file"),
    path("receipts/<slug:number>/", views.receipt, name="receipt"),
    path("data/", views.data, name="data"),
    path("data/export.json", views.data_file, name="data_file"),
]
