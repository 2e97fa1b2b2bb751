"""The app as Django knows it."""

from django.apps import AppConfig

from zhengtong.toolkit.ui import slots


class App(AppConfig):
    name = "zhengtong.apps.flow.sharing"
    label = "sharing"
    verbose_name = "共享"

    def ready(self) -> None:
        """Put the basket on the page of a catalog entry, and moving due dates on the preview of a calendar."""
        from zhengtong.apps.flow.sharing.web.slots import calendar_preview, resource_actions  # noqa: PLC0415 - pages load once the apps are ready

        slots.register(slots.RESOURCE_ACTIONS, resource_actions)
        slots.register(slots.CALENDAR_PREVIEW, calendar_preview)
