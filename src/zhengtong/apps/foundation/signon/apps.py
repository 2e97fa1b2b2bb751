"""The app as Django knows it."""

from django.apps import AppConfig

from zhengtong.toolkit.ui import slots


class App(AppConfig):
    name = "zhengtong.apps.foundation.signon"
    label = "signon"
    verbose_name = "统一登录"

    def ready(self) -> None:
        """Say on the page of one's own account where one's systems are listed."""
        from zhengtong.apps.foundation.signon.web.own import account_panel  # noqa: PLC0415 - models load first

        slots.register(slots.ACCOUNT_PANELS, account_panel)
