"""
Sign an HTTP request with a shared secret (RFC 9421 with ``hmac-sha256``, or HMAC-SM3 as our registered extension), as the gateway expects.

Method, path, query, the purpose and, where there is a body, its digest (RFC 9530) are covered; ``created`` and a nonce bound replays.
"""

from __future__ import annotations

import base64
import hashlib
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
