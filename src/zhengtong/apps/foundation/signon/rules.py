"""
Pure rules of signing on: what a relying system may ask for, where answers go, what it is told, when somebody must prove anew who they are.

Threat model. A system that is not ours gets an answer (addresses are compared to the letter, are https, and name no wildcard); two systems
find out that they know the same person (a subject is a keyed digest per sector, from which neither account nor other subjects follow); a
system learns more than its work needs (nothing but the subject unless a scope was approved, and asked for).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from zhengtong.engines.crypto.digests import pseudonym
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

#: what a system may be told, in the words of the page that asks for consent
SCOPE_LABELS = {
    "openid": "在本系统内识别您的编号(与其他系统看到的不同)",
    "profile": "您的姓名",
    "office": "您所在的单位和您的业务角色",
}
CODE_SECONDS = 60
ACCESS_SECONDS = 600
ID_TOKEN_SECONDS = 300
#: an unused refresh token is dead so long after its access token
IDLE_REFRESH_SECONDS = 1800
#: between being sent to the sign-in page and coming back
_MOST_ASKED = timedelta(minutes=10)
_PROMPTS = {"none", "login", "consent", "select_account"}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_MOST_ADDRESSES = 10
_CLIENT_ID = re.compile(r"[a-z][a-z0-9-]{2,39}")


def is_client_id(text: str) -> bool:
    """Whether a text can name a relying system."""
    return _CLIENT_ID.fullmatch(text) is not None


def addresses(texts: Iterable[str], *, field: str) -> list[str]:
    """
    Addresses to which answers may go, each once, as they were written.

    :raises Invalid: if one is not absolute https (http on this machine alone), or carries a fragment, a wildcard or a user name.
    """
    found = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    for one in found:
        try:
            parts = urlsplit(one)
            host, _port = parts.hostname or "", parts.port
        except ValueError as exc:
            raise _no_address(one, field) from exc
        secure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
        if not secure or not host or "#" in one or "*" in one or parts.username is not None or any(mark.isspace() for mark in one):
            raise _no_address(one, field)
    if len(found) > _MOST_ADDRESSES:
        raise Invalid(say("地址最多 {most} 个", most=_MOST_ADDRESSES), field=field, remedy="删去不用的地址")
    return found


def _no_address(text: str, field: str) -> Invalid:
    return Invalid(
        say("不能用作跳转地址:{text}", text=text),
        field=field,
        remedy="写完整的 https 地址,不含 # 和 *;只有本机调试可以用 http://127.0.0.1",
    )


def sector(redirects: Iterable[str], named: str = "") -> str:
    """
    The sector within which a person has one subject: the one named, or the one host of all redirect addresses (OpenID Connect Core §8.1).

    :raises Invalid: if the addresses have several hosts and none is named.
    """
    if named.strip():
        return named.strip().lower()
    hosts = {urlsplit(one).hostname or "" for one in redirects}
    if len(hosts) != 1:
        raise Invalid("回调地址分属几个主机,请写明编号范围", field="sector", remedy="填一个主机名,同一范围内的系统看到同一编号")
    return hosts.pop().lower()


def scopes(wanted: Iterable[str]) -> list[str]:
    """
    The scopes that a system may ask for, ``openid`` always among them.

    :raises Invalid: if there is no such scope.
    """
    chosen = {"openid", *wanted}
    if unknown := chosen - set(SCOPE_LABELS):
        raise Invalid(say("没有这项授权范围:{scope}", scope=min(unknown)), field="scopes", remedy="从列出的范围中选择")
    return [one for one in SCOPE_LABELS if one in chosen]


def subject(key: bytes, within: str, account_id: int) -> str:
    """The name of an account towards the systems of a sector: always the same there, another elsewhere."""
    return pseudonym(key, f"sign-on:{within}", str(account_id))


def session_name(key: bytes, within: str, handle: str) -> str:
    """The name of a signed-in browser towards the systems of a sector."""
    return pseudonym(key, f"sign-on-session:{within}", handle)


def claims(actor: Actor, wanted: Iterable[str]) -> dict[str, Any]:
    """What a system learns of a person beyond the subject. Citizens have no office and no roles."""
    asked, told = set(wanted), dict[str, Any]()
    if "profile" in asked:
        told["name"] = actor.name
    if "office" in asked and actor.office:
        told |= {"office": actor.office, "office_name": actor.office_name}
        told["roles"] = [{"role": role.value, "office": office} for role, office in sorted(actor.roles)]
    return told


@dataclass(frozen=True)
class Wish:
    """How a system wants somebody signed in (OpenID Connect Core §3.1.2.1): ``max_age`` in seconds, None for any."""

    silent: bool
    login: bool
    consent: bool
    max_age: int | None

    def satisfied(self, *, signed_in_at: datetime, now: datetime, asked_at: datetime | None) -> bool:
        """Whether who signed in at that time need not prove anew who they are; ``asked_at`` is when they were last sent to do it."""
        if asked_at is not None and signed_in_at >= asked_at >= now - _MOST_ASKED:
            return True
        return not self.login and (self.max_age is None or now - signed_in_at <= timedelta(seconds=self.max_age))


def wish(prompt: str, max_age: str) -> Wish:
    """
    Read ``prompt`` and ``max_age``.

    :raises Invalid: if a value is unknown, or ``none`` does not stand alone.
    """
    words = set(prompt.split())
    if words - _PROMPTS or ("none" in words and len(words) > 1):
        raise Invalid("prompt must be none, or any of login, consent and select_account", field="prompt")
    if max_age and not (max_age.isascii() and max_age.isdigit()):
        raise Invalid("max_age must be a number of seconds", field="max_age")
    return Wish("none" in words, bool(words & {"login", "select_account"}), "consent" in words, int(max_age) if max_age else None)
