"""Administrative divisions, for the system administrator: browse by level, load from a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhengtong.apps.foundation.organisations import api
from zhengtong.apps.foundation.organisations.web.access import for_registrars
from zhengtong.kernel import clock
from zhengtong.toolkit.tables import plain_cell
from zhengtong.toolkit.ui.access import SignedIn
from zhengtong.toolkit.ui.paging import page

_LARGEST_FILE = 64 * 2**20
_REFUSED_SHOWN = 500
RULES: dict[str, Promise] = {
    "code": _("代码不是 2、4、6、9 或 12 位数字"),
    "name": _("名称为空、过长或含控制字符"),
    "duplicate": _("代码在文件中重复"),
    "parent": _("上级区划不存在"),
}


class LoadForm(forms.Form):
    """A CSV file with the columns code and name."""

    file = forms.FileField(
        label=_("CSV 文件"),
        help_text=_("两列:代码、名称;UTF-8 或 GB18030 编码,有无表头均可,最大 64 MB。不合规的行留在隔离区,其余照常导入。"),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> UploadedFile[bytes]:
        """
        The file, if it is not too large.

        :raises ValidationError: if it is.
        """
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > _LARGEST_FILE:
            raise forms.ValidationError(_("文件超过 64 MB。"))
        return file


def _rows(content: bytes) -> Iterator[tuple[int, str, str]]:
    """(line, code, name) of a CSV file; a first line without digits is its head."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    reader = csv.reader(io.StringIO(text.replace("\x00", "")))
    for cells in reader:
        code, name = [*(cell.strip() for cell in cells), "", ""][:2]
        if not (code or name) or (reader.line_num == 1 and not any(one.isdigit() for one in code)):
            continue
        yield reader.line_num, code, name


@for_registrars
def regions(request: SignedIn) -> HttpResponseBase:
    """The divisions below one, and the way up."""
    parent = request.GET.get("parent", "")
    path = api.region_path(parent)
    if parent and (not path or path[-1].code != parent):
        raise api.RegionUnknown(field="parent")
    found = page(request, lambda after, limit: api.regions_below(parent, after=after, limit=limit), lambda row: row.code, size=100)
    return render(request, "organisations/regions.html", {"page": found, "path": path, "loads": api.region_loads(limit=5)})


@for_registrars
def load(request: SignedIn) -> HttpResponseBase:
    """Load divisions from a file."""
    form = LoadForm(request.POST, request.FILES) if request.method == "POST" else LoadForm()
    if request.method == "POST" and form.is_valid():
        load_id = api.take_regions(_rows(form.cleaned_data["file"].read()), actor=request.actor, now=clock.now())
        messages.success(request, _("文件已导入。"))
        return redirect("organisations:region-loaded", load_id)
    context = {"form": form, "heading": _("导入行政区划"), "submit": _("导入"), "back": reverse("organisations:regions")}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


@for_registrars
def loaded(request: SignedIn, load_id: int) -> HttpResponseBase:
    """What became of the rows of a file."""
    found = api.region_load(load_id, limit=_REFUSED_SHOWN)
    rows = [(line, code, name, RULES.get(rule, rule)) for line, code, name, rule in found.refusals]
    return render(request, "organisations/region_load.html", {"load": found, "rows": rows})


@for_registrars
def refused(request: SignedIn, load_id: int) -> HttpResponseBase:  # noqa: ARG001 - the guard reads it
    """The refused rows as a file, to be mended and loaded again."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["code", "name", "line", "rule"])
    for line, code, name, rule in api.region_load(load_id, limit=1_000_000).refusals:
        writer.writerow([plain_cell(code), plain_cell(name), line, str(RULES.get(rule, rule))])
    headers = {"Content-Disposition": f'attachment; filename="regions-refused-{load_id}.csv"'}
    return HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)
