"""Download under a grant."""

from __future__ import annotations

from collections.abc import Generator

from django.http import HttpResponseBase
from django.views.decorators.http import require_GET

from zhengtong.apps.flow.exchange import api
from zhengtong.kernel import clock
from zhengtong.toolkit import csv_text
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.streaming import stream


@signed_in
@require_GET
def download(request: SignedIn, number: str) -> HttpResponseBase:
    """The rows of a grant as CSV; the reading stands in the ledger before the first byte."""
    found = api.download(
        actor=request.actor,
        number=number,
        purpose=request.GET.get("purpose", ""),
        now=clock.now(),
        address=request.META.get("REMOTE_ADDR", ""),
    )
    return stream(request, _pieces(found), content_type="text/csv; charset=utf-8", filename=found.filename)


def _pieces(found: api.Download) -> Generator[bytes, None, None]:
    yield csv_text.MARK + csv_text.encode([found.heads])
    for batch in found.batches:
        yield csv_text.encode(batch)
