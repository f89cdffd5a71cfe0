from django.urls import URLPattern, path

from partners.findings import views

app_name = "findings"
urlpatterns: list[URLPattern] = [
    path("findings/", views.findings, name="findings"),
    path("findings/<int:number>/", views.finding, name="finding"),
    path("console/findings/", views.desk, name="desk"),
    path("console/findings/<int:number>/", views.judged, name="judged"),
    path("console/findings/<int:number>/closing/", views.closing, name="closing"),
    path("console/findings/<int:number>/acceptance/", views.acceptance, name="acceptance"),
]
