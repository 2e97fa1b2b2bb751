"""
Sign an HTTP request with a shared secret, and check one (RFC 9421 with ``hmac-sha256``, or HMAC-SM3 as our registered extension), as the
gateway expects.

Method, path, query, the purpose and, where there is a body, its digest (RFC 9530) are covered; ``created`` and a nonce bound replays.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from zhengtong.engines.crypto.digests import Digest


@dataclass(frozen=True)
class SigningKey:
    """A secret that a caller shares with the gateway."""

    key_id: str
    digest: Digest
    secret: bytes = field(repr=False)


def content_digest(body: bytes) -> str:
    """The value of ``Content-Digest`` for a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def sign(key: SigningKey, *, method: str, path: str, query: str, purpose: str, body: bytes, created: int, nonce: str) -> dict[str, str]:
    """
    The headers that make a request ours.

    :param path: as it is sent, percent-encoded; :param query: without its question mark.
    :param nonce: 8 to 128 characters, never used before.
    """
    headers = {"zhengtong-purpose": purpose}
    covered = {"@method": method, "@path": path, "@query": f"?{query}", "zhengtong-purpose": purpose}
    if body:
        headers["content-type"] = "application/json"
        headers["content-digest"] = covered["content-digest"] = content_digest(body)
    listed = " ".join(f'"{name}"' for name in covered)
    member = f'({listed});created={created};nonce="{nonce}";keyid="{key.key_id}"'
    base = "\n".join([*(f'"{name}": {value}' for name, value in covered.items()), f'"@signature-params": {member}'])
    signature = base64.b64encode(key.digest.keyed(key.secret, base.encode())).decode()
    return {**headers, "signature-input": f"sig={member}", "signature": f"sig=:{signature}:"}


class Unsigned(Exception):
    """A request is not signed as :func:`sign` does it; the message says what is wrong with it."""


@dataclass(frozen=True)
class Stated:
    """What a signature says of itself; nothing of it is true before :func:`check`."""

    key_id: str
    created: int
    nonce: str
    member: str
    signature: bytes


_STATED = re.compile(r'sig=(\(([^()]*)\);created=([0-9]{1,15});nonce="([ !#-\[\]-~]{8,128})";keyid="([ !#-\[\]-~]{1,64})")')
_COVERED = '"@method" "@path" "@query" "zhengtong-purpose"'


def stated(headers: Mapping[str, str], *, body: bytes) -> Stated:
    """
    Read the signature of a request that covers exactly what :func:`sign` covers; header names without regard to case.

    :raises Unsigned: if there is none, or it covers less.
    """
    found = _STATED.fullmatch(headers.get("signature-input", ""))
    given = headers.get("signature", "")
    if found is None or not (given.startswith("sig=:") and given.endswith(":")):
        raise Unsigned("no signature of the form that is asked for")
    member, listed, created, nonce, key_id = found.groups()
    if listed != _COVERED + (' "content-digest"' if body else ""):
        raise Unsigned("the signature does not cover method, path, query, purpose and the digest of the body")
    try:
        signature = base64.b64decode(given[5:-1], validate=True)
    except ValueError as exc:
        raise Unsigned("the signature is not base64") from exc
    return Stated(key_id, int(created), nonce, member, signature)


def check(one: Stated, key: SigningKey, headers: Mapping[str, str], *, method: str, path: str, query: str, body: bytes) -> None:
    """
    Whether a signature was made with a key over this very request. The caller looks at ``created`` and whether the nonce is new.

    :raises Unsigned: if it was not.
    """
    covered = {"@method": method, "@path": path, "@query": f"?{query}", "zhengtong-purpose": headers.get("zhengtong-purpose", "")}
    if body:
        covered["content-digest"] = content_digest(body)
    base = "\n".join([*(f'"{name}": {value}' for name, value in covered.items()), f'"@signature-params": {one.member}'])
    if not hmac.compare_digest(key.digest.keyed(key.secret, base.encode()), one.signature):
        raise Unsigned("the signature does not fit the request")
