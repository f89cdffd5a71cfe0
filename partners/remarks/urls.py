from django.urls import URLPattern, path

from partners.remarks import views

app_name = "remarks"
urlpatterns: list[URLPattern] = [
    path("answers/", views.threads, name="threads"),
    path("answers/<int:assignment_id>/<slug:key>/", views.answer, name="answer"),
    path(
        "console/answers/<int:assignment_id>/<slug:key>/",
        views.reviewed_answer,
        name="reviewed_answer",
    ),
    path("console/threads/<int:thread_id>/resolution/", views.resolution, name="resolution"),
]
