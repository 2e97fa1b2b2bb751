"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.affairs.licences"
    label = "licences"
    verbose_name = "电子证照"

    def ready(self) -> None:
        """What was issued for a case stands on the page that its applicant sees."""
        from zhengtong.apps.affairs.licences.web import panels  # noqa: PLC0415 - models are ready only now

        panels.register()
