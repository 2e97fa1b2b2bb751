"""
Try a granted call out: signed with a key of the actor's own calling system, sent to the gateway, traced there like any call.

Threat model. Somebody uses another office's secret, or reads a secret. Only developers of the consumer may try; the sealed secret is opened
here for one signature and never shown. A private key that the platform does not hold cannot be used, so only shared secrets work.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from zhengtong.apps.flow.sharing.queries.grants import GrantView
from zhengtong.apps.flow.sharing.queries.grants import grant as grant_view
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.contracts.grants import Channel
from zhengtong.engines.crypto import requests
from zhengtong.engines.crypto.digests import Digest
from zhengtong.engines.crypto.requests import SigningKey
from zhengtong.engines.crypto.sealing import SealBroken, unseal
from zhengtong.kernel.errors import Invalid
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.keys import node_keys
from zhengtong.toolkit.relay import Answer, Origin

_DIGESTS = {"hmac-sha256": Digest.SHA256, "hmac-sm3": Digest.SM3}


class KeyUnusable(Invalid):
    """This key cannot be used here; choose a shared secret in force."""

    code = "key-unusable"


@dataclass(frozen=True)
class Question:
    """What is asked: ``given`` finds the row, ``match`` is what a verification compares, ``fields`` what a look-up returns (empty: all)."""

    channel: Channel
    purpose: str
    given: Mapping[str, str]
    match: Mapping[str, str]
    fields: tuple[str, ...] = ()

    def target(self, resource: str) -> tuple[str, str, str, bytes]:
        """Method, path, query and body of the call."""
        path = f"/v1/resources/{quote(resource, safe='/')}"
        if self.channel is Channel.VERIFY:
            body = json.dumps({"key": dict(self.given), "match": dict(self.match)}, ensure_ascii=False).encode()
            return "POST", f"{path}/verify", "", body
        parts = [*self.given.items(), *([("fields", ",".join(self.fields))] if self.fields else [])]
        return "GET", f"{path}/rows", urlencode(parts, quote_via=quote, safe=","), b""


@dataclass(frozen=True)
class Tried:
    """A call and its answer."""

    method: str
    target: str
    headers: dict[str, str]
    body: str
    answer: Answer


def usable_keys(grant: GrantView, *, now: datetime) -> list[identity.KeyView]:
    """Shared secrets in force of the systems that the grant names."""
    return [
        key
        for caller in grant.document.callers
        for key in identity.system(caller).keys
        if key.algorithm in _DIGESTS and key.revoked_at is None and (key.not_after is None or key.not_after > now)
    ]


def try_call(*, actor: identity.Actor, number: str, key_id: str, question: Question, now: datetime, language: str = "") -> Tried:
    """
    Sign and send one call; a refusal comes in ``language`` if the gateway speaks it.

    :raises GrantUnknown: for somebody of another office.
    :raises NotYours: unless the actor develops for the consumer.
    :raises KeyUnusable: for a key that is not a shared secret in force of the granted systems.
    :raises OriginSilent: if the gateway does not answer.
    """
    grant = grant_view(number, actor=actor)
    if not actor.has(identity.Role.DEVELOPER, grant.document.consumer.code):
        raise identity.NotYours("需要本单位开发人员角色")
    key = next((one for one in usable_keys(grant, now=now) if one.key_id == key_id), None)
    if key is None:
        raise KeyUnusable(field="key", remedy="在“调用系统”中新建 HMAC 密钥")
    try:
        secret = unseal(node_keys().seal, key.material, f"caller-key:{key.key_id}")
    except SealBroken as exc:
        raise KeyUnusable("密钥无法打开", field="key", remedy="在“调用系统”中更换密钥") from exc
    method, path, query, body = question.target(grant.document.resource)
    headers = requests.sign(
        SigningKey(key.key_id, _DIGESTS[key.algorithm], secret),
        method=method,
        path=path,
        query=query,
        purpose=question.purpose,
        body=body,
        created=int(now.timestamp()),
        nonce=secrets.token_urlsafe(18),
    )
    target = f"{path}?{query}" if query else path
    answer = Origin(environment().gateway_url).call(method, target, {**headers, "Accept-Language": language or "zh-CN"}, body)
    return Tried(method, target, headers, body.decode(), answer)
