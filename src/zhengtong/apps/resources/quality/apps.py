"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.resources.quality"
    label = "quality"
    verbose_name = "目录质量"

    def ready(self) -> None:
        """Put the quality of an entry, and the sources of its items, on its page."""
        from zhengtong.apps.resources.quality.web import slots  # noqa: PLC0415 - pages load once the apps are ready

        slots.register()
