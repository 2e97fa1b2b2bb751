"""
How long the ledger is kept.

网络安全法 asks for logs of at least six months, 政务数据共享条例 Art. 29 for usage records of at least three years. Whole months are
expired, oldest first, and never one that has a younger block before one of its own in a chain.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from zhengtong.contracts.traces import Block, Entry
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

#: never fewer (网络安全法)
FEWEST_MONTHS = 6
#: unless said otherwise (条例 Art. 29: three years)
USUAL_MONTHS = 36
EXPIRED = "ledger:month:expired"
#: writers' clocks may differ by this much around the turn of a month
TURN = timedelta(days=1)


class TooShort(Invalid):
    """账本至少保存六个月。"""

    code = "retention-too-short"


def month_of(moment: datetime) -> str:
    """The month of a moment as partitions are named, ``202611``; months begin at 00:00 UTC."""
    return moment.astimezone(UTC).strftime("%Y%m")


def months_before(month: str, count: int) -> str:
    """
    The month ``count`` months before.

    :raises ValueError: if ``month`` is not of the form ``202611``.
    """
    number = int(month[:4]) * 12 + int(month[4:]) - 1 - count
    return f"{number // 12:04}{number % 12 + 1:02}"


def end_of(month: str) -> datetime:
    """The moment at which a month is over."""
    following = months_before(month, -1)
    return datetime(int(following[:4]), int(following[4:]), 1, tzinfo=UTC)


def to_expire(months: Iterable[str], *, keep_months: int, now: datetime) -> list[str]:
    """
    Which of ``months`` are older than ``keep_months`` whole months, oldest first.

    :raises TooShort: if ``keep_months`` is below the statutory minimum.
    """
    if keep_months < FEWEST_MONTHS:
        raise TooShort(say("账本至少保留 {fewest} 个月(网络安全法)", fewest=FEWEST_MONTHS), field="keep_months")
    oldest_kept = months_before(month_of(now), keep_months)
    return sorted(month for month in months if month < oldest_kept)


def recorded_ends(entries: Iterable[Entry]) -> dict[str, tuple[int, str]] | None:
    """Where each chain's expired part ends, if one of ``entries`` records an expiry; the last one counts, as it repeats the earlier."""
    found = None
    for entry in entries:
        if entry.event == EXPIRED:
            found = {chain: (int(height), str(hash_)) for chain, (height, hash_) in entry.detail["ends"].items()}
    return found


def mentions_expiry(block: Block) -> bool:
    """Whether it is worth decoding a block to look for an expiry."""
    return EXPIRED.encode() in block.body
