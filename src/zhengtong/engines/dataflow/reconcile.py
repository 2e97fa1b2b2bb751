"""Counts that must agree, and the receipt that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from zhengtong.engines.dataflow.errors import NotReconciled
from zhengtong.kernel.sentences import say

RECEIPT_FORMAT = "zhengtong-exchange-receipt/1"


@dataclass(frozen=True)
class Counts:
    """Rows of a chunk or a run, each in exactly one of the last five."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    quarantined: int = 0
    duplicates: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.read + other.read,
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.quarantined + other.quarantined,
            self.duplicates + other.duplicates,
        )

    @property
    def accounted(self) -> int:
        """Rows whose fate is known."""
        return self.inserted + self.updated + self.unchanged + self.quarantined + self.duplicates

    def check(self) -> None:
        """
        See that every row read has one fate.

        :raises NotReconciled: if not.
        """
        if self.read != self.accounted:
            raise NotReconciled(say("读取 {read} 行,去向明确 {accounted} 行,两者不等", read=self.read, accounted=self.accounted))

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return {
            "read": self.read,
            "inserted": self.inserted,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "quarantined": self.quarantined,
            "duplicates": self.duplicates,
        }


def reconcile(*, read: int, counted: int, journal: Counts, run: Counts) -> None:
    """
    Prove a run: what this attempt read is what the source counted in the same snapshot, and the journal of chunks adds up to the run.

    :raises NotReconciled: naming the two numbers that differ.
    """
    if read != counted:
        raise NotReconciled(
            say("本次读取 {read} 行,来源在同一快照中有 {counted} 行", read=read, counted=counted),
            remedy="检查来源的排序列在读取期间是否稳定,然后重新运行",
        )
    if journal != run:
        raise NotReconciled(
            say("分块日志合计 {journal},运行记录 {run}", journal=journal.as_dict(), run=run.as_dict()),
            remedy="检查是否有人改动了引擎的表",
        )
    run.check()


@dataclass(frozen=True)
class Receipt:
    """What a finished run did, as a document for the app to sign. It holds no row."""

    job: str
    run: UUID
    mode: str
    target: str
    items: tuple[str, ...]
    counts: Counts
    removed: int
    #: what the source counted in the last attempt's snapshot, and how many attempts there were
    source_rows: int
    attempts: int
    chunks: int
    #: ``chunks.chained_digest`` over the chunks in order, empty unless asked for
    digest: str
    lower: str
    upper: str
    started_at: datetime
    finished_at: datetime

    def as_dict(self) -> dict[str, Any]:
        """The receipt as values that canonical JSON takes."""
        return {
            "format": RECEIPT_FORMAT,
            "job": self.job,
            "run": str(self.run),
            "mode": self.mode,
            "target": self.target,
            "items": list(self.items),
            "counts": self.counts.as_dict(),
            "removed": self.removed,
            "sourceRows": self.source_rows,
            "attempts": self.attempts,
            "chunks": self.chunks,
            "digest": self.digest,
            "lower": self.lower,
            "upper": self.upper,
            "startedAt": self.started_at.isoformat(),
            "finishedAt": self.finished_at.isoformat(),
        }
