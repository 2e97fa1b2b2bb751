"""
A holder's wallet: the licences of a person, or of whom they act for; showing one, fetching it, and who used it.

Threat model. The party comes from the session, never from the request; an identifier of somebody else is answered like one that does not
exist. A right that does not cover licences opens nothing here. A presentation shows what was ticked, and nothing is ticked beforehand but
the holder's name. Somebody who merely stated a number sees no licences: the name has been checked first.
"""

from __future__ import annotations

import io

import segno
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from zhengtong.apps.affairs.licences import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import NotFound, Refused
from zhengtong.kernel.parties import Party
from zhengtong.toolkit.ui.own_space import OfPerson, for_persons

_TYPES = {api.FileKind.PDF: "application/pdf", api.FileKind.OFD: "application/ofd", api.FileKind.JSON: "application/json"}
#: name and number match the register
_CHECKED = 2


class NotCovered(Refused):
    """您的授权不包括使用电子证照。"""

    code = "right-without-licences"


def _party(request: OfPerson) -> Party:
    """Whose licences these are."""
    if not request.citizen.acting.may(licences=True):
        raise NotCovered(remedy="请授权人把电子证照加进授权,或切换为本人办理")
    party: Party = request.citizen.acting.party
    return party


@for_persons(_CHECKED)
@require_GET
def wallet(request: OfPerson) -> HttpResponseBase:
    """All of them."""
    party = _party(request)
    shown = "" if request.citizen.acting.oneself else party.masked_name
    return render(request, "licences/wallet.html", {"licences": api.of_holder(party), "party": shown})


@for_persons(_CHECKED)
def show(request: OfPerson, identifier: str) -> HttpResponseBase:
    """Who used one; choose fields, then a code that counts for minutes."""
    party, by = _party(request), request.citizen.acting.label
    names = api.field_names(party, identifier)
    view = next(one for one in api.of_holder(party) if one.identifier == identifier)
    chosen = [key for key in request.POST.getlist("field") if key in names] if request.method == "POST" else ["CZZT"]
    context = {"licence": view, "names": names, "chosen": chosen, "uses": api.uses(party, identifier)}
    if request.method == "POST":
        text = api.present(party=party, identifier=identifier, keys=chosen, by=by, now=clock.now())
        picture = io.BytesIO()
        segno.make(text, error="l", micro=False).save(picture, kind="svg", scale=3, border=4, xmldecl=False, svgns=True, omitsize=True)
        context |= {"text": text, "picture": mark_safe(picture.getvalue().decode())}  # noqa: S308 - segno draws squares
    return render(request, "licences/show.html", context)


@for_persons(_CHECKED)
@require_GET
def download(request: OfPerson, identifier: str, kind: str) -> HttpResponseBase:
    """The licence as a file named by its identifier."""
    if kind not in set(api.FileKind):
        raise NotFound
    which = api.FileKind(kind)
    address = request.build_absolute_uri(reverse("licences:verify"))
    by = request.citizen.acting.label
    raw = api.download(party=_party(request), identifier=identifier, kind=which, address=address, by=by, now=clock.now())
    response = HttpResponse(raw, content_type=_TYPES[which])
    response["Content-Disposition"] = f'attachment; filename="{identifier}.{which}"'
    response["Cache-Control"] = "no-store"
    return response
