from django.urls import URLPattern, path

from partners.renewals import views

app_name = "renewals"
urlpatterns: list[URLPattern] = [
    path("<slug:code>/renew/", views.renew, name="renew"),
    path("<slug:code>/library/", views.kept, name="library"),
    path("<slug:code>/library/caiq/", views.caiq, name="caiq"),
]
