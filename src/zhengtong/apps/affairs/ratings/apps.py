"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.affairs.ratings"
    label = "ratings"
    verbose_name = "好差评"

    def ready(self) -> None:
        """Fill the places on other apps' pages."""
        from zhengtong.apps.affairs.ratings.web import slots  # noqa: PLC0415 - models must be loaded first

        slots.register()
