"""The console under a grant: try a call, and take code that makes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zhengtong.apps.flow.sharing import api
from zhengtong.apps.flow.sharing.operations import trying
from zhengtong.apps.flow.sharing.operations.trying import Question
from zhengtong.apps.flow.sharing.web import standing
from zhengtong.apps.flow.sharing.web.words import CHANNEL_NAMES
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts.grants import Channel
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Unavailable, ZhengtongError
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.speech import refusal

#: template → label; what is printed runs as it stands
SAMPLES = {"curl": "curl + openssl", "python": "Python", "java": "Java 17", "node": "JavaScript"}
_ONLINE = (Channel.LOOKUP, Channel.VERIFY)


class TryForm(forms.Form):
    """One call: with which key, for which purpose, asked by what."""

    use_required_attribute = False
    channel = forms.ChoiceField(label=_("方式"), widget=forms.RadioSelect)
    key = forms.ChoiceField(label=_("密钥"), help_text=_("由平台代本单位的调用系统签名;密钥不会显示。"))
    purpose = forms.ChoiceField(label=_("使用目的"))

    def __init__(self, data: Any = None, *, grant: api.GrantView, names: dict[str, str], keys: Sequence[identity.KeyView]) -> None:
        super().__init__(data)
        document = grant.document
        online = [one for one in _ONLINE if one in document.channels]
        self._offer("channel", [(str(one), CHANNEL_NAMES[one]) for one in online])
        self.fields["channel"].initial = str(online[0]) if online else ""
        self._offer("key", [(key.key_id, f"{key.key_id}({key.algorithm})") for key in keys])
        self._offer("purpose", [(one.code, one.text) for one in document.purposes])
        self.filters = [item.key for item in document.items if item.filterable]
        self.items = [item.key for item in document.items]
        for key in self.filters:
            self.fields[f"given_{key}"] = forms.CharField(label=_now("按“%s”查找") % names.get(key, key), required=False, max_length=200)
        if Channel.VERIFY in online:
            for key in (one for one in self.items if one not in self.filters):
                label = _now("核验“%s”是否为") % names.get(key, key)
                self.fields[f"match_{key}"] = forms.CharField(label=label, required=False, max_length=200)
        if Channel.LOOKUP in online:
            self.fields["fields"] = forms.MultipleChoiceField(
                label=_now("返回的信息项"),
                required=False,
                widget=forms.CheckboxSelectMultiple,
                choices=[(key, names.get(key, key)) for key in self.items],
                help_text=_now("不选则返回全部。"),
            )

    def _offer(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        chosen = self.fields[name]
        assert isinstance(chosen, forms.ChoiceField)  # noqa: S101 - declared above
        chosen.choices = choices

    def question(self) -> Question:
        """What is asked."""
        facts = self.cleaned_data
        channel = Channel(facts["channel"])
        return Question(
            channel=channel,
            purpose=facts["purpose"],
            given={key: facts[f"given_{key}"] for key in self.filters if facts.get(f"given_{key}")},
            match={key: facts[f"match_{key}"] for key in self.items if facts.get(f"match_{key}")},
            fields=tuple(facts.get("fields", ())) if channel is Channel.LOOKUP else (),
        )


@signed_in
def console(request: SignedIn, number: str) -> HttpResponseBase:
    """Try a call under a grant."""
    now = clock.now()
    grant = api.grant(number, actor=request.actor)
    standing.at_grant(request, grant)
    if not request.actor.has(identity.Role.DEVELOPER, grant.document.consumer.code):
        raise identity.NotYours(_now("需要本单位开发人员角色"))
    names = {item.key: item.name for item in catalog.resource(grant.resource_id).items}
    keys = trying.usable_keys(grant, now=now)
    form = TryForm(request.POST if request.method == "POST" else None, grant=grant, names=names, keys=keys)
    context: dict[str, Any] = {"grant": grant, "document": grant.document, "form": form, "keys": keys, "in_force": grant.in_force(now)}
    if form.is_valid():
        try:
            question, language = form.question(), get_language() or ""
            tried = trying.try_call(
                actor=request.actor, number=number, key_id=form.cleaned_data["key"], question=question, now=now, language=language
            )
        except (Unavailable, trying.KeyUnusable) as exc:
            form.add_error(None, _sentence(exc))
        else:
            context |= {"tried": tried, "shown": _shown(tried.answer.body)}
    context["samples"] = samples(grant, names, keys)
    return render(request, "sharing/try.html", context, status=422 if form.is_bound and form.errors else 200)


def _sentence(error: ZhengtongError) -> str:
    return refusal(error)


def _shown(body: bytes) -> str:
    text = body.decode(errors="replace")
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except ValueError:
        return text


def _line(name: str) -> str:
    """A name for a comment: a line break in it would let a catalog entry write code."""
    return " ".join(name.split())


def samples(grant: api.GrantView, names: dict[str, str], keys: Sequence[identity.KeyView]) -> list[dict[str, str]]:
    """Programs that make a call under the grant: file name, label, text."""
    document = grant.document
    filters = [item.key for item in document.items if item.filterable]
    first = document.required_filters[0] if document.required_filters else next(iter(filters), "")
    others = [item.key for item in document.items if item.key != first]
    channel = Channel.LOOKUP if Channel.LOOKUP in document.channels else Channel.VERIFY
    question = Question(
        channel=channel,
        purpose=document.purposes[0].code,
        given={first: "VALUE"} if first else {},
        match={others[0]: "VALUE"} if others else {},
        fields=(first, *others[:2]) if first and channel is Channel.LOOKUP else (),
    )
    method, path, query, body = question.target(document.resource)
    key = next((one for one in keys if one.algorithm == "hmac-sha256"), None)
    context = {
        "origin": environment().gateway_url,
        "method": method,
        "path": path,
        "query": query.replace("VALUE", ""),
        "fields": ",".join(question.fields),
        "body": body.decode(),
        "purpose": question.purpose,
        "key_id": key.key_id if key else _now("在此填入密钥标识"),
        "filter": first,
        "filter_name": _line(names.get(first, first)),
        "match": others[0] if others else "",
        "match_name": _line(names.get(others[0], "")) if others else "",
        "resource_name": _line(document.resource_name),
        "verifies": channel is Channel.VERIFY,
    }
    return [
        {
            "name": name,
            "label": label,
            "id": f"sample-{place}",
            "text": render_to_string(f"sharing/samples/{name}.txt", context).strip() + "\n",
        }
        for place, (name, label) in enumerate(SAMPLES.items())
    ]
