"""What filing puts into other apps' pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.filing import api
from zhengtong.apps.affairs.services import api as services
from zhengtong.toolkit.ui import slots

_SHOWN = 5


def register() -> None:
    """Fill the slots."""
    slots.register(slots.OWN_SPACE, _own_space, order=-10)
    slots.register(slots.CASE_PANELS, _origins)
    slots.register(slots.ITEM_ACTIONS, _apply)


def _own_space(request: HttpRequest, citizen: Any) -> SafeString | None:
    acting = citizen.acting
    drafts = api.listed(acting.account_id, acting.digest, filed=False, limit=_SHOWN)
    filed = api.listed(acting.account_id, acting.digest, filed=True, limit=_SHOWN)
    return render_to_string("filing/parts/own_space.html", {"drafts": drafts, "filed": filed}, request)


def _origins(request: HttpRequest, view: cases.CaseView) -> SafeString | None:
    actor = getattr(request, "actor", None)
    found = api.provenance(view.number)
    if actor is None or found is None:
        return None
    rows = [(one, api.STATE_LABELS[one.state], api.STATE_TONES[one.state], one.meaning in api.SILENT) for one in found.origins]
    context = {
        "found": found,
        "rows": rows,
        "number": view.number,
        "readable": cases.may_read(actor, view.number),
        "silent": sum(1 for _one, _label, _tone, silent in rows if silent),
    }
    return render_to_string("filing/parts/origins.html", context, request)


def _apply(request: HttpRequest, item: services.ItemView) -> SafeString | None:
    if not item.may_be_filed or not item.content.form:
        return None
    return render_to_string("filing/parts/apply.html", {"item": item}, request)
