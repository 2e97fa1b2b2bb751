"""What a verifier elsewhere needs: certificates and public keys of this installation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zhengtong.apps.affairs.licences.rules.documents import b64
from zhengtong.toolkit.certificates import pem, signer
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.keys import node_keys

_BYTES = 32


def published_keys(*, now: datetime) -> dict[str, Any]:
    """Certificate and authority as PEM, the certificate's key as JWK, and the node's keys, present and earlier, by key id."""
    stamp = signer(now=now)
    numbers = stamp.key.public_key().public_numbers()

    return {
        "node": environment().node,
        "certificate_id": stamp.key_id,
        "certificate": pem(stamp.certificate),
        "authority": pem(stamp.authority),
        "jwk": {"kty": "EC", "crv": "P-256", "x": b64(numbers.x.to_bytes(_BYTES, "big")), "y": b64(numbers.y.to_bytes(_BYTES, "big"))},
        "keys": {key.key_id: {"scheme": key.scheme.value, "public": key.raw.hex()} for key in node_keys().trusted.values()},
    }
