"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.affairs.licences"
    label = "licences"
    verbose_name = "电子证照"
