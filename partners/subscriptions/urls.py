from django.urls import URLPattern, path

from partners.subscriptions import access_pages, staff_pages, views

app_name = "subscriptions"
urlpatterns: list[URLPattern] = [
    path("apps/<slug:slug>/requests/", views.ask, name="request"),
    path("apps/<slug:slug>/requests/<slug:number>/", views.access_request, name="access_request"),
    path(
        "apps/<slug:slug>/requests/<slug:number>/withdrawal/", views.withdrawal, name="withdrawal"
    ),
    path("apps/<slug:slug>/access/<int:access_id>/", access_pages.access, name="subscription"),
    path("apps/<slug:slug>/access/<int:access_id>/pause/", access_pages.pause, name="pause"),
    path("apps/<slug:slug>/access/<int:access_id>/plan/", access_pages.plan, name="plan"),
    path("console/access/<int:access_id>/", staff_pages.access, name="console"),
    path("console/access/<int:access_id>/pause/", staff_pages.pause, name="console_pause"),
    path("console/access/<int:access_id>/end/", staff_pages.end, name="console_end"),
    path(
        "console/access/<int:access_id>/conditions/<slug:kind>/",
        staff_pages.condition,
        name="console_condition",
    ),
]
