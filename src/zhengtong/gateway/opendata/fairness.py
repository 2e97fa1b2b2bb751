"""
Fair shares for callers that nobody knows: each address has a bucket of questions that fills up again, and a number of questions at once.

Threat model. One address asks so much that others wait. Its share is bounded in rate and in what it holds at the same time; IPv6 counts by
the /64 that one subscriber has. The table of addresses is bounded: when it is full, the address that asked longest ago starts anew.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from zhengtong.gateway.refusals import RateExceeded

_KEPT = 50_000


@dataclass(frozen=True)
class Share:
    """What one address gets: questions a second in the long run, so many in a row, and so many at once. ``per_second`` 0: no bound."""

    per_second: float = 20.0
    burst: int = 120
    at_once: int = 16


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float
    open: int = 0


class Shares:
    """The buckets of one process. Moments in seconds of a clock that never goes back."""

    def __init__(self, share: Share) -> None:
        self.share = share
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    @contextmanager
    def taken(self, address: str, now: float) -> Iterator[tuple[int, int, int]]:
        """
        Take a question from an address's share for the time of the block: the share, what is left of it, seconds until it is full again.

        :raises RateExceeded: with ``retry_after``, if nothing is left.
        """
        share = self.share
        if not share.per_second:
            yield share.burst, share.burst, 0
            return
        bucket = self._bucket(_subscriber(address), now)
        if bucket.left < 1 or bucket.open >= share.at_once:
            refused = RateExceeded(remedy="稍等再试;要全部数据请下载文件")
            refused.retry_after = max(1, math.ceil((1 - bucket.left) / share.per_second))
            raise refused
        bucket.left -= 1
        bucket.open += 1
        try:
            yield share.burst, int(bucket.left), math.ceil((share.burst - bucket.left) / share.per_second)
        finally:
            bucket.open -= 1

    def _bucket(self, address: str, now: float) -> _Bucket:
        bucket = self._buckets.pop(address, None)
        if bucket is None:
            if len(self._buckets) >= _KEPT:
                self._buckets.popitem(last=False)
            bucket = _Bucket(float(self.share.burst), now)
        self._buckets[address] = bucket
        bucket.left = min(float(self.share.burst), bucket.left + (now - bucket.at) * self.share.per_second)
        bucket.at = now
        return bucket


def _subscriber(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Address(int(parsed) >> 64 << 64)) if isinstance(parsed, IPv6Address) and not parsed.ipv4_mapped else address
