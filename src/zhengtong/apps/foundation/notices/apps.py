"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.foundation.notices"
    label = "notices"
    verbose_name = "通知"
