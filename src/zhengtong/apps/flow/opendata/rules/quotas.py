"""How much anybody may do a day, in one place: by address without a key, by key with one."""

from __future__ import annotations

from zhengtong.kernel.errors import Refused

#: kind → times a day from one address
BY_ADDRESS = {"request": 5, "link": 30, "developer": 5}
#: kind → times a day with one key
BY_KEY = {"download": 100}


class TooMany(Refused):
    """今天的次数已用完,请明天再来。"""

    code = "too-many"
    status = 429


def limit(caller: str, kind: str) -> int:
    """
    How often a caller may do something a day.

    :raises KeyError: for a kind that nobody counts.
    """
    return (BY_KEY if caller.startswith("key:") else BY_ADDRESS)[kind]
