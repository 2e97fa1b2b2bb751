"""Reads of the files that were handed in for a resource."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from zhengtong.apps.flow.exchange.models import FileEdition
from zhengtong.kernel.errors import NotFound


class EditionUnknown(NotFound):
    """没有这一期文件,或您无权查看。"""

    code = "edition-unknown"


@dataclass(frozen=True)
class EditionView:
    """A file that was handed in: whose name, which bytes, how many rows, by whom, when, and since when it was what is collected."""

    id: int
    file_name: str
    sha256: str
    size: int
    rows: int | None
    received_by: str
    received_at: datetime
    bound_at: datetime | None


def editions(resource_id: int, *, limit: int = 50) -> list[EditionView]:
    """The editions that were bound, newest first."""
    rows = FileEdition.objects.filter(resource_id=resource_id, bound_at__isnull=False).order_by("-bound_at", "-pk")
    return [
        EditionView(row.pk, row.file_name, row.sha256, row.size, row.rows, row.received_by, row.received_at, row.bound_at)
        for row in rows[:limit]
    ]
