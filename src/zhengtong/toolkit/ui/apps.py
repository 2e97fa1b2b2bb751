"""The UI kit as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.toolkit.ui"
    label = "ui"
