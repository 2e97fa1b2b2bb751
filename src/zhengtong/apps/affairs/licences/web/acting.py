"""One licence: its history, what becomes of it, and reading it for a case."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhengtong.apps.affairs.licences import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel import clock
from zhengtong.kernel.codes import licence_identifier
from zhengtong.kernel.errors import Conflict, Invalid, ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in


@signed_in
@require_GET
def licence(request: SignedIn, identifier: str) -> HttpResponseBase:
    """A licence of my office."""
    return _licence(request, identifier)


def _licence(request: SignedIn, identifier: str, *, error: ZhengtongError | None = None) -> HttpResponseBase:
    view = api.licence(identifier, actor=request.actor)
    context = {
        "licence": view,
        "history": api.history(identifier),
        "acts": [(one.value, _(api.ACT_LABELS[one])) for one in view.acts],
        "error": error,
        "typed": request.POST.get("reason", ""),
        "chosen": request.POST.get("act", ""),
    }
    request.standing = "/work/licences/"
    return render(request, "licences/licence.html", context, status=error.status if error else 200)


@signed_in
@require_POST
def act(request: SignedIn, identifier: str) -> HttpResponseBase:
    """Suspend, resume, withdraw, revoke, cancel, annotate."""
    try:
        what = request.POST.get("act", "")
        if what not in set(api.Act):
            raise _no_act()
        api.act(actor=request.actor, identifier=identifier, what=api.Act(what), reason=request.POST.get("reason", ""), now=clock.now())
    except (Invalid, Conflict) as error:
        return _licence(request, identifier, error=error)
    messages.success(request, _("已办理。"))
    return redirect("licences:licence", identifier)


def _no_act() -> Invalid:
    return Invalid("请选择要办理的事", field="act")


@signed_in
@require_http_methods(["GET", "POST"])
def read(request: SignedIn) -> HttpResponseBase:
    """Read any licence for a case: purpose and case first, then a trace, then the data."""
    if not request.actor.offices(*api.READERS):
        raise identity.NotYours("调用证照限窗口、承办、审批人员和数据专员")
    found: api.Read | None = None
    error: ZhengtongError | None = None
    typed = {name: request.POST.get(name, "").strip() for name in ("identifier", "purpose", "case")}
    if request.method == "POST":
        try:
            name = licence_identifier.parse(typed["identifier"]).text
            found = api.read(actor=request.actor, identifier=name, purpose=typed["purpose"], case=typed["case"], now=clock.now())
        except (Invalid, Conflict, api.LicenceUnknown) as refused:
            error = refused
    typed["identifier"] = typed["identifier"] or request.GET.get("id", "")
    context = {"found": found, "error": error, "typed": typed}
    return render(request, "licences/read.html", context, status=error.status if error else 200)
