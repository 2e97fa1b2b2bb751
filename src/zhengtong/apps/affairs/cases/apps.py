"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.affairs.cases"
    label = "cases"
    verbose_name = "办件"
