"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.flow.participation"
    label = "participation"
    verbose_name = "互动参与"

    def ready(self) -> None:
        """Put what people say about a dataset on its page."""
        from zhengtong.apps.flow.participation.web import slots  # noqa: PLC0415 - pages load once the apps are ready

        slots.register()
