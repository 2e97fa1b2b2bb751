"""What the catalog puts on the pages of apps below it."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.resources.catalog import api
from zhengtong.kernel import clock

#: so many moved reviews a preview names; it counts them all
_SHOWN = 50


def calendar_preview(request: HttpRequest, proposal: working_days.Proposal) -> SafeString | None:
    """Which reviews of entries a change of the calendar would move."""
    moves = list(api.review_moves(proposal.before, proposal.after, now=clock.now()))
    if not moves:
        return None
    context = {"moves": moves[:_SHOWN], "count": len(moves), "more": max(0, len(moves) - _SHOWN)}
    return render_to_string("catalog/calendar_preview.html", context, request=request)
