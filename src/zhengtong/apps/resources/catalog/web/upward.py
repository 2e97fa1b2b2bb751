"""Reporting to the platform above: what waits, batches, receipts."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from zhengtong.apps.resources.catalog import api
from zhengtong.kernel import clock
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.speech import said

_MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


class ReceiptForm(forms.Form):
    """What the platform above answered."""

    use_required_attribute = False
    file = forms.FileField(
        label=_("回执文件"),
        help_text=_("xlsx、csv 或 json,列:信息资源代码、状态(1–5、8)、up_cata_id、审核意见。"),
        error_messages={"required": _("请选择回执文件。")},
    )


@signed_in
def overview(request: SignedIn) -> HttpResponseBase:
    """What waits to be reported, and the batches so far."""
    bureaus = api.bureaus_of(request.actor)
    if not bureaus:
        raise api.NotAllowed(_now("上报目录需要主管部门审核员角色"))
    context = {
        "bureaus": [(one, _figures(api.upward_counts(one))) for one in bureaus],
        "page": page(request, lambda after, limit: api.batches(request.actor, after=after, limit=limit), lambda one: one.id),
        "most": api.MOST_LINES,
    }
    return render(request, "catalog/upward.html", context)


def _figures(counts: dict[str, int]) -> dict[str, object]:
    stands = [(label, counts.get(status.value, 0)) for status, label in api.UP_STATUS_LABELS.items() if counts.get(status.value)]
    return {"waiting": counts["waiting"], "revoke": counts["revoke"], "any": counts["waiting"] + counts["revoke"], "stands": stands}


@signed_in
@require_POST
def report(request: SignedIn) -> HttpResponseBase:
    """Make a batch of what waits."""
    try:
        number = api.report_upward(actor=request.actor, office=request.POST.get("office", "")[:18], now=clock.now())
    except api.NothingToReport as exc:
        messages.warning(request, said(exc.sentence))
        return redirect("catalog:upward")
    messages.success(request, _now("已生成上报批次。下载文件报送上级平台,收到回执后在本页导入。"))
    return redirect("catalog:upward-batch", number)


@signed_in
def batch(request: SignedIn, number: int) -> HttpResponseBase:
    """One batch: its entries, its files, its receipt."""
    view = api.upward_batch(number, actor=request.actor)
    form = ReceiptForm(request.POST, request.FILES) if request.method == "POST" else ReceiptForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            data = file.read(api.MOST_BYTES + 1)
            view = api.take_receipt(actor=request.actor, batch_id=number, data=data, file_name=file.name, now=clock.now())
        except api.FileRefused as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _now("回执已导入,未采纳 %d 行。") % len(view.quarantine))
            return redirect("catalog:upward-batch", number)
    status = request.GET.get("status", "")
    status = status if status in set(api.UpStatus) else ""
    context = {
        "batch": view,
        "form": form,
        "status": status,
        "statuses": [(one.value, label) for one, label in api.UP_STATUS_LABELS.items() if one != api.UpStatus.NONE],
        "page": page(
            request,
            lambda after, limit: api.batch_lines(number, actor=request.actor, status=status, after=after, limit=limit),
            lambda one: one.id,
            size=50,
        ),
    }
    return render(request, "catalog/upward_batch.html", context, status=422 if form.errors else 200)


@signed_in
def file(request: SignedIn, number: int, kind: str) -> HttpResponseBase:
    """What a batch reports, as a file."""
    if kind == "revoked":
        data, media, name = api.revoked_file(number, actor=request.actor), _MEDIA["csv"], f"upward-{number}-revoked.csv"
    elif kind == "quarantine":
        data, media, name = api.upward_quarantine_file(number, actor=request.actor), _MEDIA["csv"], f"upward-{number}-quarantine.csv"
    else:
        data = api.batch_file(number, actor=request.actor, kind=kind)
        media, name = _MEDIA[kind], f"upward-{number}.{kind}"
    return HttpResponse(data, content_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})
