from django.urls import path

from consent.support import views

app_name = "support"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("<slug:number>/", views.case, name="case"),
    path("<slug:number>/apps/<slug:slug>/stop/", views.stop, name="stop"),
    path("<slug:number>/apps/<slug:slug>/leave-out/", views.leave_out, name="leave_out"),
    path("<slug:number>/birth-date/", views.birth_date, name="birth_date"),
    path("<slug:number>/guardians/", views.link, name="link"),
    path("<slug:number>/guardians/<uuid:link_id>/end/", views.unlink, name="unlink"),
]
