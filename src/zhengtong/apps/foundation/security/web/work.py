"""Heads, checks and exports of the whole ledger, for the audit administrator."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from zhengtong.apps.foundation.security import api
from zhengtong.kernel import clock
from zhengtong.toolkit.ui.access import SignedIn, signed_in


@never_cache
@signed_in
def heads(request: SignedIn) -> HttpResponseBase:
    """Where every chain stands; to be written down elsewhere."""
    return render(request, "security/heads.html", {"heads": api.heads(request.actor), "lag": api.unfolded_lag()})


@never_cache
@signed_in
def checks(request: SignedIn) -> HttpResponseBase:
    """The latest checks; a POST asks for a new one."""
    if request.method == "POST":
        check_id = api.ask_check(reader=request.actor, now=clock.now())
        return redirect("security:check", check_id)
    return render(request, "security/checks.html", {"checks": api.checks(request.actor)})


@never_cache
@signed_in
def check(request: SignedIn, check_id: int) -> HttpResponseBase:
    """One check: its progress, then its result. HTMX asks for the progress alone, every two seconds."""
    template = "security/check_progress.html" if request.headers.get("HX-Request") else "security/check.html"
    return render(request, template, {"check": api.check(request.actor, check_id)})


@never_cache
@signed_in
def exports(request: SignedIn) -> HttpResponseBase:
    """The latest exports; a POST asks for a new one."""
    if request.method == "POST":
        api.ask_export(reader=request.actor, now=clock.now())
        messages.success(request, _("导出已开始,完成后可在此下载。"))
        return redirect("security:exports")
    template = "security/exports_table.html" if request.headers.get("HX-Request") else "security/exports.html"
    found = api.exports(request.actor)
    return render(request, template, {"exports": found, "busy": any(one.state in {"waiting", "running"} for one in found)})


@require_POST
@never_cache
@signed_in
def download(request: SignedIn, export_id: int) -> HttpResponseBase:
    """The zip of an export; recorded, hence a POST."""
    file = api.open_export(reader=request.actor, export_id=export_id, now=clock.now())
    return FileResponse(file, as_attachment=True, filename=f"ledger-{export_id}.zip", content_type="application/zip")
