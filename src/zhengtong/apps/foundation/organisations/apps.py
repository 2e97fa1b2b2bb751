"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.foundation.organisations"
    label = "organisations"
    verbose_name = "区划与单位"

    def ready(self) -> None:
        """Say what codes of offices stand for."""
        from zhengtong.apps.foundation.organisations.web import names  # noqa: PLC0415 - models load once the apps are ready

        names.register()
