"""
Keys of open data as the interface of rows is shown them: ``Authorization: Bearer <key>``.

Threat model. Somebody uses a key after it was revoked, blocked or replaced, under a grant that was suspended, ended or expired, for another
dataset, or for items that were not granted; somebody tries keys out. So nothing is remembered: the key and its grant are looked up for
every question, and again every second of a stream. Wrong keys are counted by address, and a caller with too many of them is refused before
the look-up. The rule is ``contracts.open_keys``, as for the files that a grant's key opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from zhengtong.contracts import open_keys
from zhengtong.gateway.moments import SECOND
from zhengtong.gateway.opendata.fairness import Share
from zhengtong.gateway.opendata.refusals import GrantStopped, KeyBlocked, KeyRefused
from zhengtong.kernel.clock import CHINA
from zhengtong.kernel.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhengtong.gateway.database import Line

#: wrong keys from one address
WRONG = Share(per_second=0.2, burst=30)
#: what a developer asks is counted under this kind
ASKED, REFUSED, ANSWERED = "asked", "refused", "rows"
_LONGEST = 128
_GRANT = "select key, expires_at, revoked_at, grant_number, state, until, reason, items, dataset from opened.grant_keys where digest = $1"
_DEVELOPER = (
    "select key, expires_at, revoked_at, key_blocked, developer, blocked, per_second, per_day,"
    " coalesce((select u.count from opened.uses u where u.caller = 'developer:' || developer and u.kind = 'asked' and u.day = $2), 0)"
    " as used"
    " from opened.developer_keys where digest = $1"
)


@dataclass(frozen=True)
class GrantKey:
    """A key of a grant: what it opens, and how it stands today."""

    key: int
    grant: str
    dataset: int
    items: tuple[str, ...]
    standing: str
    reason: str

    @property
    def caller(self) -> str:
        """Under which name its use is counted."""
        return f"key:{self.key}"

    def require(self, dataset: int) -> None:
        """
        See that the key opens a dataset.

        :raises KeyRefused: if it is of a grant of another one.
        :raises GrantStopped: if the grant is suspended, ended or expired.
        """
        if dataset != self.dataset:
            raise KeyRefused(field="authorization", remedy="这个密钥属于另一个数据集的授权")
        if self.standing != "active":
            told = say("授权{number}{state}", number=self.grant, state=say(open_keys.GRANT_LABELS[self.standing]))
            raise GrantStopped(told, field="authorization", remedy=self.reason or "到期后可以重新申请")


@dataclass(frozen=True)
class DeveloperKey:
    """A key of a developer: the share it gives, and how many of the day's questions were used."""

    key: int
    developer: int
    share: Share
    used: int

    @property
    def caller(self) -> str:
        """Under which name its use is counted: all keys of a developer have one share."""
        return f"developer:{self.developer}"


Bearer = GrantKey | DeveloperKey


def sent(headers: Mapping[bytes, bytes]) -> str:
    """The key in a call's headers: as a bearer's, or by itself, as CKAN's clients send theirs; empty without one."""
    scheme, _space, key = headers.get(b"authorization", b"").partition(b" ")
    if scheme.decode("latin-1").startswith((open_keys.DEVELOPER_PREFIX, open_keys.GRANT_PREFIX)) and not key:
        return scheme.decode("latin-1")
    return key.strip().decode("latin-1") if scheme.lower() == b"bearer" else ""


async def found(line: Line, text: str, *, now_ns: int) -> Bearer:
    """
    The key that a text is.

    :raises KeyRefused: if it is none that works.
    :raises KeyBlocked: if the bureau blocked it, or whoever holds it.
    """
    now = datetime.fromtimestamp(now_ns / SECOND, UTC)
    today = now.astimezone(CHINA).date()
    if text.startswith(open_keys.DEVELOPER_PREFIX) and len(text) <= _LONGEST:
        return await _developer(line, open_keys.proof(text), now, today)
    if text.startswith(open_keys.GRANT_PREFIX) and len(text) <= _LONGEST:
        return await _grant(line, open_keys.proof(text), now, today)
    raise KeyRefused(field="authorization", remedy="密钥以 zt_ 或 ztd_ 开头,检查是否完整")


async def _grant(line: Line, digest: str, now: datetime, today: date) -> GrantKey:
    for one in await line.fetch(_GRANT, digest):
        if open_keys.is_live(expires_at=one["expires_at"], revoked_at=one["revoked_at"], now=now):
            standing = open_keys.standing(one["state"], one["until"], today)
            return GrantKey(one["key"], one["grant_number"], one["dataset"], tuple(one["items"]), standing, one["reason"])
    raise KeyRefused(field="authorization", remedy="凭回执编号和查询码打开申请页面,换一个新密钥")


async def _developer(line: Line, digest: str, now: datetime, today: date) -> DeveloperKey:
    for one in await line.fetch(_DEVELOPER, digest, today):
        if not open_keys.is_live(expires_at=one["expires_at"], revoked_at=one["revoked_at"], now=now):
            break
        if blocked := one["key_blocked"] or one["blocked"]:
            raise KeyBlocked(field="authorization", remedy=blocked)
        share = Share(per_second=one["per_second"], burst=one["per_second"] * open_keys.BURST_SECONDS, per_day=one["per_day"])
        return DeveloperKey(one["key"], one["developer"], share, one["used"])
    raise KeyRefused(field="authorization", remedy="在开发者页面换一个新密钥,或去掉 Authorization 头")
