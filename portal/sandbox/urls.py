from django.urls import path

from portal.sandbox import views

app_name = "sandbox"
urlpatterns = [path("<slug:api_slug>/<slug:version>/<path:rest>", views.call, name="call")]
