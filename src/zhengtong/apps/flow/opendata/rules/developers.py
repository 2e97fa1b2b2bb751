"""Developers' keys: what must be said to get some, how many, how long, and which quotas the bureau may give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from zhengtong.contracts import open_keys
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import say

#: how long a key works, and how long beside the one that replaces it
TERM, OVERLAP = timedelta(days=365), timedelta(days=7)
MOST_KEYS = 5


@dataclass(frozen=True)
class Rate:
    """Questions a second in the long run, in a row, and a day (0: no bound)."""

    per_second: float
    burst: int
    per_day: int


#: what an address has without a key (the gateway's ``Share``; a test holds it to that), and a developer unless decided otherwise
FREE_SHARE = Rate(20, 120, 0)
KEYED_SHARE = Rate(open_keys.DEVELOPER_A_SECOND, open_keys.DEVELOPER_A_SECOND * open_keys.BURST_SECONDS, open_keys.DEVELOPER_A_DAY)
MOST_A_SECOND, MOST_A_DAY = 1_000, 50_000_000
_LONGEST = {"name": 120, "contact": 120, "purpose": 2_000}


class TooManyKeys(Conflict):
    """有效的密钥已达上限。"""

    code = "too-many-keys"


@dataclass(frozen=True)
class Registration:
    """What a developer says: who they are, how they are reached, what for."""

    name: str
    contact: str
    purpose: str

    def check(self) -> None:
        """
        See that everything is said.

        :raises Invalid: naming what is missing or too long.
        """
        for field, most in _LONGEST.items():
            if not 0 < len(getattr(self, field).strip()) <= most:
                raise Invalid(say("这一项必须填写,最多 {most} 字", most=most), field=field, remedy="填写后再提交")


def check_key_name(name: str) -> str:
    """
    The name of a key as it is kept.

    :raises Invalid: if it is empty or too long.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= 60:  # noqa: PLR2004 - as the column has it
        raise Invalid("密钥要有名称,最多 60 字", field="name", remedy="写明用在哪个程序里")
    return name


def check_quota(per_second: int, per_day: int, reason: str) -> None:
    """
    See that a quota can be given.

    :raises Invalid: naming the bound, or without a reason.
    """
    for field, value, most in (("per_second", per_second, MOST_A_SECOND), ("per_day", per_day, MOST_A_DAY)):
        if not 0 < value <= most:
            raise Invalid(say("配额应在 1 到 {most} 之间", most=most), field=field, remedy="改成这个范围里的整数")
    check_reason(reason)


def check_reason(reason: str) -> None:
    """
    See that a reason is given.

    :raises Invalid: without one.
    """
    if not reason.strip():
        raise Invalid("请说明理由,开发者会看到", field="reason", remedy="写明依据")
