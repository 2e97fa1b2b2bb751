"""
Time and request ids for the hot path.

The kernel's clock gives datetimes; a gateway reads the clock once per request and needs the same moment as nanoseconds, as ISO text and
inside a request id, so it formats them itself: the second and the millisecond change rarely and are kept.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime

from zhengtong.kernel.clock import CHINA

_RANDOM_BYTES = 4_096
#: the first digit of the fourth group of a UUID says "variant 10" in its two high bits
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
SECOND = 1_000_000_000
_DAY = 86_400
_MICROSECONDS = 1_000_000


class Moments:
    """
    The clock of one process. ``time_ns`` gives nanoseconds since 1970.

    ``day`` is the day in China as a number (1 = 0001-01-01), which a daily quota counts in, and ``until_tomorrow`` the seconds until the
    next one begins, at least 1; both as of the last ``read``.
    """

    def __init__(self, time_ns: Callable[[], int] = time.time_ns) -> None:
        self.time_ns = time_ns
        self.day = self.until_tomorrow = 0
        self._until = self._millisecond_until = 0
        self._second_text = b""
        self._millisecond_text = ""
        self._random, self._position = "", 0
        self.read()

    def read(self) -> int:
        """The present moment in nanoseconds."""
        ns = self.time_ns()
        if not self._until - SECOND <= ns < self._until:
            self._turn(ns)
        return ns

    def iso(self, ns: int) -> bytes:
        """A moment as msgspec writes a datetime in UTC: microseconds, none if they are zero, ``Z``."""
        micro = (ns - self._until + SECOND) // 1000
        if not 0 <= micro < _MICROSECONDS:
            second, rest = divmod(ns, SECOND)
            micro, text = rest // 1000, _second(second)
        else:
            text = self._second_text
        return b"%b.%06dZ" % (text, micro) if micro else text + b"Z"

    def request_id(self, ns: int) -> str:
        """A UUIDv7 in 32 hexadecimal digits (RFC 9562 §5.7); equal in form to ``kernel.identifiers.uuid7(...).hex``."""
        if not self._millisecond_until - 1_000_000 <= ns < self._millisecond_until:
            millisecond = ns // 1_000_000
            self._millisecond_until = (millisecond + 1) * 1_000_000
            self._millisecond_text = f"{millisecond:012x}7"
        start = self._position
        if start + 19 > len(self._random):
            self._random, start = os.urandom(_RANDOM_BYTES).hex(), 0
        self._position = start + 19
        random = self._random
        return f"{self._millisecond_text}{random[start : start + 3]}{_VARIANT[random[start + 3]]}{random[start + 4 : start + 19]}"

    def _turn(self, ns: int) -> None:
        """A new second has begun."""
        second = ns // SECOND
        self._until = (second + 1) * SECOND
        self._second_text = _second(second)
        local = datetime.fromtimestamp(second, CHINA)
        self.day = local.toordinal()
        self.until_tomorrow = _DAY - (local.hour * 3_600 + local.minute * 60 + local.second)


def _second(second: int) -> bytes:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()
