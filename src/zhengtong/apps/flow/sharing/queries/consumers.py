"""Where the data of an entry go: what quality shows as one level of their way."""

from __future__ import annotations

from django.db.models import Count

from zhengtong.apps.flow.sharing.models import GrantStanding
from zhengtong.apps.resources.quality import api as quality
from zhengtong.contracts.grants import GrantState
from zhengtong.kernel.sentences import say


def consumers(resource_id: int, limit: int) -> quality.Edges:
    """The offices that hold grants in force for an entry, those with most first."""
    rows = GrantStanding.objects.filter(resource=resource_id, state=GrantState.ACTIVE)
    offices = rows.values_list("consumer__name").annotate(grants=Count("pk")).order_by("-grants", "consumer__code")
    shown = tuple(quality.Edge(name, say("{count} 个有效授权", count=grants)) for name, grants in offices[:limit])
    return quality.Edges(say("授权使用单位"), rows.values("consumer").distinct().count(), shown)
