from django.urls import include, path

from consent.arrangements import views

app_name = "arrangements"
urlpatterns = [
    path("apps/", views.apps, name="list"),
    path("", include("consent.arrangements.choices.urls")),
    path("apps/<slug:slug>/log.csv", views.log_file, name="log_file"),
    path("apps/<slug:slug>/log/", views.log, name="log"),
    path("apps/<slug:slug>/", views.app, name="arrangement"),
    path("history/", views.history_page, name="history"),
    path("receipts/<slug:number>.json", views.receipt_file, name="receipt_file"),
    path("receipts/<slug:number>/", views.receipt, name="receipt"),
    path("data/", views.data, name="data"),
    path("data/export.json", views.data_file, name="data_file"),
]
