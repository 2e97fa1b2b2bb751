"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.foundation.calendar"
    label = "calendar"
    verbose_name = "工作日历"
