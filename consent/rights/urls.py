from __future__ import annotations

from django.urls import URLPattern, path

from consent.rights import partner_pages, staff_pages, views

app_name = "rights"
urlpatterns: list[URLPattern] = [
    # Customers, and everybody else who signs in
    path("me/rights/", views.home, name="home"),
    path("me/rights/new/<slug:kind>/", views.new, name="new"),
    path("me/rights/close/", views.close, name="close"),
    path("me/rights/deletion/<slug:slug>/", views.deletion, name="deletion"),
    path("me/rights/files/<str:token>/", views.file, name="file"),
    path("me/rights/<slug:number>/", views.request_page, name="request"),
    path("me/rights/<slug:number>/cancel/", views.cancel, name="cancel"),
    path("me/rights/<slug:number>/lift/", views.lift, name="lift"),
    # Partners
    path("data-tasks/", partner_pages.tasks, name="tasks"),
    path("data-tasks/<uuid:task_id>/", partner_pages.task, name="task"),
    path(
        "data-tasks/<uuid:task_id>/acknowledgement/",
        partner_pages.acknowledgement,
        name="acknowledgement",
    ),
    # Staff
    path("console/rights/", staff_pages.console, name="console"),
    path("console/rights/holds/", staff_pages.hold, name="hold"),
    path("console/rights/holds/<int:hold_id>/release/", staff_pages.release, name="release"),
    path("console/rights/<slug:number>/", staff_pages.request_page, name="console_request"),
    path("console/rights/<slug:number>/extension/", staff_pages.extension, name="extension"),
    path("console/rights/<slug:number>/pause/", staff_pages.pause, name="pause"),
    path("console/rights/<slug:number>/lifting/", staff_pages.lifting, name="lifting"),
]
