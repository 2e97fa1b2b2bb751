"""
Asks a register whether something is so, through the platform's own loop: a signed call to the gateway under a grant, like any other
caller.

Threat model. A side door: there is none; the call is admitted, counted, limited and traced by the gateway, with purpose and subject, and a
suspended grant stops it. An insider who points the check at a register of their own: only the system administrator sets it up, and the
ledger says so. The secret is opened for one signature. Nothing is asked within a transaction, so a slow gateway holds no lock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

import structlog
from django.db import transaction
from django.urls import reverse

from zhengtong.apps.affairs.citizens.models import RegisterToAsk
from zhengtong.apps.affairs.citizens.rules import Outcome, Source, meaning_of
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.contracts.answers import code_in
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.relay import Origin, OriginSilent, signed

log = structlog.get_logger()
#: somebody waits at a page
_SECONDS = 5.0
_TELL_EVERY = timedelta(hours=1)
#: what we ask each register by
ITEMS = {Source.PERSONS: ("number", "name", "household"), Source.COMPANIES: ("code", "name", "representative", "representative_number")}


@dataclass(frozen=True)
class RegisterSetting:
    """Under which grant a register is asked: calling system, resource, purpose, and which item is what (see :data:`ITEMS`)."""

    source: Source
    system: str
    resource: str
    purpose: str
    items: Mapping[str, str]


@transaction.atomic
def set_register(*, by: identity.Actor | str, setting: RegisterSetting, now: datetime) -> None:
    """
    Say how a register is asked from now on.

    :raises NotYours: unless the actor is the system administrator.
    :raises Invalid: if an item is missing, or the system is unknown.
    """
    if isinstance(by, identity.Actor):
        identity.require(by, identity.Act.MANAGE_ACCOUNTS)
    for name in ITEMS[setting.source]:
        if not setting.items.get(name):
            raise Invalid(say("缺少信息项 {name}", name=name), field=f"item_{name}", remedy="填写授权中该信息项的标识")
    identity.system(setting.system)
    values = {
        "system": setting.system,
        "resource": setting.resource,
        "purpose": setting.purpose,
        "items": dict(setting.items),
        "told_at": None,
    }
    RegisterToAsk.objects.update_or_create(source=setting.source, defaults=values)
    detail = {"source": setting.source, "system": setting.system, "purpose": setting.purpose, "items": sorted(setting.items.values())}
    security.record("citizens:register:set", at=now, actor=identity.label_of(by), resource=setting.resource, detail=detail)


def ask(source: Source, *, key: Mapping[str, str], match: Mapping[str, str], case: str, now: datetime) -> Outcome:
    """
    Whether the register has a row with ``key`` that matches ``match`` (by our names, see :data:`ITEMS`); raises nothing for the far side.

    ``case`` is what the question is asked for and stands in the trace.
    """
    setting = RegisterToAsk.objects.filter(pk=source).first()
    if setting is None:
        return Outcome.UNSET
    signing = identity.key_to_sign(setting.system, at=now)
    if signing is None:
        return _refused(setting, "no-usable-key", now)
    question = {
        "key": {setting.items[one]: value for one, value in key.items()},
        "match": {setting.items[one]: value for one, value in match.items()},
    }
    path, body = f"/v1/resources/{quote(setting.resource, safe='/')}/verify", json.dumps(question, ensure_ascii=False).encode()
    sent = signed(signing, method="POST", path=path, purpose=setting.purpose, case=case, now=now, body=body)
    try:
        answer = Origin(environment().gateway_url, _SECONDS).call(sent.method, sent.target, sent.headers, sent.body)
    except OriginSilent:
        log.warning("real name not checked", source=source, problem="silent")
        return Outcome.FAILED
    meaning = meaning_of(answer.status, answer.body)
    if meaning is Outcome.REFUSED:
        return _refused(setting, code_in(answer.body) or "unreadable", now)
    if meaning is Outcome.FAILED:
        log.warning("real name not checked", source=source, problem=code_in(answer.body) or "unreadable")
    return meaning


@transaction.atomic
def _refused(setting: RegisterToAsk, code: str, now: datetime) -> Outcome:
    """Tell the operator, once an hour at most, that the gateway refuses the platform itself."""
    log.error("own key refused", source=setting.source, code=code)
    row = RegisterToAsk.objects.select_for_update().get(pk=setting.pk)
    if row.told_at is None or now - row.told_at > _TELL_EVERY:
        row.told_at = now
        row.save(update_fields=["told_at"])
        security.record("citizens:register:refused", at=now, actor="process:citizens", outcome=code, resource=row.resource)
        for account_id in identity.duty_holders(identity.Duty.SYSTEM):
            text = say("实名核验被网关拒绝({code}),请检查授权和密钥", code=code)
            notices.tell_account(account_id, text, address=reverse("citizens:registers"), now=now)
    return Outcome.REFUSED
