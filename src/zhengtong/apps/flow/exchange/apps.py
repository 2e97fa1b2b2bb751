"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.flow.exchange"
    label = "exchange"
    verbose_name = "交换"
