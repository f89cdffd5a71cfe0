from django.urls import URLPattern, path

from catalog.imports import views

app_name = "imports"
urlpatterns: list[URLPattern] = [
    path("", views.importing, name="new"),
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<uuid:number>/", views.job, name="job"),
    path("jobs/<uuid:number>/cancel/", views.cancellation, name="cancel"),
    path("jobs/<uuid:number>/again/", views.retry, name="retry"),
    path("sources/", views.sources, name="sources"),
    path("sources/new/", views.new_source, name="new-source"),
    path("sources/<int:source_id>/", views.source, name="source"),
    path("sources/<int:source_id>/<slug:what>/", views.source_move, name="source-move"),
]
