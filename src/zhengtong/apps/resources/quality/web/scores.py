"""Pages of scores: all offices, and one office's rules and entries."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.quality import api
from zhengtong.kernel import clock
from zhengtong.toolkit import csv_text
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import page


def csv_answer(data: bytes, filename: str) -> HttpResponse:
    """A file of comma-separated values that spreadsheets read as UTF-8."""
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return HttpResponse(csv_text.MARK + data, content_type="text/csv; charset=utf-8", headers=headers)


@signed_in
def offices(request: SignedIn) -> HttpResponseBase:
    """Offices by the average score of their entries, worst first."""
    text, region = request.GET.get("q", "").strip()[:60], request.GET.get("region", "").strip()[:12]
    shown = page(request, lambda after, limit: api.office_scores(text=text, region=region, after=after, limit=limit), lambda one: one.key)
    mine = sorted(request.actor.offices(identity.Role.STEWARD, identity.Role.SHARING_HEAD))
    own = organisations.offices_by_code(mine)
    context = {
        "page": shown,
        "q": text,
        "region": region,
        "whole": api.whole(),
        "own": [own[code] for code in mine if code in own],
        "oversees": request.actor.holds(identity.Role.BUREAU_APPROVER),
        "mine": set(mine),
    }
    return render(request, "quality/offices.html", context)


@signed_in
def offices_csv(request: SignedIn) -> HttpResponseBase:
    """The ranking as a file."""
    text, region = request.GET.get("q", "").strip()[:60], request.GET.get("region", "").strip()[:12]
    head = [_("单位"), _("单位代码"), _("区划"), _("目录"), _("平均分"), _("未挂接"), _("逾期未更新")]
    rows = (
        [one.name, one.office, one.region_name, one.entries, round(one.average, 1), one.unbound, one.late]
        for one in api.every_office_score(text=text, region=region)
    )
    return csv_answer(csv_text.encode([head, *rows]), "quality.csv")


@signed_in
def office(request: SignedIn, code: str) -> HttpResponseBase:
    """What an office mends first, and its entries, worst first or by the rule they break."""
    place = organisations.office(code)
    api.require_to_see_office(request.actor, place)
    score = api.office_score(code)
    rules = api.mend_first(code, entries=score.entries) if score else []
    chosen = request.GET.get("rule", "")
    chosen = chosen if chosen in api.RULE_LABELS else ""
    shown = page(
        request,
        lambda after, limit: api.entry_scores(code, rule=chosen, after=after, limit=limit),
        lambda one: one.key,
    )
    context = {
        "place": place,
        "score": score,
        "rules": rules,
        "rule": chosen,
        "page": shown,
        "months": api.months(code),
        "today": clock.local_date(clock.now()),
        "edits": request.actor.has(identity.Role.STEWARD, code),
        **words(),
    }
    return render(request, "quality/office.html", context)


def words() -> dict[str, object]:
    """The labels that templates look up."""
    return {"rule_labels": api.RULE_LABELS, "remedies": api.REMEDY_LABELS, "blames": api.BLAME_LABELS, "groups": api.GROUP_LABELS}
