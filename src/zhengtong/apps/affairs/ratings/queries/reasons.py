"""Which reasons are offered."""

from __future__ import annotations

from collections.abc import Mapping

from zhengtong.apps.affairs.ratings.models import Reason


def offered(*, online: bool, grade: int | None = None) -> list[Reason]:
    """The reasons for a case filed online or at a window, for one grade or, None, for any."""
    found = Reason.objects.filter(online=online, active=True)
    return [one for one in found if grade is None or not one.grades or grade in one.grades]


def every() -> list[Reason]:
    """All reasons, those that are not offered any more too."""
    return list(Reason.objects.all())


def labels() -> Mapping[str, str]:
    """Code → label of every reason there ever was."""
    return dict(Reason.objects.values_list("code", "label"))
