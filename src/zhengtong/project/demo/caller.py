"""A calling system in sixty lines of standard library: HTTP Message Signatures (RFC 9421) with a shared secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit


@dataclass(frozen=True)
class Answer:
    """What a gateway said."""

    status: int
    body: dict[str, Any]


@dataclass(frozen=True)
class CallingSystem:
    """Calls a gateway at ``origin`` with one key, for one purpose."""

    origin: str
    key_id: str
    secret: str
    purpose: str

    def rows(self, resource: str, **filters: str) -> Answer:
        """Look rows up."""
        return self._call("GET", f"/v1/resources/{quote(resource)}/rows?{urlencode(filters)}", b"")

    def verify(self, resource: str, *, key: dict[str, str], match: dict[str, str]) -> Answer:
        """Ask whether something is so."""
        return self._call("POST", f"/v1/resources/{quote(resource)}/verify", json.dumps({"key": key, "match": match}).encode())

    def _call(self, method: str, target: str, body: bytes) -> Answer:
        headers = self._headers(method, target, body)
        request = urllib.request.Request(self.origin + target, data=body or None, method=method, headers=headers)  # noqa: S310 - our own origin
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own origin
                return Answer(answer.status, json.load(answer))
        except urllib.error.HTTPError as error:
            return Answer(error.code, json.load(error))

    def _headers(self, method: str, target: str, body: bytes) -> dict[str, str]:
        parts = urlsplit(target)
        covered = {"@method": method, "@path": parts.path, "@query": f"?{parts.query}", "zhengtong-purpose": self.purpose}
        headers = {"Zhengtong-Purpose": self.purpose}
        if body:
            covered["content-digest"] = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
            headers |= {"Content-Digest": covered["content-digest"], "Content-Type": "application/json"}
        names = " ".join(f'"{name}"' for name in covered)
        stated = f'({names});created={int(time.time())};nonce="{secrets.token_hex(12)}";keyid="{self.key_id}";alg="hmac-sha256"'
        base = "\n".join([*(f'"{name}": {value}' for name, value in covered.items()), f'"@signature-params": {stated}'])
        signature = base64.b64encode(hmac.digest(self.secret.encode(), base.encode(), "sha256")).decode()
        return {**headers, "Signature-Input": f"sig1={stated}", "Signature": f"sig1=:{signature}:"}
