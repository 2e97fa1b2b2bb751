"""
The one window 一窗: whom a clerk receives, and the same filing as a citizen's own, in a denser layout.

Threat model: see ``operations.hall``. Another clerk's visit, or one that has ended, does not exist on any of these pages.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.affairs.citizens import api as citizens
from zhengtong.apps.affairs.filing import api
from zhengtong.apps.affairs.filing.web import filling
from zhengtong.apps.affairs.filing.web.places import Place
from zhengtong.apps.affairs.services import api as services
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.forms.answers import asked
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid, ZhengtongError
from zhengtong.kernel.parties import PartyKind, party
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.speech import said

_SHOWN = 20


class VisitForm(forms.Form):
    """Who stands there, for whom, what for, and how they consented."""

    kind = forms.ChoiceField(
        label=gettext_lazy("为谁办"),
        choices=[(PartyKind.PERSON, gettext_lazy("个人")), (PartyKind.COMPANY, gettext_lazy("企业"))],
        initial=PartyKind.PERSON,
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label=gettext_lazy("姓名或名称"), max_length=120)
    number = forms.CharField(label=gettext_lazy("公民身份号码或统一社会信用代码"), max_length=18)
    phone = forms.CharField(label=gettext_lazy("联系电话"), max_length=20, required=False)
    purpose = forms.CharField(label=gettext_lazy("来办什么"), help_text=gettext_lazy("记入存证账本,当事人会看到。"), max_length=200)
    agent_name = forms.CharField(
        label=gettext_lazy("代办人姓名"), help_text=gettext_lazy("本人来办的不填。"), max_length=60, required=False
    )
    agent_number = forms.CharField(label=gettext_lazy("代办人公民身份号码"), max_length=18, required=False)
    basis = forms.CharField(
        label=gettext_lazy("代办依据"), help_text=gettext_lazy("例如授权委托书、监护人、社区代办。"), max_length=100, required=False
    )
    consent = forms.ChoiceField(label=gettext_lazy("怎样确认同意"), choices=(), widget=forms.RadioSelect)
    code = forms.CharField(
        label=gettext_lazy("验证码"),
        help_text=gettext_lazy("选择验证码的,先点“发送验证码”,再填当事人报出的 6 位数字。"),
        max_length=6,
        required=False,
    )
    password = forms.CharField(
        label=gettext_lazy("当事人的密码"),
        help_text=gettext_lazy("选择密码的,请当事人自己输入。"),
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.fields["consent"].choices = [(one, said(label)) for one, label in api.CONSENT_LABELS.items()]  # type: ignore[attr-defined]


@never_cache
@signed_in
@require_GET
def home(request: SignedIn) -> HttpResponseBase:
    """The window: receive somebody, go on with whom one has received, call numbers, hand over results."""
    _clerk(request)
    context = {"visits": api.visits(request.actor), "halls": api.halls(offices=request.actor.offices(identity.Role.CLERK))}
    return render(request, "filing/window.html", context)


def _clerk(request: SignedIn) -> None:
    if not request.actor.has(identity.Role.CLERK, request.actor.office):
        raise identity.NotYours(_("窗口由窗口人员使用"))


@never_cache
@sensitive_post_parameters("password", "number", "agent_number")
@signed_in
def receive(request: SignedIn) -> HttpResponseBase:
    """Enter who stands there, with their consent."""
    _clerk(request)
    form = VisitForm(request.POST or None, initial={"consent": api.Consent.SIGNED})
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("act") == "send":
                _send_code(form)
                messages.success(request, _("验证码已发到当事人登记的手机。"))
            else:
                return redirect("filing:window-visit", _received(request, form))
        except ZhengtongError as exc:
            add_refusal(form, exc)
    context = {"form": form, "text": api.CONSENT_TEXT}
    return render(request, "filing/receive.html", context, status=422 if form.errors else 200)


def _person(form: VisitForm) -> citizens.PersonView:
    """
    The account of whoever stands there: who acts for the party, else the party.

    :raises Invalid: if there is none.
    """
    number = form.cleaned_data["agent_number"] or form.cleaned_data["number"]
    account = citizens.account_of_number(number.strip().upper())
    if account is None:
        raise Invalid("这个人还没有个人账户", field="consent", remedy="请当事人当场签字确认")
    return citizens.person_of_account(account)


def _send_code(form: VisitForm) -> None:
    citizens.send_code(person_id=_person(form).id, purpose="phone", now=clock.now())


def _received(request: SignedIn, form: VisitForm) -> UUID:
    given, now = form.cleaned_data, clock.now()
    whom = party(given["kind"], given["number"].strip().upper(), given["name"], field="number")
    agent = None
    if given["agent_name"] or given["agent_number"]:
        agent = party(PartyKind.PERSON, given["agent_number"].strip().upper(), given["agent_name"], field="agent_number")
    consent = api.Consent(given["consent"])
    if consent is api.Consent.CODE:
        citizens.confirm_contact(person_id=_person(form).id, channel="phone", code=given["code"], now=now)
    if consent is api.Consent.PASSWORD:
        _check_password(request, form)
    standing = api.Standing(whom, given["phone"].strip(), given["purpose"], agent, given["basis"])
    return api.begin_visit(actor=request.actor, standing=standing, consent=consent, now=now)


def _check_password(request: HttpRequest, form: VisitForm) -> None:
    person, now = _person(form), clock.now()
    address = str(request.META.get("REMOTE_ADDR", ""))
    citizens.guard(citizens.Kind.SIGN_IN, about=person.digest, address=address, now=now)
    name, _digest = citizens.find_account(person.party.code)
    if authenticate(request, username=name, password=form.cleaned_data["password"]) is None:
        citizens.note_failure(citizens.Kind.SIGN_IN, about=person.digest, address=address, now=now)
        raise Invalid("密码不对", field="password", remedy="请当事人重新输入,或改用签字确认")


def _place(request: SignedIn, visit: UUID) -> tuple[Place, api.VisitView]:
    here = api.visit(request.actor, visit)
    opened_by = "process:filing"
    return Place(api.filer_at(request.actor, here), "window-", (visit,), opened_by, dense=True, party_shown=here.party.masked_name), here


@never_cache
@signed_in
@require_GET
def visit(request: SignedIn, visit: UUID) -> HttpResponseBase:
    """Who stands there: choose an item, go on with a draft, see what was filed."""
    place, here = _place(request, visit)
    text = request.GET.get("q", "").strip()
    found = services.guide(services.GuideQuestion(text=text), after="", limit=_SHOWN) if text else []
    known = services.items([one.code for one in found])
    context = {
        "place": place,
        "here": here,
        "text": text,
        "found": [(one, bool(known[one.code].form)) for one in found if one.code in known],
        "drafts": api.listed(place.filer.account_id, place.filer.digest, filed=False),
        "filed": api.listed(place.filer.account_id, place.filer.digest, filed=True),
        "consent": api.CONSENT_LABELS[here.consent],
    }
    return render(request, "filing/visit.html", context)


@signed_in
@require_POST
def end(request: SignedIn, visit: UUID) -> HttpResponseBase:
    """Who stood there has left."""
    api.end_visit(actor=request.actor, public=visit, now=clock.now())
    messages.success(request, _("接待已结束。"))
    return redirect("filing:window")


@never_cache
@signed_in
def begin(request: SignedIn, visit: UUID, code: str) -> HttpResponseBase:
    """Begin an item for whoever stands there."""
    place, _here = _place(request, visit)
    if request.method == "POST":
        public = api.begin(filer=place.filer, item_code=code, now=clock.now())
        view = api.draft(place.filer, public)
        return redirect(place.page(public, asked(view.form, view.answers)[0].key))
    return filling.begin(request, place, code)


@never_cache
@signed_in
def page(request: SignedIn, visit: UUID, public: UUID, page: str) -> HttpResponseBase:
    """One page of questions."""
    return filling.page(request, _place(request, visit)[0], public, page)


@never_cache
@signed_in
def materials(request: SignedIn, visit: UUID, public: UUID) -> HttpResponseBase:
    """What the item requires."""
    return filling.materials(request, _place(request, visit)[0], public)


@never_cache
@signed_in
def material(request: SignedIn, visit: UUID, public: UUID, number: int) -> HttpResponseBase:
    """One required document, scanned at the window."""
    return filling.material(request, _place(request, visit)[0], public, number)


@never_cache
@signed_in
def check(request: SignedIn, visit: UUID, public: UUID) -> HttpResponseBase:
    """Check, and hand in."""
    return filling.check(request, _place(request, visit)[0], public)


@never_cache
@signed_in
@require_GET
def refused(request: SignedIn, visit: UUID, public: UUID) -> HttpResponseBase:
    """Why this party cannot go on."""
    return filling.refused(request, _place(request, visit)[0], public)


@never_cache
@signed_in
@require_GET
def receipt(request: SignedIn, visit: UUID, public: UUID) -> HttpResponseBase:
    """The receipt, to be printed for whoever stands there."""
    return filling.receipt(request, _place(request, visit)[0], public)


@never_cache
@signed_in
@require_GET
def file(request: SignedIn, visit: UUID, public: UUID, upload: UUID) -> HttpResponseBase:
    """A file of the filing."""
    return filling.file(_place(request, visit)[0], public, upload)


@never_cache
@signed_in
def drop(request: SignedIn, visit: UUID, public: UUID) -> HttpResponseBase:
    """Give a draft up."""
    return filling.drop(request, _place(request, visit)[0], public)
