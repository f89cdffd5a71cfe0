from django.contrib import admin
from django.urls import include, path
from oauth2_provider import urls

urlpatterns = [path("admin/", admin.site.urls), path("o/", include(urls))]
