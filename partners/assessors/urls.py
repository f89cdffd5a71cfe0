from django.urls import URLPattern, path

from partners.assessors import views

app_name = "assessors"
urlpatterns: list[URLPattern] = [
    path("assess/", views.mine, name="mine"),
    path("assess/<slug:slug>/", views.file, name="file"),
    path("assess/<slug:slug>/<uuid:public_id>/download/", views.download, name="download"),
    path("console/assessors/", views.desk, name="desk"),
    path("console/assessors/<int:number>/ending/", views.ending, name="ending"),
]
