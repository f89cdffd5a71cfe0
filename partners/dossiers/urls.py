from django.urls import URLPattern, path

from partners.dossiers import views

app_name = "dossiers"
urlpatterns: list[URLPattern] = [
    path("sent/<int:number>/<slug:form>/", views.sent, name="sent"),
]
