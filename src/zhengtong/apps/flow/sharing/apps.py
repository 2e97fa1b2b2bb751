"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.flow.sharing"
    label = "sharing"
    verbose_name = "共享"
