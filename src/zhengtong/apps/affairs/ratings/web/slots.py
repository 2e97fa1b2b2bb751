"""What ratings put on other apps' pages."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from zhengtong.apps.affairs.ratings import api
from zhengtong.apps.affairs.services import api as services
from zhengtong.toolkit.ui import slots


def register() -> None:
    """Fill the places."""
    slots.register(slots.GUIDE_FACTS, guide_figures)


def guide_figures(request: HttpRequest, shown: services.ItemView) -> SafeString | None:
    """How long an item really takes, and what people say of it."""
    row = api.of_item((shown.code, shown.basic), shown.office)
    return render_to_string("ratings/parts/guide.html", {"row": row}, request) if row else None
