"""Refused rows leave the platform only with a trace."""

from __future__ import annotations

from datetime import datetime

from zhengtong.apps.flow.exchange.queries.runs import RunView
from zhengtong.apps.flow.exchange.rules import access
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security


def note_rejects_download(*, actor: identity.Actor, view: RunView, now: datetime) -> None:
    """
    Record that somebody takes the refused rows of a run, raw values among them; called before the first byte leaves.

    :raises NotYours: unless they work for the provider.
    """
    access.require_operate(actor, view.provider)
    security.record(
        "exchange:rejects:downloaded",
        at=now,
        actor=actor.label,
        office=view.provider,
        provider=view.provider,
        rows=view.counts.get("quarantined", 0),
        detail={"run": str(view.id)},
    )
