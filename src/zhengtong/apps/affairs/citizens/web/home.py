"""One's own space: who I am here, security, who read data about me."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_otp import user_has_device

from zhengtong.apps.affairs.citizens import api
from zhengtong.apps.affairs.citizens.web import words
from zhengtong.apps.affairs.citizens.web.access import OfCitizen, citizens
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel import clock
from zhengtong.toolkit.ui import slots
from zhengtong.toolkit.ui.paging import page

_SHOWN, _SESSIONS = 5, 20


@citizens()
@require_GET
def home(request: OfCitizen) -> HttpResponseBase:
    """My space; other apps put their panels between what I may act for and who read about me."""
    found, today = request.citizen, clock.today()
    held = api.rights_held(found.person.id, on=today)
    context = {
        "citizen": found,
        "level": words.LEVELS[found.level],
        "companies": [_shown(one) for one in held if one.party.kind == "company" and one.in_force],
        "people": [_shown(one) for one in held if one.party.kind == "person" and one.in_force],
        "invitations": [_shown(one) for one in held if one.state is api.RightState.INVITED],
        "panels": slots.fill(slots.OWN_SPACE, request, found),
        "notices": notices.notices(request.holder, limit=_SHOWN),
        "readings": [_read(one) for one in api.readings(found.person, limit=_SHOWN)],
        "second_factor": user_has_device(request.user),
    }
    return render(request, "citizens/home.html", context)


def _shown(one: api.RightView) -> dict[str, object]:
    labels = {"right": words.RIGHTS[one.right], "scope": words.SCOPES[one.scope]}
    return {"one": one, **labels, "state": words.state_label(one), "tone": words.state_tone(one)}


def _read(one: api.Reading) -> dict[str, object]:
    return {"one": one, "event": words.EVENTS.get(one.event, one.event)}


@citizens()
@require_POST
def check(request: OfCitizen) -> HttpResponseBase:
    """Ask the register about my name now instead of waiting."""
    outcome = api.check_again(request.citizen.person.id, now=clock.now())
    if outcome is api.Outcome.MATCH:
        messages.success(request, _("实名核验通过。"))
    elif outcome is not api.Outcome.MISMATCH:
        messages.warning(request, _("现在仍不能核验,平台稍后会自动再试。"))
    return redirect("citizens:home")


@citizens()
@require_GET
def own_security(request: OfCitizen) -> HttpResponseBase:
    """Password, second factor, where I am signed in, and when I signed in."""
    account_id = request.holder.account_id
    wanted = security.EntryFilter(event="identity:session:", actor=request.holder.label)
    context = {
        "person": request.citizen.person,
        "second_factor": identity.has_second_factor(account_id),
        "sessions": identity.sessions(account_id, current_key=request.session.session_key or "", limit=_SESSIONS),
        "history": security.entries(wanted, limit=_SHOWN),
    }
    return render(request, "citizens/security.html", context)


@citizens()
@require_GET
def readers(request: OfCitizen) -> HttpResponseBase:
    """Who read data about me, newest first."""
    person = request.citizen.person
    found = page(request, lambda after, limit: api.readings(person, after=after, limit=limit), lambda row: row.cursor)
    made = api.objected(person.id, [one.id for one in found.rows])
    rows = [
        _read(one) | {"objection": made.get(one.id), "objects": bool(one.office or one.provider_name) and not one.own} for one in found.rows
    ]
    return render(request, "citizens/readers.html", {"page": found, "rows": rows, "objecting": True})


@citizens()
@require_GET
def readers_json(request: OfCitizen) -> HttpResponseBase:
    """The same as a file to keep: up to a thousand entries, then ``next``."""
    rows = api.readings(request.citizen.person, after=request.GET.get("after", ""), limit=_MOST + 1)
    usages = [
        {
            "logtime": one.at.isoformat(),
            "action": str(words.EVENTS.get(one.event, one.event)),
            "receiverCode": one.office,
            "receiverName": one.office_name,
            "receiverSystem": one.system,
            "purpose": one.purpose,
            "case": one.case,
            "resource": one.resource_name,
            "items": one.items,
        }
        for one in rows[:_MOST]
    ]
    following = rows[_MOST - 1].cursor if len(rows) > _MOST else ""
    return JsonResponse({"usages": usages, "next": following}, json_dumps_params={"ensure_ascii": False})


_MOST = 1000
