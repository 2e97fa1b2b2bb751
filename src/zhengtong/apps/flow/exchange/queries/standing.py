"""What quality asks about entries: whether data stand behind them, and where these come from."""

from __future__ import annotations

from collections.abc import Collection

from zhengtong.apps.flow.exchange.models import Binding
from zhengtong.apps.resources.quality import api as quality
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.sentences import say


def bound(ids: Collection[int]) -> dict[int, quality.Bound]:
    """The bindings of these entries, with the day of the last finished collection."""
    rows = Binding.objects.filter(resource__in=list(ids)).values_list("resource_id", "landed_at")
    return {number: quality.Bound(local_date(at) if at else None) for number, at in rows}


def origin(resource_id: int, limit: int) -> quality.Edges:
    """What an entry is collected from; the names of tables and files are their department's own."""
    rows = Binding.objects.filter(resource=resource_id).values_list("kind", "landed_at")[:limit]
    edges = [
        quality.Edge(
            name=say("提供单位交来的文件") if kind == Binding.Kind.FILES else say("提供单位的数据库表"),
            note=say("最近归集:{day}", day=local_date(at).isoformat()) if at else say("还没有归集"),
        )
        for kind, at in rows
    ]
    return quality.Edges(say("数据来源"), len(edges), tuple(edges))
