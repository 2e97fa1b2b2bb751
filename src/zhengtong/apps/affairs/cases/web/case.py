"""One case: who holds it now and until when, its branches side by side, its course, its papers, and what I may do."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.affairs.cases import api
from zhengtong.apps.affairs.cases.web import letters
from zhengtong.apps.affairs.cases.web.acts import ACTS
from zhengtong.kernel import clock
from zhengtong.kernel.errors import NotFound
from zhengtong.toolkit.ui import slots
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.speech import said


@signed_in
@require_GET
def detail(request: SignedIn, number: str) -> HttpResponseBase:
    """Everything about one case, masked."""
    now = clock.now()
    view = api.case(number, actor=request.actor, now=now)
    offers = [(one, ACTS[one.kind]) for one in api.offers(view, request.actor)]
    context = {
        "one": view,
        "offers": offers,
        "timeline": api.timeline(view),
        "papers": api.papers(view, request.actor),
        "drawing": mark_safe(api.drawn(view, said)),  # noqa: S308 - the engine escapes what is in it
        "described": api.described(view),
        "panels": slots.fill(slots.CASE_PANELS, request, view),
        "readable": api.may_read(request.actor, number),
        "post_labels": api.POST_LABELS,
        "delivery": api.DELIVERY_LABELS.get(view.delivery, ""),
        "critical": _critical(view),
    }
    return render(request, "cases/case.html", context)


def _critical(view: api.CaseView) -> list[str]:
    """The steps that decide when the case ends, the present one first."""
    first = view.outlook.critical[0] if view.outlook else None
    return [view.process.by_key[key].name for key in (first.step, *first.ahead)] if first else []


@signed_in
@require_POST
def application(request: SignedIn, number: str) -> HttpResponseBase:
    """What somebody applied with, unmasked; it is on record before it is shown."""
    now = clock.now()
    found = api.read_application(actor=request.actor, number=number, purpose=request.POST.get("purpose", ""), now=now)
    view = api.case(number, actor=request.actor, now=now)
    answer = render(request, "cases/application.html", {"one": view, "found": found})
    answer["Cache-Control"] = "no-store"
    return answer


@signed_in
@require_GET
def why(request: SignedIn, number: str, visit: int) -> HttpResponseBase:
    """Why a step, or the whole (0), is due on its day."""
    now = clock.now()
    view = api.case(number, actor=request.actor, now=now)
    explanation = api.why(view, visit, now=now)
    if explanation is None:
        raise NotFound(_("期限还没有起算"))
    branch = next((one for one in view.branches if one.number == visit), None)
    context = {"one": view, "explanation": explanation, "branch": branch, "clock": branch.clock if branch else view.clock}
    return render(request, "cases/why.html", context)


@signed_in
@require_GET
def letter(request: SignedIn, number: str, letter: str) -> HttpResponseBase:
    """A letter to the applicant as PDF; the applicant's name stands in it as the list shows it."""
    view, row = api.letter(number, letter, actor=request.actor, now=clock.now())
    answer = HttpResponse(letters.pdf(view, row), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{row.number}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer
