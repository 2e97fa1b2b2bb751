"""
Fair shares: each address, and each key, has a bucket of questions that fills up again, a number of questions at once, and perhaps a day's.

Threat model. One caller asks so much that others wait, or spreads its questions over processes. What it asked is counted in one file that
all processes of a machine map, ``web`` and gateway alike, as nonces and grants' quotas are (``gateway.tables``); IPv6 counts by the /64
that one subscriber has. The table is bounded: a caller without a place takes that of the one among its neighbours whose bucket is
fullest, so that a flood of addresses gains nothing by pushing others out. How many questions are open at once is counted by each process,
whose connections it protects. Not defended: a second machine, which counts for itself.
"""

from __future__ import annotations

import fcntl
import hashlib
import math
import mmap
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from pathlib import Path

from zhengtong.gateway.mapped import HEADER_WORDS, WORD, key_of, mapped
from zhengtong.gateway.moments import SECOND, Moments
from zhengtong.gateway.refusals import QuotaExhausted, RateExceeded, Refusal

#: callers that are remembered at a time
SLOTS = 2**16
#: places in which a caller may stand
_REACH = 16
# words of a place
_OWNER, _DAY, _USED, _ARRIVAL, _WORDS = 0, 1, 2, 3, 4


@dataclass(frozen=True)
class Share:
    """
    What a caller gets: questions a second in the long run, so many in a row, so many at once, and so many a day. ``per_second`` 0: no
    bound at all; ``per_day`` 0: none by the day.
    """

    per_second: float = 20.0
    burst: int = 120
    at_once: int = 16
    per_day: int = 0

    @property
    def window(self) -> int:
        """Seconds in which an empty bucket fills up."""
        return math.ceil(self.burst / self.per_second) if self.per_second else 0


@dataclass(frozen=True)
class Left:
    """What is left of a share: questions in a row, seconds until the bucket is full again, and questions of the day (None: no bound)."""

    share: Share
    remaining: int
    reset: int
    today: int | None = None

    @property
    def lines(self) -> bytes:
        """The header lines ``RateLimit-*`` (draft-ietf-httpapi-ratelimit-headers); the policy says the day's bound too."""
        share = self.share
        policy = b"%d;w=%d" % (share.burst, share.window) + (b", %d;w=86400" % share.per_day if share.per_day else b"")
        lines = b"ratelimit-limit: %d\r\nratelimit-remaining: %d\r\nratelimit-reset: %d\r\nratelimit-policy: %b\r\n"
        return lines % (share.burst, self.remaining, self.reset, policy)


class Shares:
    """
    The buckets of a machine, in a file that its processes share.

    :param path: the file; None for buckets of this process alone.
    """

    def __init__(self, path: Path | None, moments: Moments, slots: int = SLOTS) -> None:
        self._moments, self._mask = moments, slots - 1
        words = slots * _WORDS
        if path is None:
            self._lock = -1
            self._table = memoryview(mmap.mmap(-1, (HEADER_WORDS + words) * WORD)).cast("Q")
            self._key = os.urandom(2 * WORD)
        else:
            self._table, self._lock = mapped(path, words, slots, moments.time_ns() // SECOND)
            self._key = key_of(self._table)
        self._open: Counter[int] = Counter()

    def close(self) -> None:
        """Let the file go."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    @contextmanager
    def taken(self, caller: str, share: Share, used: int = 0) -> Iterator[Left]:
        """
        Take a question from a caller's share for the time of the block.

        :param used: of the day's questions, as far as a lasting record knows; the table may have forgotten them.
        :raises RateExceeded: with ``retry_after`` and the header ``lines``, if nothing is left.
        :raises QuotaExhausted: as above, if the day's questions are used up.
        """
        if not share.per_second:
            yield Left(share, share.burst, 0)
            return
        owner = self._owner(caller)
        left = self._spent(owner, share, times=1, room=self._open[owner] < share.at_once, known=used)
        self._open[owner] += 1
        try:
            yield left
        finally:
            self._open[owner] -= 1
            if not self._open[owner]:
                del self._open[owner]

    def require(self, caller: str, share: Share) -> None:
        """
        See that something is left of a share without taking any.

        :raises RateExceeded, QuotaExhausted: as :meth:`taken`.
        """
        self._spent(self._owner(caller), share, times=0)

    def spend(self, caller: str, share: Share) -> None:
        """
        Take a question that lasts no time.

        :raises RateExceeded, QuotaExhausted: as :meth:`taken`.
        """
        self._spent(self._owner(caller), share, times=1)

    def _owner(self, caller: str) -> int:
        return int.from_bytes(hashlib.blake2b(caller.encode(), digest_size=WORD, key=self._key).digest(), "big") or 1

    def _spent(self, owner: int, share: Share, *, times: int, room: bool = True, known: int = 0) -> Left:
        """The generic cell rate algorithm: a bucket is kept as the moment at which it will be full again."""
        now, day = self._moments.read(), self._moments.day
        each = int(SECOND / share.per_second)
        whole, table = each * share.burst, self._table
        if self._lock >= 0:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            at = self._place(owner)
            if table[at + _DAY] != day:
                table[at + _DAY], table[at + _USED] = day, 0
            # a clock that was set back makes nobody wait longer than an empty bucket does
            table[at + _ARRIVAL] = min(table[at + _ARRIVAL], now + whole)
            used, arrival = max(table[at + _USED], known), max(table[at + _ARRIVAL], now)
            ahead = arrival + each - now
            if share.per_day and used >= share.per_day:
                raise _refused(
                    QuotaExhausted(remedy="明天再来,或请主管部门调整配额"), self._moments.until_tomorrow, _left(share, 0, 0, used)
                )
            if ahead > whole or not room:
                remaining = (whole - arrival + now) // each
                wait = max(1, math.ceil((ahead - whole) / SECOND))
                refused = RateExceeded(remedy="稍等再试;要全部数据请下载文件")
                raise _refused(refused, wait, _left(share, remaining, arrival - now, used))
            if times:
                table[at + _ARRIVAL], table[at + _USED] = arrival + each, used + 1
            return _left(share, (whole - ahead) // each, ahead, used + times)
        finally:
            if self._lock >= 0:
                fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _place(self, owner: int) -> int:
        """Where a caller stands; a new one takes the free place, else that of the neighbour whose bucket is fullest."""
        table, mask = self._table, self._mask
        fullest = 0
        for step in range(_REACH):
            at = HEADER_WORDS + ((owner + step) & mask) * _WORDS
            holder = table[at + _OWNER]
            if holder == owner:
                return at
            if not holder:
                fullest = at
                break
            if not fullest or table[at + _ARRIVAL] < table[fullest + _ARRIVAL]:
                fullest = at
        table[fullest + _DAY] = table[fullest + _USED] = table[fullest + _ARRIVAL] = 0
        table[fullest + _OWNER] = owner
        return fullest


def _left(share: Share, remaining: int, ahead: int, used: int) -> Left:
    today = max(0, share.per_day - used) if share.per_day else None
    return Left(share, max(0, remaining if today is None else min(remaining, today)), math.ceil(ahead / SECOND), today)


def _refused(refused: RateExceeded | QuotaExhausted, wait: int, left: Left) -> Refusal:
    refused.retry_after, refused.lines = wait, left.lines
    return refused


def subscriber(address: str) -> str:
    """Whom an address stands for: of IPv6 the /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Address(int(parsed) >> 64 << 64)) if isinstance(parsed, IPv6Address) and not parsed.ipv4_mapped else address
