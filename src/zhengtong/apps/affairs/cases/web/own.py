"""
My cases: where each stands, who holds it, what is asked of me.

Threat model: see ``queries.parties``. Besides: whoever merely stated a number sees no cases of its owner; the name has been checked first.
"""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.affairs.cases import api
from zhengtong.apps.affairs.cases.web import letters
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Refused, ZhengtongError
from zhengtong.toolkit.ui import slots
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.own_space import OfPerson, for_persons
from zhengtong.toolkit.ui.paging import page

#: name and number match the register
_CHECKED = 2
_PAGE = 30


class NotCovered(Refused):
    """您的授权不包括查看办件。"""

    code = "right-without-cases"


def _owner(request: OfPerson) -> api.Owner:
    """Whose cases these are, as far as the right goes."""
    acting = request.citizen.acting
    if acting.scope == "licences":
        raise NotCovered(remedy="请授权人扩大授权范围,或切换为本人办理")
    return api.Owner(acting.digest, acting.items if acting.scope == "items" else None)


@for_persons(_CHECKED)
@require_GET
def listed(request: OfPerson) -> HttpResponseBase:
    """All of them, newest first."""
    owner, acting = _owner(request), request.citizen.acting
    found = page(request, lambda after, limit: api.of_party(owner, after=after, limit=limit), lambda row: row.id, size=_PAGE)
    party = "" if acting.oneself else acting.party.masked_name
    return render(request, "cases/own_list.html", {"page": found, "party": party})


@for_persons(_CHECKED)
@require_GET
def one(request: OfPerson, number: str) -> HttpResponseBase:
    """One case."""
    return _page(request, number)


def _page(request: OfPerson, number: str, *, error: ZhengtongError | None = None) -> HttpResponseBase:
    view = api.party_case(_owner(request), number, now=clock.now())
    context = {
        "one": view,
        "asked": [one for one in view.holding if one.missing],
        "delivery": api.DELIVERY_LABELS.get(view.delivery, ""),
        "panels": slots.fill(slots.OWN_CASE, request, number),
        "token": uuid.uuid4().hex,
        "error": error,
        "typed": {name: value for name, value in request.POST.items() if name.startswith("text-")},
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "cases/own.html", context, status=error.status if error else 200)


@for_persons(_CHECKED)
@require_POST
def supply(request: OfPerson, number: str, visit: int) -> HttpResponseBase:
    """Hand in what was missing."""
    owner = _owner(request)
    view = api.party_case(owner, number, now=clock.now())
    held = next((one for one in view.holding if one.visit == visit), None)
    given = []
    for place in range(len(held.missing) if held else 0):
        upload = request.FILES.get(f"file-{place}")
        content = upload.read(api.MOST_BYTES + 1) if upload else b""
        given.append(api.Given(request.POST.get(f"text-{place}", ""), upload.name or "" if upload else "", content))
    act_id = f"supply-{request.POST.get('token', '')[:40]}"
    try:
        api.supply(by=request.holder, owner=owner, number=number, visit=visit, given=given, act_id=act_id, now=clock.now())
    except ZhengtongError as exc:
        if not exc.field.startswith("given-"):
            raise
        return _page(request, number, error=exc)
    messages.success(request, _("已提交,办理时间继续计算。"))
    return redirect("cases:own-case", number)


@for_persons(_CHECKED)
@require_POST
def give_up(request: OfPerson, number: str) -> HttpResponseBase:
    """Take the application back."""
    owner, act_id = _owner(request), f"give-up-{request.POST.get('token', '')[:40]}"
    try:
        api.give_up(by=request.holder, owner=owner, number=number, reason=request.POST.get("reason", ""), act_id=act_id, now=clock.now())
    except api.ReasonMissing as exc:
        return _page(request, number, error=exc)
    messages.success(request, _("申请已撤回。"))
    return redirect("cases:own-case", number)


@for_persons(_CHECKED)
@require_GET
def letter(request: OfPerson, number: str, letter: str) -> HttpResponseBase:
    """A letter to me as PDF."""
    view, row = api.party_letter(_owner(request), number, letter, now=clock.now())
    answer = HttpResponse(letters.pdf(view, row), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{row.number}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


@signed_in
@require_GET
def supplied(request: SignedIn, number: str, file: uuid.UUID) -> HttpResponseBase:
    """A file that an applicant handed in, for who works on the case."""
    found = api.read_file(actor=request.actor, number=number, file=file, now=clock.now())
    answer = HttpResponse(found.data, content_type=found.media_type)
    ending = found.media_type.rpartition("/")[2]
    answer["Content-Disposition"] = f'attachment; filename="{file}.{ending}"'
    answer["Cache-Control"] = "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
