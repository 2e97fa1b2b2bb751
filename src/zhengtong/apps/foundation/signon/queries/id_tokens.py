"""
Reading ID tokens of our own that come back as hints (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2).

Threat model. A forged or foreign token as a hint: signature, algorithm and issuer are checked against our own keys. An old one is fine, as
a hint opens nothing: it only says whom a system thinks it deals with.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.http import HttpRequest
from jwcrypto.common import JWException
from jwcrypto.jws import JWS
from oauth2_provider.settings import oauth2_settings

from zhengtong.toolkit.token_keys import token_keys

_LONGEST = 8192


def issuer(request: HttpRequest) -> str:
    """The name of this installation towards other systems: as set, else as it was addressed."""
    return str(oauth2_settings.oidc_issuer(request))


@dataclass(frozen=True)
class Hint:
    """Whom a system was told of: itself, the person's subject there, the browser's name there."""

    client_id: str
    subject: str
    session: str


def read_hint(text: str, *, issuer: str) -> Hint | None:
    """What an ID token of ours says, expired or not; None for anything else."""
    try:
        read = JWS()
        read.allowed_algs = ["RS256"]
        read.deserialize(text[:_LONGEST])
        key = token_keys().trusted.get(str(read.jose_header.get("kid", "")))
        if key is None:
            return None
        read.verify(key)
        said = json.loads(read.payload)
    except (JWException, ValueError, TypeError):
        return None
    if said.get("iss") != issuer:
        return None
    return Hint(str(said.get("aud", "")), str(said.get("sub", "")), str(said.get("sid", "")))
