"""What licences put on pages of others: what was issued for a case, for its applicant."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from zhengtong.apps.affairs.licences import api
from zhengtong.toolkit.ui import slots


def register() -> None:
    """Called once, when the apps are ready."""
    slots.register(slots.OWN_CASE, of_case)


def of_case(request: HttpRequest, number: str) -> SafeString | None:
    """The licences that a case brought, for whoever may use the party's licences."""
    acting = request.citizen.acting  # type: ignore[attr-defined] # the page is behind the guard of one's own space
    if not acting.may(licences=True):
        return None
    found = [one for one in api.of_holder(acting.party) if one.case == number]
    return render_to_string("licences/parts/of_case.html", {"licences": found}, request) if found else None
