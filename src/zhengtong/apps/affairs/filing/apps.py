"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.affairs.filing"
    label = "filing"
    verbose_name = "申报"

    def ready(self) -> None:
        """Drafts stand in one's own space, the origin of every value on a case's page."""
        from zhengtong.apps.affairs.filing.web import panels  # noqa: PLC0415 - models are ready only now

        panels.register()
