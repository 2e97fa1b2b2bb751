"""Work lists: what waits, what is late, what others hold, what is done; searching; the same as CSV."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator, Mapping
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from zhengtong.apps.affairs.cases import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel import clock
from zhengtong.toolkit import csv_text
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.speech import said
from zhengtong.toolkit.ui.streaming import stream

PAGE = 50
_MOST_EXPORTED = 20_000
#: columns that may be left out, as the page names them
COLUMNS: Mapping[str, Any] = {
    "applicant": gettext_lazy("申请人"),
    "state": gettext_lazy("状态"),
    "step": gettext_lazy("环节"),
    "office": gettext_lazy("单位"),
    "holder": gettext_lazy("经办人"),
    "due": gettext_lazy("期限"),
    "began": gettext_lazy("到达"),
}
_VALUES: Mapping[str, Callable[[api.WorkRow], object]] = {
    "applicant": lambda row: row.applicant,
    "state": lambda row: said(row.state_label),
    "step": lambda row: row.step_name,
    "office": lambda row: row.office_name,
    "holder": lambda row: row.holder,
    "due": lambda row: row.due,
    "began": lambda row: row.began_at,
}


def _desk(request: SignedIn) -> api.Desk:
    wanted = request.GET.get("desk", "")
    return api.Desk(wanted) if wanted in set(api.Desk) else api.Desk.TODO


def _wanted(request: SignedIn) -> api.Wanted:
    get = request.GET.get
    return api.Wanted(item=get("item", "").strip()[:200], step=get("step", "")[:60], state=get("state", ""), sort=get("sort", "due"))


def _columns(request: SignedIn) -> list[str]:
    chosen = [one for one in request.GET.getlist("column") if one in COLUMNS]
    return chosen or list(COLUMNS)


@signed_in
@require_GET
def work(request: SignedIn) -> HttpResponseBase:
    """One of the lists."""
    now, desk, wanted = clock.now(), _desk(request), _wanted(request)

    def fetch(after: str, limit: int) -> list[api.WorkRow]:
        return api.work(request.actor, desk, now=now, wanted=wanted, after=after, limit=limit)

    found = page(request, fetch, lambda row: row.key, size=PAGE)
    counts = api.counts(request.actor, now=now)
    context = {
        "page": found,
        "desk": desk,
        "lists": [(str(one), api.DESK_LABELS[one], counts.get(one, 0)) for one in api.Desk],
        "wanted": wanted,
        "states": api.STATE_LABELS.items(),
        "columns": COLUMNS.items(),
        "shown": _columns(request),
        "token": uuid.uuid4().hex,
        "outcomes": _outcomes(found.rows),
        "several": desk in {api.Desk.TODO, api.Desk.OFFICE, api.Desk.SOON, api.Desk.OVERDUE},
        "staff": bool(request.actor.offices(*api.STAFF)),
        "author": request.actor.holds(identity.Role.BUREAU_APPROVER),
    }
    return render(request, "cases/work.html", context)


def _outcomes(rows: Any) -> list[tuple[str, str]]:
    """The outcomes that all steps of the page have in common, if they are one step: what can be done to several at once."""
    steps = {(row.process, row.step) for row in rows}
    if len(steps) != 1 or not rows[0].visit:
        return []
    return [(one, api.OUTCOME_LABELS.get(one, one)) for one in api.outcomes_of(*next(iter(steps))) if one not in api.NEED_REASON]


@signed_in
@require_GET
def find(request: SignedIn) -> HttpResponseBase:
    """Cases by number, item or an applicant's whole code."""
    now, text = clock.now(), request.GET.get("q", "").strip()[:200]

    def fetch(after: str, limit: int) -> list[api.WorkRow]:
        return api.search(request.actor, text, now=now, after=after, limit=limit) if text else []

    return render(request, "cases/find.html", {"page": page(request, fetch, lambda row: row.key, size=PAGE), "text": text})


@signed_in
@require_GET
def export(request: SignedIn) -> HttpResponseBase:
    """The list as CSV, with the columns that the page shows; applicants stay masked."""
    now, desk, wanted, columns = clock.now(), _desk(request), _wanted(request), _columns(request)
    actor = request.actor

    def pieces() -> Generator[bytes, None, None]:
        yield csv_text.MARK + csv_text.encode([[_("办件编号"), _("事项"), *(str(COLUMNS[one]) for one in columns)]])
        after, sent = "", 0
        while sent < _MOST_EXPORTED:
            rows = api.work(actor, desk, now=now, wanted=wanted, after=after, limit=500)
            if not rows:
                return
            yield csv_text.encode([row.number, row.item_name, *(_VALUES[one](row) for one in columns)] for row in rows)
            after, sent = rows[-1].key, sent + len(rows)

    return stream(request, pieces(), content_type="text/csv; charset=utf-8", filename="cases.csv")
