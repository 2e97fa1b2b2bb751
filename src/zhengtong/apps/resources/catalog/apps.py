"""The app as Django knows it."""

from django.apps import AppConfig

from zhengtong.toolkit.ui import slots


class App(AppConfig):
    name = "zhengtong.apps.resources.catalog"
    label = "catalog"
    verbose_name = "资源目录"

    def ready(self) -> None:
        """Put moving reviews on the preview of a calendar."""
        from zhengtong.apps.resources.catalog.web.slots import calendar_preview  # noqa: PLC0415 - pages load once the apps are ready

        slots.register(slots.CALENDAR_PREVIEW, calendar_preview)
