"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.foundation.identity"
    label = "identity"
    verbose_name = "账户与调用系统"
