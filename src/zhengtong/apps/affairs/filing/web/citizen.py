"""
A citizen files: the beginning of an item, its pages, and the list of what was begun and handed in.

Threat model. Another's draft, file or receipt by its address: every page finds it by account and by the party of this session, so it does
not exist for anybody else. Somebody whose name was never checked: prefilled values would show them a register, so they are asked for the
check first. A right to act that does not cover the item: refused before anything is fetched.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhengtong.apps.affairs.filing import api
from zhengtong.apps.affairs.filing.web import filling
from zhengtong.apps.affairs.filing.web.places import Place, filer_of, own
from zhengtong.engines.forms.answers import asked
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Refused
from zhengtong.toolkit.ui.own_space import OfPerson, for_persons

#: name and number match the register: nobody is shown a register of somebody whose number they merely typed
_CHECKED = 2


class NotCovered(Refused):
    """您的授权不包括这个事项。"""

    code = "right-does-not-cover"


def _place(request: OfPerson, code: str) -> Place:
    if not request.citizen.acting.may(item=code):
        raise NotCovered(remedy="请授权人把这个事项加进授权,或切换为本人办理")
    return own(request, code)


@for_persons(_CHECKED)
def begin(request: OfPerson, code: str) -> HttpResponseBase:
    """What it takes, which sources will be asked, and the start."""
    place, now = _place(request, code), clock.now()
    if request.method == "POST":
        public = api.begin(filer=place.filer, item_code=code, now=now)
        view = api.draft(place.filer, public)
        if view.rebased_from:
            messages.warning(request, _("这个事项的表单有了新版本。您填过的内容已带过来,请从头看一遍。"))
        if api.refused(view):
            return redirect(place.address("refused", public))
        return redirect(place.page(public, asked(view.form, view.answers)[0].key))
    return filling.begin(request, place, code)


@for_persons(_CHECKED)
def page(request: OfPerson, code: str, public: UUID, page: str) -> HttpResponseBase:
    """One page of questions."""
    return filling.page(request, _place(request, code), public, page)


@for_persons(_CHECKED)
def materials(request: OfPerson, code: str, public: UUID) -> HttpResponseBase:
    """What the item requires."""
    return filling.materials(request, _place(request, code), public)


@for_persons(_CHECKED)
def material(request: OfPerson, code: str, public: UUID, number: int) -> HttpResponseBase:
    """One required document."""
    return filling.material(request, _place(request, code), public, number)


@for_persons(_CHECKED)
def check(request: OfPerson, code: str, public: UUID) -> HttpResponseBase:
    """Check your answers, and hand in."""
    return filling.check(request, _place(request, code), public)


@for_persons(_CHECKED)
@require_GET
def refused(request: OfPerson, code: str, public: UUID) -> HttpResponseBase:
    """Why one cannot go on."""
    return filling.refused(request, _place(request, code), public)


@for_persons()
@require_GET
def receipt(request: OfPerson, code: str, public: UUID) -> HttpResponseBase:
    """The receipt."""
    return filling.receipt(request, own(request, code), public)


@for_persons()
@require_GET
def file(request: OfPerson, code: str, public: UUID, upload: UUID) -> HttpResponseBase:
    """A file of one's own."""
    return filling.file(own(request, code), public, upload)


@for_persons()
def drop(request: OfPerson, code: str, public: UUID) -> HttpResponseBase:
    """Give a draft up."""
    return filling.drop(request, own(request, code), public)


@for_persons()
@require_GET
def listed(request: OfPerson) -> HttpResponseBase:
    """What I have begun and handed in, for myself or for whom I act."""
    filer = filer_of(request)
    context = {
        "drafts": api.listed(filer.account_id, filer.digest, filed=False),
        "filed": api.listed(filer.account_id, filer.digest, filed=True),
        "party": "" if request.citizen.acting.oneself else request.citizen.acting.party.masked_name,
    }
    return render(request, "filing/listed.html", context)
