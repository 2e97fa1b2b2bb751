"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.affairs.services"
    label = "services"
    verbose_name = "政务服务事项"
