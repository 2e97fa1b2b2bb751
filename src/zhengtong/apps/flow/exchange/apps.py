"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.flow.exchange"
    label = "exchange"
    verbose_name = "交换"

    def ready(self) -> None:
        """Put pushes and downloads on the page of a grant; tell quality what is bound."""
        from zhengtong.apps.flow.exchange.web import slots  # noqa: PLC0415 - pages load once the apps are ready

        slots.register()
