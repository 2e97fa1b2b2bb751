"""
Calls to one origin that the installation itself names, and to nowhere else; signed where the platform calls its own gateway as any other
caller does.

Threat model. A page makes the platform call an address that its reader chose (SSRF). The origin comes from the environment alone, the
caller gives path and query only, redirects are not followed, and answers are bounded in size and time.
"""

from __future__ import annotations

import http.client
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from zhengtong.engines.crypto import requests
from zhengtong.engines.crypto.requests import SigningKey
from zhengtong.kernel.errors import Party, Unavailable
from zhengtong.kernel.sentences import say

_MOST_BYTES = 1 << 20


class OriginSilent(Unavailable):
    """The service does not answer; try again later."""

    code = "origin-silent"
    party = Party.PLATFORM


@dataclass(frozen=True)
class Answer:
    """What came back; ``cut`` says whether the body was longer than a page can show."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes
    cut: bool


@dataclass(frozen=True)
class Request:
    """A request that is ready to be sent: target with its query, headers, body."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


def signed(
    key: SigningKey, *, method: str, path: str, purpose: str, case: str, now: datetime, query: str = "", body: bytes = b""
) -> Request:
    """
    A request under RFC 9421 that states what it is for: a purpose of the grant, and the case.

    :param path: percent-encoded; :param query: without its question mark.
    """
    stated = f"{purpose};case={quote(case)}" if case else purpose
    nonce, created = secrets.token_urlsafe(18), int(now.timestamp())
    headers = requests.sign(key, method=method, path=path, query=query, purpose=stated, body=body, created=created, nonce=nonce)
    return Request(method, f"{path}?{query}" if query else path, headers, body)


@dataclass(frozen=True)
class Origin:
    """A service by ``scheme://host:port``. Seconds bound connecting and every reading."""

    url: str
    seconds: float = 15.0

    def call(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """
        Send one request. ``target`` is a path with its query, both percent-encoded.

        :raises OriginSilent: if nobody answers there in time.
        :raises ValueError: if the target names another place.
        """
        parts = urlsplit(self.url)
        if not target.startswith("/") or target.startswith("//"):
            raise ValueError("a target is a path on this origin")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self.seconds)
        try:
            connection.request(method, target, body=body or None, headers=dict(headers))
            response = connection.getresponse()
            content = response.read(_MOST_BYTES + 1)
            return Answer(response.status, response.reason, response.getheaders(), content[:_MOST_BYTES], len(content) > _MOST_BYTES)
        except (OSError, http.client.HTTPException) as exc:
            raise OriginSilent(
                say("服务 {url} 没有应答", url=self.url), remedy="确认网关进程在运行,地址由 ZHENGTONG_GATEWAY_URL 设定"
            ) from exc
        finally:
            connection.close()
