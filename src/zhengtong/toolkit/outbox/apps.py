"""The outbox as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.toolkit.outbox"
    label = "outbox"
