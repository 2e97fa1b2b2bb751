"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.foundation.organisations"
    label = "organisations"
    verbose_name = "区划与单位"
