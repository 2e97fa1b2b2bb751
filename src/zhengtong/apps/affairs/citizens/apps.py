"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.affairs.citizens"
    label = "citizens"
    verbose_name = "群众与企业"
