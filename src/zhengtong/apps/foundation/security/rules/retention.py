"""
How long the ledger is kept.

网络安全法 asks for logs of at least six months, 政务数据共享条例 Art. 29 for usage records of at least three years. Whole months of all
chains together are expired, oldest first, and never one that has a younger block before one of its own in a chain: a month stays until
everything in it may go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from zhengtong.contracts.traces import Block, Entry
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

#: records of use, never fewer (政务数据共享条例 Art. 29: three years)
FEWEST_USE_MONTHS = 36
#: records of administration, never fewer (网络安全法: six months)
FEWEST_ACTS_MONTHS = 6
EXPIRED = "ledger:month:expired"
#: writers' clocks may differ by this much around the turn of a month
TURN = timedelta(days=1)


class TooShort(Invalid):
    """账本的保存期限短于法定期限。"""

    code = "retention-too-short"


@dataclass(frozen=True)
class Retention:
    """
    How many whole months records of use (gateways' chains, deliveries) and of administration are kept.

    :raises TooShort: if one is below the statutory minimum.
    """

    use: int = FEWEST_USE_MONTHS
    acts: int = FEWEST_USE_MONTHS

    def __post_init__(self) -> None:
        if self.use < FEWEST_USE_MONTHS:
            law = say("数据使用记录至少保留 {fewest} 个月(政务数据共享条例第二十九条)", fewest=FEWEST_USE_MONTHS)
            raise TooShort(law, field="ZHENGTONG_KEEP_USE_MONTHS", remedy=say("设为 {fewest} 或更多", fewest=FEWEST_USE_MONTHS))
        if self.acts < FEWEST_ACTS_MONTHS:
            law = say("管理操作记录至少保留 {fewest} 个月(网络安全法)", fewest=FEWEST_ACTS_MONTHS)
            raise TooShort(law, field="ZHENGTONG_KEEP_ACTS_MONTHS", remedy=say("设为 {fewest} 或更多", fewest=FEWEST_ACTS_MONTHS))

    @property
    def months(self) -> int:
        """How long a month stays: months are removed whole, so the longer one decides."""
        return max(self.use, self.acts)


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


def to_expire(months: Iterable[str], *, kept: Retention, now: datetime) -> list[str]:
    """Which of ``months`` are older than what is kept, oldest first."""
    oldest_kept = months_before(month_of(now), kept.months)
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
