"""Importing: upload, mapping and preview, progress, result."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api
from zhengtong.apps.resources.catalog.web.forms import UploadForm
from zhengtong.kernel import clock
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.paging import page


def _offices(actor: identity.Actor) -> list[tuple[str, str]]:
    codes = actor.offices(identity.Role.STEWARD, identity.Role.BUREAU_APPROVER)
    return sorted((office.code, office.name) for office in organisations.offices_by_code(codes).values())


@signed_in
def imports(request: SignedIn) -> HttpResponseBase:
    """My imports, and a new one."""
    offices = _offices(request.actor)
    if not offices:
        raise api.NotAllowed(_("导入目录需要数据专员或主管部门审核员角色"))
    form = UploadForm(request.POST or None, request.FILES or None, offices=offices)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            run = api.receive_import(
                actor=request.actor,
                office=form.cleaned_data["office"],
                data=file.read(api.MOST_BYTES + 1),
                file_name=file.name,
                source=form.cleaned_data["source"],
                now=clock.now(),
            )
        except api.FileRefused as exc:
            add_refusal(form, exc)
        else:
            return redirect("catalog:import", run.id)
    context = {"form": form, "runs": api.import_runs(request.actor)}
    return render(request, "catalog/imports.html", context, status=422 if form.errors else 200)


@signed_in
def run(request: SignedIn, number: int) -> HttpResponseBase:
    """One import, wherever it stands."""
    view = api.import_run(number, actor=request.actor)
    if view.state == "received":
        return _mapping(request, view)
    if request.method == "POST":
        return _again(request, view)
    context = {"run": view, "working": view.state in {"queued", "running"}}
    if request.headers.get("HX-Request"):
        answer = render(request, "catalog/import_progress.html", context)
        if not context["working"]:
            answer["HX-Refresh"] = "true"
        return answer
    if view.state == "done":
        context["page"] = page(
            request,
            lambda after, limit: api.quarantine(number, actor=request.actor, after=after, limit=limit),
            lambda line: line.position,
            size=30,
        )
    return render(request, "catalog/import_result.html", context)


def _mapping(request: SignedIn, view: api.ImportRunView) -> HttpResponseBase:
    mapping = dict(view.mapping)
    if request.method == "POST":
        names = request.POST.getlist("name")
        mapping = {name: target for name, target in zip(names, request.POST.getlist("target"), strict=False) if target}
    seen = api.preview(view.id, actor=request.actor, mapping=mapping)
    if request.method == "POST" and request.POST.get("act") == "start" and not seen.problems:
        publish = request.POST.get("publish") == "1"
        class_code = request.POST.get("class_code", "")[:40]
        api.start_import(actor=request.actor, run_id=view.id, mapping=mapping, publish=publish, class_code=class_code, now=clock.now())
        messages.success(request, _("已开始导入。可以离开本页,导入会在后台继续。"))
        return redirect("catalog:import", view.id)
    context = {
        "run": view,
        "preview": seen,
        "targets": list(api.TARGETS.items()),
        "may_publish": view.options.whole_region,
        "publish": request.POST.get("publish") == "1",
        "class_code": request.POST.get("class_code", view.options.class_code),
    }
    return render(request, "catalog/import_mapping.html", context, status=422 if request.method == "POST" and seen.problems else 200)


def _again(request: SignedIn, view: api.ImportRunView) -> HttpResponseBase:
    options = view.options
    api.start_import(
        actor=request.actor, run_id=view.id, mapping=view.mapping, publish=options.publish, class_code=options.class_code, now=clock.now()
    )
    return redirect("catalog:import", view.id)


@signed_in
def quarantine(request: SignedIn, number: int) -> HttpResponseBase:
    """What an import kept out, as CSV."""
    data = api.export_quarantine(number, actor=request.actor)
    return HttpResponse(
        data, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="quarantine-{number}.csv"'}
    )
