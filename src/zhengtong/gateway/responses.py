"""Answers as bytes: header lines and envelopes, ours and the national one."""

from __future__ import annotations

from typing import Any

import msgspec

from zhengtong.gateway import english
from zhengtong.gateway.refusals import Refusal, Unidentified
from zhengtong.gateway.tables import Spent

_json = msgspec.json.Encoder().encode
_COMMON = b"cache-control: no-store\r\nx-content-type-options: nosniff\r\n"
JSON = b"content-type: application/json; charset=utf-8\r\n" + _COMMON
NDJSON = b"content-type: application/x-ndjson; charset=utf-8\r\n" + _COMMON
CSV = b"content-type: text/csv; charset=utf-8; header=present\r\n" + _COMMON
TEXT = b"content-type: text/plain; version=0.0.4; charset=utf-8\r\n" + _COMMON
NATIONAL = "gjzwfwpt"


def limits(spent: Spent, per_day: int, reset: int) -> bytes:
    """The ``RateLimit`` lines: the day's calls, those left, and seconds until the next day."""
    return b"ratelimit-limit: %d\r\nratelimit-remaining: %d\r\nratelimit-reset: %d\r\n" % (per_day, spent.day, reset)


def page(rows: bytes, cursor: str | None, request_id: str, national: str) -> bytes:
    """A page of rows; ``rows`` is a JSON array."""
    following = b'"%b"' % cursor.encode() if cursor else b"null"
    start = b'{"code":"200","message":"ok","data":' if national == NATIONAL else b'{"data":'
    return b'%b%b,"next":%b,"request_id":"%b"}' % (start, rows, following, request_id.encode())


def document(content: Any, request_id: str, national: str) -> bytes:
    """A JSON object as it is, or inside the national envelope."""
    if national == NATIONAL:
        return _json({"code": "200", "message": "ok", "data": content, "request_id": request_id})
    return _json({**content, "request_id": request_id})


def refusal(refused: Refusal, request_id: str, national: str, accept_language: bytes = b"") -> tuple[int, bytes, bytes]:
    """Status, header lines and body of a refusal, in Chinese unless the caller's ``Accept-Language`` begins with English."""
    content = refused.as_dict()
    if english.wanted(accept_language):
        words = {"message": refused.sentence, "remedy": refused.remedy}
        content |= {name: english.in_english(sentence) for name, sentence in words.items() if sentence}
    content["request_id"] = request_id
    head = JSON
    if refused.retry_after:
        head += b"retry-after: %d\r\n" % refused.retry_after
    if isinstance(refused, Unidentified) and refused.status == 401:  # noqa: PLR2004 - Unauthorized asks for a challenge
        head += b'www-authenticate: Signature realm="zhengtong"\r\n'
    if national == NATIONAL:
        return refused.status, head, _json({"code": "300", "message": content["message"], "data": content})
    return refused.status, head, _json(content)
