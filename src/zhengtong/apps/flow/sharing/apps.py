"""The app as Django knows it."""

from django.apps import AppConfig

from zhengtong.toolkit.ui import slots


class App(AppConfig):
    name = "zhengtong.apps.flow.sharing"
    label = "sharing"
    verbose_name = "共享"

    def ready(self) -> None:
        """Put the basket on the page of an entry, moving due dates on the preview of a calendar, consumers on the way of the data."""
        from zhengtong.apps.flow.sharing import api  # noqa: PLC0415 - models load once the apps are ready
        from zhengtong.apps.flow.sharing.web.slots import calendar_preview, resource_actions  # noqa: PLC0415 - pages load once the apps are ready
        from zhengtong.apps.resources.quality import api as quality  # noqa: PLC0415 - likewise

        slots.register(slots.RESOURCE_ACTIONS, resource_actions)
        slots.register(slots.CALENDAR_PREVIEW, calendar_preview)
        quality.register_edges(quality.Way.DOWN, api.consumers)
