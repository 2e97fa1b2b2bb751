"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.flow.opendata"
    label = "opendata"
    verbose_name = "数据开放"

    def ready(self) -> None:
        """Put the way to an entry's dataset on its page."""
        from zhengtong.apps.flow.opendata.web import slots  # noqa: PLC0415 - pages load once the apps are ready

        slots.register()
