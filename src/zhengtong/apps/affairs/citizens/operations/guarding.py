"""Counts failed tries, so that guessing ends (``rules.guessing`` says when and why)."""

from __future__ import annotations

from datetime import datetime

from zhengtong.apps.affairs.citizens.models import Failure
from zhengtong.apps.affairs.citizens.rules import Kind, TooManyTries, may_try, span


def guard(kind: Kind, *, about: str, address: str, now: datetime) -> None:
    """
    Refuse where guessing has ended, before anything is asked.

    :raises TooManyTries: for the number, or for the address.
    """
    lately = Failure.objects.filter(kind=kind, at__gt=now - span(kind))
    if not may_try(kind, about=lately.filter(about=about).count(), address=lately.filter(address=address).count()):
        raise TooManyTries(remedy="请在 24 小时后再试,或到政务服务窗口办理")


def note_failure(kind: Kind, *, about: str, address: str, now: datetime) -> None:
    """Count a failed try, and forget those that no longer count."""
    Failure.objects.create(kind=kind, about=about, address=address, at=now)
    Failure.objects.filter(kind=kind, at__lt=now - span(kind)).delete()
