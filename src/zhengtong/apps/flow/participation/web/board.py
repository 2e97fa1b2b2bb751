"""The public board of demand and supply."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.participation import api
from zhengtong.apps.flow.participation.web import visitors
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel import clock
from zhengtong.toolkit import csv_text
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.speech import said
from zhengtong.toolkit.ui.streaming import stream

_PAGE, _LONGEST_WORDS = 20, 100
GROUP_LABELS = {"running": "办理中", "answered": "已答复", "missed": "提供单位曾逾期"}


def asked_for(request: HttpRequest, states: Sequence[str]) -> api.BoardFilter:
    """The filter that an address names; what is none is left out."""
    order, state, way = (request.GET.get(name, "") for name in ("order", "state", "way"))
    return api.BoardFilter(
        text=request.GET.get("q", "").strip()[:_LONGEST_WORDS],
        state=state if state in states else "",
        way=way if way in set(api.Way) else "",
        office=request.GET.get("office", "")[:18],
        order=order if order in api.ORDERS else "newest",
    )


def board_states() -> list[tuple[str, str]]:
    """What the board can be narrowed to."""
    return [(code, _(label)) for code, label in _state_labels().items()]


def _state_labels() -> dict[str, str]:
    return GROUP_LABELS | {state.value: label for state, label in api.DEMAND_LABELS.items() if state in api.PUBLIC}


@require_safe
def listed(request: HttpRequest) -> HttpResponseBase:
    """Demands, or what there is for them."""
    if request.GET.get("side") == "supply":
        return _supply(request)
    chosen = asked_for(request, list(_state_labels()))
    now = clock.now()

    def fetch(after: str, limit: int) -> Sequence[api.DemandView]:
        return api.board(chosen, now=now, after=after, limit=limit)

    context = {
        "chosen": chosen,
        "page": page(request, fetch, lambda row: row.cursor, size=_PAGE),
        "total": api.board_count(chosen),
        "figures": api.board_figures(),
        "offices": api.board_offices(),
        "states": board_states(),
        "ways": [(way.value, _(label)) for way, label in api.WAY_LABELS.items()],
        "narrowed": any((chosen.text, chosen.state, chosen.way, chosen.office)),
    }
    return render(request, "participation/board.html", context)


def _supply(request: HttpRequest) -> HttpResponseBase:
    words = request.GET.get("q", "").strip()[:_LONGEST_WORDS]

    def fetch(after: str, limit: int) -> Sequence[opendata.Card]:
        return opendata.search(opendata.Question(words), after=after, limit=limit)

    rows = page(request, fetch, lambda row: row.cursor, size=_PAGE)
    answers = api.answers_by_dataset([card.id for card in rows.rows])
    context = {
        "q": words,
        "page": rows,
        "cards": [(card, answers.get(card.id, 0)) for card in rows.rows],
        "total": opendata.count(opendata.Question(words)),
    }
    return render(request, "participation/supply.html", context)


@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponseBase:
    """One public demand with its trail."""
    view = api.public_demand(number, now=clock.now())
    label = visitors.label_of(request)
    context = {
        "demand": view,
        "frequency": catalog.CYCLE_LABELS.get(view.frequency, ""),  # type: ignore[call-overload]  # codes are texts
        "supported": bool(label) and api.supports(number, api.visitor_key(label)),
        "events": _public_events(number),
        "events_labels": api.EVENT_LABELS,
    }
    return render(request, "participation/demand.html", context)


def _public_events(number: str) -> list[Any]:
    """The trail without what concerns officials alone."""
    return [one for one in api.trail(number) if one.kind not in {"contact-read", "warned"}]


@require_POST
def support(request: HttpRequest, number: str) -> HttpResponseBase:
    """Need the same, or no more."""
    label = visitors.begin(request, "support")
    if request.POST.get("back"):
        count = api.take_support_back(number=number, visitor=label)
        messages.success(request, _("已取消支持。"))
    else:
        count = api.support(number=number, visitor=label, now=clock.now())
        messages.success(
            request, ngettext("已支持,现在共 %(count)s 人需要。", "已支持,现在共 %(count)s 人需要。", count) % {"count": count}
        )
    return visitors.remember(redirect("participation:demand", number), request, label)


_COLUMN_LABELS = {
    "number": "编号",
    "title": "需求",
    "way": "方式",
    "asker": "需求人",
    "filed": "提交日期",
    "state": "状态",
    "holder": "在谁手中",
    "due": "期限",
    "answered": "答复日期",
    "in_time": "按期答复",
    "provider": "提供单位",
    "supports": "支持人数",
    "answer": "答复",
}


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """The public demands under the same filter, as CSV."""
    chosen = asked_for(request, list(_state_labels()))
    now = clock.now()

    def pieces() -> Generator[bytes, None, None]:
        yield csv_text.MARK + csv_text.encode([[said(label) for label in _COLUMN_LABELS.values()]])
        for view in api.every(chosen, now=now):
            yield csv_text.encode([_line(view)])

    return stream(request, pieces(), content_type="text/csv; charset=utf-8", filename="demands.csv")


def _line(view: api.DemandView) -> list[Any]:
    return [
        view.number,
        view.title,
        said(view.way_label),
        said(view.asker_label),
        clock.local_date(view.filed_at),
        said(view.state_label),
        view.holder,
        view.clock.reading.due if view.clock else view.promised_on,
        clock.local_date(view.answered_at) if view.answered_at else None,
        view.in_time,
        view.provider_name,
        view.supports,
        view.dataset_title or view.resource_name or view.merged_into or view.reason,
    ]
