"""Addresses of the pages that compose several apps."""

from django.urls import path

from zhengtong.shell import manage, pages

app_name = "shell"
urlpatterns = [
    path("", pages.home, name="home"),
    path("work/", pages.work, name="work"),
    path("manage/", manage.manage, name="manage"),
]
