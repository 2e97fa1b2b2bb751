"""The app as Django knows it."""

from django.apps import AppConfig


class App(AppConfig):
    name = "zhengtong.apps.affairs.citizens"
    label = "citizens"
    verbose_name = "群众与企业"

    def ready(self) -> None:
        """Other apps' pages of one's own space stand behind our guard."""
        from zhengtong.apps.affairs.citizens.rules import Level  # noqa: PLC0415 - models are ready only now
        from zhengtong.apps.affairs.citizens.web import access  # noqa: PLC0415
        from zhengtong.toolkit.ui import own_space  # noqa: PLC0415

        own_space.provide(lambda level: access.citizens(Level(level)))
