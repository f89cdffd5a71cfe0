from django.urls import URLPattern, path

from partners.evidence import views

app_name = "evidence"
urlpatterns: list[URLPattern] = [
    path("files/", views.files, name="files"),
    path("files/<uuid:public_id>/", views.file, name="file"),
    path("files/<uuid:public_id>/download/", views.download, name="download"),
    path("files/<uuid:public_id>/removal/", views.removal, name="removal"),
    path("console/files/", views.desk, name="desk"),
    path("console/files/<uuid:public_id>/scan/", views.scan, name="scan"),
]
