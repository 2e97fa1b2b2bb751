"""The shell as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.shell"
    label = "shell"
