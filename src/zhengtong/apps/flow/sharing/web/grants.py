"""Grants: lists, the document in words and as it was signed, and its life."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from zhengtong.apps.flow.sharing import api
from zhengtong.apps.flow.sharing.web import standing
from zhengtong.apps.flow.sharing.web.acts import Perhaps, Plain, Reason
from zhengtong.apps.flow.sharing.web.slots import GRANT_PANELS
from zhengtong.apps.flow.sharing.web.words import CHANNEL_NAMES, GRANT_STATES, MASKS, OPERATORS
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts.grants import Channel
from zhengtong.engines.crypto.signing import Scheme
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid, NotFound
from zhengtong.toolkit.keys import node_keys
from zhengtong.toolkit.ui import slots
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.speech import listed, refusal

#: DER of an Ed25519 public key (RFC 8410) before its 32 bytes
_ED25519_DER = bytes.fromhex("302a300506032b6570032100")


def _list(request: SignedIn, fetch: Callable[..., list[api.GrantView]], template: str) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in GRANT_STATES else ""

    def rows(after: str, limit: int) -> list[api.GrantView]:
        return fetch(request.actor, after=after, limit=limit, state=state)

    context = {"page": page(request, rows, lambda row: row.id), "states": GRANT_STATES.items(), "state": state, "now": clock.now()}
    return render(request, template, context)


@signed_in
@require_GET
def held(request: SignedIn) -> HttpResponseBase:
    """Grants of my offices."""
    return _list(request, api.grants_held, "sharing/grants.html")


@signed_in
@require_GET
def given(request: SignedIn) -> HttpResponseBase:
    """Grants that my offices gave, or oversee."""
    return _list(request, api.grants_given, "sharing/grants_given.html")


@signed_in
@require_GET
def detail(request: SignedIn, number: str) -> HttpResponseBase:
    """One grant: the document in words, how it stands, what I may do."""
    now = clock.now()
    grant = api.grant(number, actor=request.actor)
    standing.at_grant(request, grant)
    document = grant.document
    names = {item.key: item.name for item in catalog.resource(grant.resource_id).items}
    allowed = api.allowed_grant_acts(grant, request.actor)
    context = {
        "grant": grant,
        "document": document,
        "in_force": grant.in_force(now),
        "now": now,
        "channels": [CHANNEL_NAMES[one] for one in document.channels],
        "items": [(item, names.get(item.key, item.key), MASKS[item.mask]) for item in document.items],
        "required": [names.get(key, key) for key in document.required_filters],
        "scope": [(names.get(rule.item, rule.item), OPERATORS[rule.operator], listed(rule.values)) for rule in document.scope],
        "acts": [{"act": act, "title": shown.title, "weight": shown.weight} for act, shown in ACTS.items() if act in allowed],
        "may_try": request.actor.has(identity.Role.DEVELOPER, document.consumer.code)
        and bool({Channel.LOOKUP, Channel.VERIFY} & set(document.channels)),
        "panels": slots.fill(GRANT_PANELS, request, grant),
    }
    return render(request, "sharing/grant.html", context)


@signed_in
@require_GET
def document(request: SignedIn, number: str) -> HttpResponseBase:
    """The signed document with what is needed to verify it offline."""
    grant = api.grant(number, actor=request.actor)
    standing.at_grant(request, grant)
    signed = grant.signed
    answer: dict[str, Any] = {
        "payload": signed.payload,
        "scheme": signed.scheme,
        "keyId": signed.key_id,
        "signature": base64.b64encode(signed.signature).decode(),
    }
    key = node_keys().trusted.get(signed.key_id)
    if key is not None:
        answer["publicKey"] = base64.b64encode(key.raw).decode()
        if key.scheme is Scheme.ED25519:
            body = base64.b64encode(_ED25519_DER + key.raw).decode()
            answer["publicKeyPem"] = f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"
    response = HttpResponse(json.dumps(answer, ensure_ascii=False, indent=2), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{number}.json"'
    return response


class Statement(forms.Form):
    """What was done, in the words of whoever did it."""

    use_required_attribute = False
    statement = forms.CharField(label=_("说明"), widget=forms.Textarea(attrs={"rows": 4}), error_messages={"required": _("请填写这一项。")})


@dataclass(frozen=True)
class GrantActPage:
    """An act on a grant: what it is called, what it means, its form, the operation behind it."""

    title: Any
    sentence: Any
    form: type[forms.Form]
    perform: Callable[[identity.Actor, str, dict[str, Any], datetime], None]
    done: Any
    weight: str = ""


ACTS = {
    "rectify": GrantActPage(
        _("报送整改"),
        _("说明已经改正了什么,由提供方核验后恢复。"),
        Statement,
        lambda actor, number, facts, now: api.rectify(actor=actor, number=number, statement=facts["statement"], now=now),
        _("已报送整改。"),
        "primary",
    ),
    "resume": GrantActPage(
        _("恢复授权"),
        _("核验整改后恢复,数据几秒内重新可用。"),
        Perhaps,
        lambda actor, number, facts, now: api.resume(actor=actor, number=number, reason=facts["reason"], now=now),
        _("授权已恢复。"),
        "primary",
    ),
    "confirm-destruction": GrantActPage(
        _("确认退还或销毁"),
        _("授权终止后,说明数据怎样退还或销毁(条例第二十七条)。"),
        Statement,
        lambda actor, number, facts, now: api.confirm_destruction(actor=actor, number=number, statement=facts["statement"], now=now),
        _("已确认,等待提供方核验。"),
        "primary",
    ),
    "accept-destruction": GrantActPage(
        _("核验退还或销毁"),
        _("核验需求方的确认,授权就此完结。"),
        Plain,
        lambda actor, number, _facts, now: api.accept_destruction(actor=actor, number=number, now=now),
        _("已核验。"),
        "primary",
    ),
    "suspend": GrantActPage(
        _("暂停授权"),
        _("查询、核验、推送、下载几秒内全部停止,需求方须整改(条例第二十七条)。"),
        Reason,
        lambda actor, number, facts, now: api.suspend(actor=actor, number=number, reason=facts["reason"], now=now),
        _("授权已暂停。"),
        "danger",
    ),
    "terminate": GrantActPage(
        _("终止授权"),
        _("终止后不能恢复;需求方须退还或销毁已取得的数据并确认。"),
        Reason,
        lambda actor, number, facts, now: api.terminate(actor=actor, number=number, reason=facts["reason"], now=now),
        _("授权已终止。"),
        "danger",
    ),
}


@signed_in
def act(request: SignedIn, number: str, name: str) -> HttpResponseBase:
    """The page of one act on a grant."""
    shown = ACTS.get(name)
    if shown is None:
        raise NotFound(_now("没有这种办理"))
    grant = api.grant(number, actor=request.actor)
    standing.at_grant(request, grant)
    form = shown.form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            shown.perform(request.actor, number, form.cleaned_data, clock.now())
        except Invalid as exc:
            form.add_error(None, refusal(exc))
        else:
            messages.success(request, shown.done)
            return redirect("sharing:grant", number)
    allowed = name in api.allowed_grant_acts(grant, request.actor)
    context = {"grant": grant, "act": shown, "name": name, "form": form, "allowed": allowed}
    return render(request, "sharing/grant_act.html", context, status=422 if form.errors else 200 if allowed else 403)
