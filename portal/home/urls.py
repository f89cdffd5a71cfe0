from django.urls import path

from portal.home import discovery, gallery, operations, problems, views

app_name = "home"
urlpatterns = [
    path("", views.front, name="front"),
    path("home/", views.home, name="home"),
    path("production/", views.production, name="production"),
    path("help/", views.help_page, name="help"),
    path("theme/", views.theme, name="theme"),
    path("problems/<slug:code>", problems.problem, name="problem"),
    path("design/", gallery.gallery, name="design"),
    path(".well-known/api-catalog", discovery.api_catalog, name="api_catalog"),
    path("llms.txt", discovery.llms_txt, name="llms"),
    path(".well-known/security.txt", discovery.security_txt, name="security"),
    path("healthz", operations.alive, name="alive"),
    path("readyz", operations.ready, name="ready"),
    path("metrics", operations.metrics, name="metrics"),
]
