"""
The ledger for auditors: search, one entry with its block, all about one person.

Threat model. A number that identifies a person must not stand in an address, a log or a page: it comes in the body of a POST, is turned
into a keyed digest at once, and is not shown again, not even in a form that was refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from zhengtong.apps.foundation.security import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui import directory
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal, date_input
from zhengtong.toolkit.ui.paging import page

_CODE = re.compile(r"[0-9A-Z]{18}")


class SearchForm(forms.Form):
    """What an auditor looks for; every field may stay empty."""

    event = forms.CharField(label=_("事项(开头)"), required=False, max_length=80)
    outcome = forms.CharField(label=_("结果"), required=False, max_length=60)
    office = forms.CharField(label=_("行为单位(名称或代码)"), required=False, max_length=100)
    provider = forms.CharField(label=_("提供方(名称或代码)"), required=False, max_length=100)
    resource = forms.CharField(label=_("资源代码"), required=False, max_length=80)
    caller = forms.CharField(label=_("调用系统"), required=False, max_length=40)
    account = forms.CharField(label=_("账户"), required=False, max_length=64)
    grant = forms.CharField(label=_("授权编号"), required=False, max_length=80)
    purpose = forms.CharField(label=_("用途"), required=False, max_length=200)
    case = forms.CharField(label=_("办件编号"), required=False, max_length=80)
    id = forms.CharField(label=_("请求编号"), required=False, max_length=80)
    since = forms.DateField(label=_("自"), required=False, widget=date_input())
    until = forms.DateField(label=_("至"), required=False, widget=date_input())

    def clean_office(self) -> tuple[str, ...]:
        """The offices that are meant."""
        return _offices(self.cleaned_data["office"])

    def clean_provider(self) -> tuple[str, ...]:
        """The providers that are meant."""
        return _offices(self.cleaned_data["provider"])

    def wanted(self) -> api.EntryFilter:
        """The filter; ``until`` includes its day. What is malformed is left out, beside its error on the page."""
        data: dict[str, Any] = {name: value for name, value in getattr(self, "cleaned_data", {}).items() if value}
        caller, account = data.pop("caller", ""), data.pop("account", "")
        if caller or account:
            data["actor"] = f"caller:{caller}" if caller else f"account:{account}"
        if "since" in data:
            data["since"] = datetime.combine(data["since"], time.min, clock.CHINA)
        if "until" in data:
            data["until"] = datetime.combine(data["until"] + timedelta(days=1), time.min, clock.CHINA)
        return api.EntryFilter(**data)


def _offices(text: str) -> tuple[str, ...]:
    """The codes of the offices that a name or a code means; a code stands for itself, known or not."""
    if not text:
        return ()
    code = text.upper()
    found = (code,) if _CODE.fullmatch(code) else tuple(directory.office_codes(text))
    if not found:
        raise forms.ValidationError(_("没有名称含这几个字的单位"))
    return found


def _named(rows: Sequence[api.EntryRow]) -> dict[str, str]:
    """The names of the offices in these entries, by code."""
    return dict(directory.office_names({code for row in rows for code in (row.office, row.provider)}))


class ForgetfulInput(forms.TextInput):
    """An input that never shows again what was typed."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:  # noqa: ARG002 - the value is forgotten
        """The input, empty."""
        return super().get_context(name, None, attrs)


class SubjectForm(forms.Form):
    """An identity number or a credit code."""

    kind = forms.ChoiceField(
        label=_("查询对象"), choices=[("person", _("个人")), ("company", _("企业或组织"))], initial="person", widget=forms.RadioSelect
    )
    number = forms.CharField(
        label=_("号码"),
        help_text=_("公民身份号码或统一社会信用代码。号码不保存、不进网址和日志;这次查询本身会写入账本。"),
        max_length=30,
        widget=ForgetfulInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


@never_cache
@signed_in
def entries(request: SignedIn) -> HttpResponseBase:
    """Entries that match, newest first."""
    form = SearchForm(request.GET)
    form.is_valid()
    wanted = form.wanted()
    found = page(request, lambda after, limit: api.search(request.actor, wanted, after=after, limit=limit), lambda row: row.cursor)
    more = any(request.GET.get(name) for name in ("outcome", "provider", "grant", "purpose", "case", "id", "account"))
    context = {"form": form, "page": found, "lag": api.unfolded_lag(), "more": more, "whole": request.actor.duty is not None}
    context["offices"] = _named(found.rows)
    return render(request, "security/entries.html", context)


@require_POST
@never_cache
@signed_in
def download(request: SignedIn) -> HttpResponseBase:
    """What matches, as CSV; recorded, hence a POST."""
    form = SearchForm(request.POST)
    form.is_valid()
    text = api.export_csv(reader=request.actor, wanted=form.wanted(), now=clock.now())
    headers = {"Content-Disposition": 'attachment; filename="ledger-entries.csv"'}
    return HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8", headers=headers)


@never_cache
@signed_in
def entry(request: SignedIn, chain: str, height: int, position: int) -> HttpResponseBase:
    """One entry and the block that holds it."""
    place = api.find(request.actor, chain=chain, height=height, position=position)
    return render(request, "security/entry.html", {"place": place, "offices": _named([place.entry])})


@never_cache
@signed_in
@sensitive_post_parameters("number")
def subject_search(request: SignedIn) -> HttpResponseBase:
    """Ask for everything that was read about one person or company."""
    api.scope_of(request.actor)
    form = SubjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            digest = api.digest_of_number(**form.cleaned_data)
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            return redirect("security:subject", digest)
    return render(request, "security/subject_search.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@signed_in
def subject(request: SignedIn, digest: str) -> HttpResponseBase:
    """Everything the reader may see about one person or company; each look is recorded."""
    found = page(
        request,
        lambda after, limit: api.read_about(reader=request.actor, digest=digest, now=clock.now(), after=after, limit=limit),
        lambda row: row.cursor,
    )
    return render(request, "security/subject.html", {"page": found, "digest": digest, "offices": _named(found.rows)})
