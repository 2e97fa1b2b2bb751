"""Lists of licences, their export, and coverage."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhengtong.apps.affairs.licences import api
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.streaming import stream


def _sought(request: SignedIn) -> api.Sought:
    order = request.GET.get("order", "")
    return api.Sought(
        request.GET.get("q", "").strip()[:200],
        request.GET.get("type", "")[:21],
        request.GET.get("state", "")[:2],
        order if order in api.ORDERS else "newest",
    )


@signed_in
@require_GET
def licences(request: SignedIn) -> HttpResponseBase:
    """Licences of my offices."""
    sought = _sought(request)
    context = {
        "sought": sought,
        "page": page(request, lambda after, limit: api.licences(request.actor, sought, after=after, limit=limit), api.cursor),
        "types": [(one.code, one.name) for one in api.types(offices=request.actor.offices(*api.ISSUERS, *api.DECIDERS), published=True)],
        "states": [(one.value, _(text)) for one, text in api.STATE_LABELS.items()],
        "orders": [("newest", _("最新在前")), ("oldest", _("最早在前")), ("ends", _("最先到期在前"))],
    }
    return render(request, "licences/licences.html", context)


_HEAD = ("证照标识", "证照名称", "颁发机构", "持证主体", "持证主体代码", "状态", "有效期起", "有效期止")


@signed_in
@require_GET
def export(request: SignedIn) -> HttpResponseBase:
    """What the list finds as CSV, masked like the list."""
    sought, actor = _sought(request), request.actor

    def lines() -> Generator[bytes, None, None]:
        yield "\ufeff".encode() + _line(_HEAD)
        for one in api.every(actor, sought):
            yield _line(
                (
                    *(one.identifier, one.name, one.office_name, one.holder_shown, one.code_shown, one.state_label),
                    *(one.valid_from.isoformat(), one.valid_until.isoformat() if one.valid_until else "长期"),
                )
            )

    return stream(request, lines(), content_type="text/csv; charset=utf-8", filename="licences.csv")


def _line(cells: tuple[str, ...]) -> bytes:
    target = io.StringIO()
    # a cell that begins like a formula is no formula
    csv.writer(target).writerow([f"'{one}" if one.startswith(("=", "+", "-", "@")) else one for one in cells])
    return target.getvalue().encode()


@signed_in
@require_GET
def coverage(request: SignedIn) -> HttpResponseBase:
    """How many hold each kind of licence, of those who should."""
    return render(request, "licences/coverage.html", {"rows": api.coverage()})
