"""Addresses of notices."""

from django.urls import path

from zhengtong.apps.foundation.notices.web import pages

app_name = "notices"
urlpatterns = [
    path("work/notices/", pages.notices, name="notices"),
    path("work/notices/read/", pages.mark_read, name="mark-read"),
]
