"""Taking lists of items in through the browser."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhengtong.apps.affairs.services import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel import clock
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.speech import said


class UploadForm(forms.Form):
    """A file of items."""

    file = forms.FileField()
    publish = forms.BooleanField(required=False)

    def __init__(self, *arguments: Any, may_publish: bool, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.fields["file"].label = _("文件(xlsx、xls、ods、csv)")
        self.fields["file"].help_text = _("用导出的表格式,或有 事项名称、itemCode、deptCode、areaCode、taskType 这些列的清单。")
        self.fields["publish"].label = _("这些事项已在别处生效:没有错误的直接发布")
        if not may_publish:
            del self.fields["publish"]


@signed_in
def imports(request: SignedIn) -> HttpResponseBase:
    """My imports, and a new one."""
    approver = request.actor.holds(identity.Role.BUREAU_APPROVER)
    if not approver and not request.actor.offices(identity.Role.STEWARD):
        raise api.ItemNotAllowed(_("导入事项需要数据专员或主管部门审核员角色"))
    form = UploadForm(request.POST or None, request.FILES or None, may_publish=approver)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            run = api.import_items(
                data=file.read(api.MOST_BYTES + 1),
                file_name=file.name,
                actor=request.actor,
                by=request.actor.label,
                publish=bool(form.cleaned_data.get("publish")),
                now=clock.now(),
            )
        except api.ItemFileRefused as exc:
            add_refusal(form, exc)
        else:
            return redirect("services:import", run.id)
    request.standing = "/work/items/"
    context = {"form": form, "runs": api.imports(request.actor)}
    return render(request, "services/imports.html", context, status=422 if form.errors else 200)


@signed_in
@require_GET
def run(request: SignedIn, number: int) -> HttpResponseBase:
    """What came of a file."""
    request.standing = "/work/items/"

    def fetch(after: str, limit: int) -> list[api.QuarantineView]:
        return api.quarantine(number, request.actor, after=after, limit=limit)

    context = {"run": api.import_run(number, request.actor), "page": page(request, fetch, lambda row: row.id, size=30)}
    return render(request, "services/import.html", context)


@signed_in
@require_GET
def quarantine(request: SignedIn, number: int) -> HttpResponseBase:
    """What an import kept out, as CSV."""
    data = api.quarantine_csv(number, request.actor, said)
    disposition = {"Content-Disposition": f'attachment; filename="items-quarantine-{number}.csv"', "Cache-Control": "no-store"}
    return HttpResponse(data, content_type="text/csv; charset=utf-8", headers=disposition)
