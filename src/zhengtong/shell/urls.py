"""Addresses of the pages that compose several apps."""

from django.urls import path

from zhengtong.shell import pages

app_name = "shell"
urlpatterns = [
    path("", pages.home, name="home"),
    path("work/", pages.work, name="work"),
]
