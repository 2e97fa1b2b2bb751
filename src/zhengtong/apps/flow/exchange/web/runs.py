"""Runs: the list, one of them with its progress, what it refused, its receipt."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Generator, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.flow.exchange import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import NotFound
from zhengtong.toolkit import csv_text
from zhengtong.toolkit.keys import node_keys
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.speech import said
from zhengtong.toolkit.ui.streaming import stream

_REJECTS_AT_A_TIME = 1_000


@signed_in
@require_GET
def listed(request: SignedIn) -> HttpResponseBase:
    """Runs of my offices."""
    state = request.GET.get("state", "")
    state = state if state in api.RunState.values else ""
    about = request.GET.get("resource", "")
    resource_id = int(about) if about.isdecimal() else None

    def fetch(after: str, limit: int) -> list[api.RunView]:
        return api.runs(request.actor, state=state, resource_id=resource_id, after=after, limit=limit)

    context = {"page": page(request, fetch, lambda row: row.place), "states": api.RunState.choices, "state": state, "resource": about}
    return render(request, "exchange/runs.html", context)


def _context(request: SignedIn, run_id: uuid.UUID) -> dict[str, Any]:
    run = api.run(run_id, actor=request.actor)
    counts = run.counts
    fates = ("inserted", "updated", "unchanged", "quarantined", "duplicates")
    owner = run.consumer or run.provider
    return {
        "run": run,
        "counts": counts,
        "accounted": sum(counts.get(name, 0) for name in fates),
        "operates": api.may_operate(request.actor, owner),
        "may_see_rejects": run.kind is api.RunKind.COLLECT and api.may_operate(request.actor, run.provider),
    }


@signed_in
@require_GET
def detail(request: SignedIn, run_id: uuid.UUID) -> HttpResponseBase:
    """One run."""
    return render(request, "exchange/run.html", _context(request, run_id))


@signed_in
@require_GET
def progress(request: SignedIn, run_id: uuid.UUID) -> HttpResponseBase:
    """How far it has come, as a part of the page that asks for itself again while the run is open."""
    return render(request, "exchange/parts/progress.html", _context(request, run_id))


@signed_in
@require_GET
def rejects(request: SignedIn, run_id: uuid.UUID) -> HttpResponseBase:
    """The refused rows with their reasons, for the provider's people."""
    run = api.run(run_id, actor=request.actor)

    def fetch(after: str, limit: int) -> Sequence[api.Reject]:
        return api.rejects(run, actor=request.actor, after=int(after) if after.isdecimal() else 0, limit=limit)

    return render(request, "exchange/rejects.html", {"run": run, "page": page(request, fetch, lambda row: row.id)})


@signed_in
@require_GET
def rejects_csv(request: SignedIn, run_id: uuid.UUID) -> HttpResponseBase:
    """The refused rows as a file, recorded in the ledger before it leaves."""
    run = api.run(run_id, actor=request.actor)
    first = api.rejects(run, actor=request.actor, limit=_REJECTS_AT_A_TIME)
    api.note_rejects_download(actor=request.actor, view=run, now=clock.now())

    def pieces() -> Generator[bytes, None, None]:
        columns = sorted({name for one in first for name in one.row})
        yield csv_text.MARK + csv_text.encode([[_("行号"), _("规则"), _("原因"), *columns]])
        batch = first
        while batch:
            yield csv_text.encode(
                [
                    [one.line, " ".join(one.rules), " ".join(map(said, one.reasons)), *(one.row.get(name) for name in columns)]
                    for one in batch
                ]
            )
            batch = api.rejects(run, actor=request.actor, after=batch[-1].id, limit=_REJECTS_AT_A_TIME)

    return stream(request, pieces(), content_type="text/csv; charset=utf-8", filename=f"rejects-{run_id}.csv")


@signed_in
@require_GET
def receipt(request: SignedIn, run_id: uuid.UUID) -> HttpResponseBase:
    """The signed receipt of a finished run."""
    run = api.run(run_id, actor=request.actor)
    if not run.receipt:
        raise NotFound(_("运行没有完成,没有回执"))
    document = {"payload": run.receipt, "signature": run.receipt_signature, "keyId": run.receipt_key_id}
    key = node_keys().trusted.get(run.receipt_key_id)
    if key is not None:
        document |= {"scheme": str(key.scheme), "publicKey": base64.b64encode(key.raw).decode()}
    response = HttpResponse(json.dumps(document, ensure_ascii=False, indent=2), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="receipt-{run_id}.json"'
    return response


@signed_in
@require_POST
def stop(request: SignedIn, run_id: uuid.UUID) -> HttpResponseBase:
    """Stop after the present chunk."""
    api.stop(actor=request.actor, run_id=run_id, now=clock.now())
    messages.success(request, _("已要求停止;已写入的数据保留,再次运行从断点继续。"))
    return redirect("exchange:run", run_id)


@signed_in
@require_POST
def retry(request: SignedIn, run_id: uuid.UUID) -> HttpResponseBase:
    """Do it again."""
    return redirect("exchange:run", api.retry(actor=request.actor, run_id=run_id, now=clock.now()))
