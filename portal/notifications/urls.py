from django.urls import URLPattern, path

from portal.notifications import views

app_name = "notifications"
urlpatterns: list[URLPattern] = [
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read, name="read"),
    path("notices/preference/", views.preference, name="preference"),
    path("console/outbox/", views.outbox, name="outbox"),
    path("console/outbox/<int:message_id>/", views.message, name="message"),
    path("console/outbox/<int:message_id>/again/", views.again, name="again"),
]
