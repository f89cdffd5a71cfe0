"""Three places: the changelog of all, that of an API, and the desk of whoever keeps it."""

from django.urls import URLPattern, URLResolver, include, path

from catalog.changes import desk, ends, text_views, views

app_name = "changes"
urlpatterns: list[URLPattern | URLResolver] = [
    path("changes/", views.news, name="news"),
    path("changes/index.md", text_views.news, name="news_text"),
    path("changes/feed.atom", views.news_feed, name="news_feed"),
    path("changes/sunsets.ics", views.sunsets, name="sunsets"),
    path("changes/rules/", views.rules, name="rules"),
    path("apis/<slug:slug>/changelog.md", text_views.changelog, name="changelog_text"),
    path(
        "apis/<slug:slug>/changelog/",
        include(
            [
                path("", views.changelog, name="changelog"),
                path("feed.atom", views.changelog_feed, name="changelog_feed"),
                path("compare/", views.compare, name="compare"),
                path("<int:number>.md", text_views.entry, name="entry_text"),
                path("<int:number>/", views.entry, name="entry"),
            ]
        ),
    ),
    path("console/changes/", desk.listing, name="desk"),
    path("console/changes/<int:number>/", desk.entry, name="draft"),
    path("console/changes/<slug:slug>/<slug:label>/end/", ends.end, name="end"),
]
