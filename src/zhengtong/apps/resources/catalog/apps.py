"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.resources.catalog"
    label = "catalog"
    verbose_name = "资源目录"
