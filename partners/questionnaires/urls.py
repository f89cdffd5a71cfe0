from django.urls import URLPattern, path

from partners.questionnaires import views

app_name = "questionnaires"
urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("<slug:code>/send/", views.send, name="send"),
    path("<slug:code>/newer/", views.newer, name="newer"),
    path("<slug:code>/helpers/", views.helpers, name="helpers"),
    path("<slug:code>/<slug:section>/", views.section, name="section"),
]
