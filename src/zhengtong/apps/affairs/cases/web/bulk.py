"""The same act on several cases at once; each is its own, and each says what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhengtong.apps.affairs.cases import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid, ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.speech import refusal

_MOST = 100


@dataclass(frozen=True)
class Became:
    """What became of one case."""

    number: str
    done: bool
    sentence: str


class NothingChosen(Invalid):
    """请先选择办件,再选择怎样办理。"""

    code = "cases-none-chosen"


@signed_in
@require_POST
def several(request: SignedIn) -> HttpResponseBase:
    """Take on, assign to myself, or complete with one outcome every chosen step."""
    chosen = [one.partition("|") for one in request.POST.getlist("chosen")[:_MOST]]
    act, token, now = request.POST.get("act", ""), request.POST.get("token", "")[:40], clock.now()
    if not chosen or not act or not token:
        raise NothingChosen(field="chosen")
    found = [_one(request, number, visit, act, token, now) for number, _mark, visit in chosen]
    context = {"found": found, "done": sum(one.done for one in found), "failed": sum(not one.done for one in found)}
    return render(request, "cases/several.html", context)


def _one(request: SignedIn, number: str, visit: str, act: str, token: str, now: datetime) -> Became:
    act_id = f"{token}/{visit}"
    try:
        step = int(visit)
        if act == "begin":
            api.begin(actor=request.actor, number=number, visit=step, act_id=act_id, now=now)
        elif act == "assign":
            user = request.actor.username
            reason = str(_("批量分派"))
            api.reassign(actor=request.actor, number=number, visit=step, account=user, reason=reason, act_id=act_id, now=now)
        else:
            outcome = act.removeprefix("complete:")
            api.complete(actor=request.actor, number=number, visit=step, outcome=outcome, act_id=act_id, now=now)
    except ValueError:
        return Became(number, done=False, sentence=_("选择的行不对,请刷新后重试"))
    except ZhengtongError as refused:
        return Became(number, done=False, sentence=refusal(refused))
    return Became(number, done=True, sentence=_("已办理"))
