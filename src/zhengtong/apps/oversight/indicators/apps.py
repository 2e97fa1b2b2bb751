"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.oversight.indicators"
    label = "indicators"
    verbose_name = "指标"

    def ready(self) -> None:
        """Put the way to the scores on the portal's front."""
        from zhengtong.apps.oversight.indicators.web import slots  # noqa: PLC0415 - pages load once the apps are ready

        slots.register()
