"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.oversight.indicators"
    label = "indicators"
    verbose_name = "指标"
