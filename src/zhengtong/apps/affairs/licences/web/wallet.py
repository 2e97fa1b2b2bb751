"""
A holder's wallet, to be mounted by whatever knows who signed in: each view takes the :class:`Party` and who acts, as the ledger names
them.

Threat model. The party comes from a session, never from the request; an identifier of somebody else is answered like one that does not
exist. A presentation shows what was ticked, and nothing is ticked beforehand but the holder's name.
"""

from __future__ import annotations

import io

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe

from zhengtong.apps.affairs.licences import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.parties import Party

_TYPES = {api.FileKind.PDF: "application/pdf", api.FileKind.OFD: "application/ofd", api.FileKind.JSON: "application/json"}


def wallet(request: HttpRequest, party: Party, *, base: str) -> HttpResponseBase:
    """The party's licences. Below ``base`` (an address with a slash at its end) ``<identifier>/`` is :func:`show`."""
    return render(request, "licences/wallet.html", {"licences": api.of_holder(party), "base": base})


def show(request: HttpRequest, party: Party, identifier: str, *, base: str, by: str) -> HttpResponseBase:
    """Choose fields, then a code that counts for minutes."""
    names = api.field_names(party, identifier)
    view = next(one for one in api.of_holder(party) if one.identifier == identifier)
    chosen = [key for key in request.POST.getlist("field") if key in names] if request.method == "POST" else ["CZZT"]
    context = {"licence": view, "names": names, "chosen": chosen, "base": base}
    if request.method == "POST":
        text = api.present(party=party, identifier=identifier, keys=chosen, by=by, now=clock.now())
        picture = io.BytesIO()
        segno.make(text, error="l", micro=False).save(picture, kind="svg", scale=3, border=4, xmldecl=False, svgns=True, omitsize=True)
        context |= {"text": text, "picture": mark_safe(picture.getvalue().decode())}  # noqa: S308 - segno draws squares
    return render(request, "licences/show.html", context)


def download(request: HttpRequest, party: Party, identifier: str, kind: str, *, by: str) -> HttpResponseBase:
    """The licence as a file named by its identifier."""
    if kind not in set(api.FileKind):
        raise NotFound
    which = api.FileKind(kind)
    address = request.build_absolute_uri(reverse("licences:verify"))
    raw = api.download(party=party, identifier=identifier, kind=which, address=address, by=by, now=clock.now())
    response = HttpResponse(raw, content_type=_TYPES[which])
    response["Content-Disposition"] = f'attachment; filename="{identifier}.{which}"'
    response["Cache-Control"] = "no-store"
    return response
