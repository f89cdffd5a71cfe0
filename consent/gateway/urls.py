from django.urls import path

from consent.gateway.dialects import nginx

app_name = "gateway"
urlpatterns = [path("nginx", nginx.decision, name="nginx")]
