"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.foundation.security"
    label = "security"
    verbose_name = "安全与存证"
