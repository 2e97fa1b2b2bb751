"""The desk of offices and bureaus: demands, and what was said about datasets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.flow.participation import api
from zhengtong.apps.flow.participation.web import board
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid, ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.speech import refusal

_OFFICES, _MOST_AT_ONCE = 200, 100
_TYPED = ("reason", "on", "into", "office", "dataset", "code", "answer", "days")


def _offices() -> list[str]:
    return [one.name for one in organisations.search_offices(limit=_OFFICES)]


def _office_named(name: str) -> str:
    found = organisations.office_by_name(name.strip()) if name.strip() else None
    if found is None:
        raise Invalid("没有找到这个单位", field="office", remedy="请写全称")
    return found.code


@signed_in
@require_GET
def demands(request: SignedIn) -> HttpResponseBase:
    """Demands of my offices, and of the bureaus I approve for; and those I have filed."""
    now = clock.now()
    chosen = board.asked_for(request, [*board.GROUP_LABELS, *api.DemandState])

    def fetch(after: str, limit: int) -> Sequence[api.DemandView]:
        return api.desk(request.actor, chosen, now=now, after=after, limit=limit)

    context = {
        "chosen": chosen,
        "page": page(request, fetch, lambda row: row.cursor),
        "states": [
            *((code, _(label)) for code, label in board.GROUP_LABELS.items()),
            *((one.value, _(text)) for one, text in api.DEMAND_LABELS.items()),
        ],
        "mine": api.asked_by(request.actor, now=now, limit=10),
        "offices": _offices(),
        "assigns": request.actor.holds(identity.Role.BUREAU_APPROVER),
    }
    return render(request, "participation/desk_demands.html", context)


@signed_in
@require_POST
def assign(request: SignedIn) -> HttpResponseBase:
    """Pass several demands on to one office."""
    office = _office_named(request.POST.get("office", ""))
    numbers = request.POST.getlist("number")[:_MOST_AT_ONCE]
    if not numbers:
        raise Invalid("请先勾选需求", field="number")
    done = api.assign_several(actor=request.actor, numbers=numbers, office=office, now=clock.now())
    if not done.done and done.refused:
        raise done.refused[0][1]
    count = len(done.done)
    messages.success(request, ngettext("已转办 %(count)s 项。", "已转办 %(count)s 项。", count) % {"count": count})
    for number, error in done.refused:
        messages.warning(request, f"{number} {refusal(error)}")
    return redirect("participation:desk-demands")


@signed_in
@require_GET
def demand(request: SignedIn, number: str) -> HttpResponseBase:
    """One demand: where it stands, what I may do, what is there already."""
    return _demand(request, number)


def _demand(request: SignedIn, number: str, *, error: ZhengtongError | None = None, contact: str = "") -> HttpResponseBase:
    view = api.desk_demand(number, actor=request.actor, now=clock.now())
    context = {
        "demand": view,
        "frequency": catalog.CYCLE_LABELS.get(view.frequency, ""),  # type: ignore[call-overload]  # codes are texts
        "suggestions": api.suggestions(view.title, official=True) if "satisfy" in view.acts else [],
        "events": api.trail(number),
        "events_labels": api.EVENT_LABELS,
        "offices": _offices() if "assign" in view.acts else [],
        "error": error,
        "typed": {name: request.POST.get(name, "") for name in _TYPED},
        "contact": contact,
        "most_extension": api.MOST_EXTENSION,
    }
    request.standing = "/work/demands/"
    return render(request, "participation/desk_demand.html", context, status=error.status if error else 200)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _days(request: SignedIn) -> int:
    typed = request.POST.get("days", "").strip()
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 3 else 0  # noqa: PLR2004 - no period has more digits


def _answer(request: SignedIn) -> dict[str, Any]:
    """The dataset's number or the entry's code that was picked or typed."""
    number, code = request.POST.get("dataset", "").strip(), request.POST.get("code", "").strip()
    if number.isascii() and number.isdecimal() and len(number) <= 18:  # noqa: PLR2004 - a bigint has no more digits
        return {"dataset": int(number), "resource": None}
    found = catalog.resources_by_code([code]) if code else {}
    return {"dataset": None, "resource": found[code].id if code in found else None}


@signed_in
@require_POST
def demand_act(request: SignedIn, number: str) -> HttpResponseBase:
    """Let through, pass on, answer, merge, begin anew."""
    name, reason = request.POST.get("act", ""), request.POST.get("reason", "")
    common: dict[str, Any] = {"actor": request.actor, "number": number, "now": clock.now()}
    acts: dict[str, Callable[[], None]] = {
        "admit": lambda: api.admit_demand(**common),
        "reject": lambda: api.reject_demand(**common, reason=reason),
        "assign": lambda: api.assign(**common, office=_office_named(request.POST.get("office", ""))),
        "hand-back": lambda: api.hand_back(**common, reason=reason),
        "satisfy": lambda: api.satisfy(**common, **_answer(request)),
        "promise": lambda: api.promise(**common, on=_date(request.POST.get("on", "")), reason=reason),
        "refuse": lambda: api.refuse(**common, reason=reason),
        "merge": lambda: api.merge(**common, into=request.POST.get("into", "")),
        "reopen": lambda: api.reopen(**common, reason=reason),
        "ask-extension": lambda: api.ask_extension(**common, days=_days(request), reason=reason),
        "extend": lambda: api.decide_extension(**common, consent=True),
        "deny-extension": lambda: api.decide_extension(**common, consent=False, reason=reason),
    }
    # whoever has no part in it learns nothing, whatever they sent
    api.desk_demand(number, actor=request.actor, now=clock.now())
    if name not in acts:
        raise Invalid("没有这种操作", field="act")
    try:
        acts[name]()
    except (Invalid, Conflict) as exc:
        return _demand(request, number, error=exc)
    messages.success(request, _("已办理。"))
    return redirect("participation:desk-demand", number)


@signed_in
@require_POST
def contact(request: SignedIn, number: str) -> HttpResponseBase:
    """How the asker can be reached, shown once; the ledger keeps who asked."""
    found = api.read_contact(actor=request.actor, number=number, now=clock.now())
    return _demand(request, number, contact=found or _("没有留联系方式"))


@signed_in
@require_GET
def voices(request: SignedIn) -> HttpResponseBase:
    """Comments, corrections and reuses about datasets of my offices and regions."""
    kinds = [api.Subject.CORRECTION, api.Subject.COMMENT, api.Subject.REUSE]
    chosen = next((one for one in kinds if one.value == request.GET.get("kind")), kinds[0])
    words = api.CORRECTION_LABELS if chosen is api.Subject.CORRECTION else api.VOICE_LABELS
    labels = {state.value: label for state, label in words.items()}
    state = request.GET.get("state", "")
    state = state if state in labels else next(iter(labels))

    def fetch(after: str, limit: int) -> Sequence[api.VoiceView]:
        return api.voices(request.actor, chosen, state=state, now=clock.now(), after=after, limit=limit)

    context = {
        "kinds": [(one.value, _(api.SUBJECT_LABELS[one])) for one in kinds],
        "kind": chosen.value,
        "states": [(code, _(label)) for code, label in labels.items()],
        "state": state,
        "page": page(request, fetch, lambda row: row.cursor),
    }
    return render(request, "participation/desk_voices.html", context)


def _voice(request: SignedIn, number: str, *, error: ZhengtongError | None = None, contact: str = "") -> HttpResponseBase:
    view = api.desk_voice(number, actor=request.actor, now=clock.now())
    if view is None:
        raise api.VoiceUnknown
    context = {
        "voice": view,
        "error": error,
        "typed": request.POST.get("answer", ""),
        "contact": contact,
        "events": api.trail(number),
        "events_labels": api.EVENT_LABELS,
    }
    request.standing = "/work/voices/"
    return render(request, "participation/desk_voice.html", context, status=error.status if error else 200)


@signed_in
@require_GET
def voice(request: SignedIn, number: str) -> HttpResponseBase:
    """One comment, correction or reuse, and what I may do about it."""
    return _voice(request, number)


@signed_in
@require_POST
def voice_act(request: SignedIn, number: str) -> HttpResponseBase:
    """Show or keep back; accept or refuse a correction; take an answer back."""
    name, words = request.POST.get("act", ""), request.POST.get("answer", "")
    common: dict[str, Any] = {"actor": request.actor, "number": number, "now": clock.now()}
    acts: dict[str, Callable[[], None]] = {
        "show": lambda: api.show(**common),
        "reject": lambda: api.reject(**common, reason=words),
        "accept": lambda: api.answer_correction(**common, accept=True, answer=words),
        "decline": lambda: api.answer_correction(**common, accept=False, answer=words),
        "reopen": lambda: api.reopen_correction(**common, reason=words),
    }
    if api.desk_voice(number, actor=request.actor, now=clock.now()) is None:
        raise api.VoiceUnknown
    if name not in acts:
        raise Invalid("没有这种操作", field="act")
    try:
        acts[name]()
    except (Invalid, Conflict) as exc:
        return _voice(request, number, error=exc)
    messages.success(request, _("已办理。"))
    return redirect("participation:desk-voice", number)


@signed_in
@require_POST
def voice_contact(request: SignedIn, number: str) -> HttpResponseBase:
    """How the author of a correction can be reached, shown once; the ledger keeps who asked."""
    found = api.read_contact_of(actor=request.actor, number=number, now=clock.now())
    return _voice(request, number, contact=found or _("没有留联系方式"))
