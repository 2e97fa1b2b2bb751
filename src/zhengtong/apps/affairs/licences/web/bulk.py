"""Issue in bulk from a register: CSV or XLSX in, progress, what was kept back."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterator
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from python_calamine import CalamineError, CalamineWorkbook

from zhengtong.apps.affairs.licences import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid, ZhengtongError
from zhengtong.kernel.sentences import told
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.speech import said
from zhengtong.toolkit.ui.streaming import stream

_MOST_BYTES = 200 * 2**20


def _rows(upload: UploadedFile[Any]) -> Iterator[list[str]]:
    """
    The rows of a CSV (UTF-8 or GB 18030) or of the first sheet of an XLSX.

    :raises Invalid: if it is neither.
    """
    if (upload.size or 0) > _MOST_BYTES:
        raise Invalid("文件超过 200 MB", field="file", remedy="分成几个文件")
    raw = upload.read()
    if raw.startswith(b"PK"):
        try:
            sheet = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0)
        except (CalamineError, OSError, ValueError) as exc:
            raise Invalid("打不开这个工作簿", field="file", remedy="另存为 XLSX 或 CSV 再上传") from exc
        yield from ([_cell(one) for one in row] for row in sheet.to_python())
        return
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    yield from csv.reader(io.StringIO(text))


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@signed_in
@require_http_methods(["GET", "POST"])
def jobs(request: SignedIn) -> HttpResponseBase:
    """My offices' issues in bulk, and a new one."""
    kinds = api.types(offices=request.actor.offices(*api.ISSUERS), published=True)
    error: ZhengtongError | None = None
    if request.method == "POST":
        try:
            return redirect("licences:job", _start(request))
        except (Invalid, api.TypeUnknown) as refused:
            error = refused
    context = {"jobs": api.jobs(request.actor), "types": kinds, "error": error, "chosen": request.POST.get("type", "")}
    return render(request, "licences/jobs.html", context, status=error.status if error else 200)


def _start(request: SignedIn) -> int:
    upload = request.FILES.get("file")
    if not isinstance(upload, UploadedFile):
        raise Invalid("请选择登记表文件", field="file", remedy="CSV 或 XLSX,第一行是列名")
    kind, rows = api.type_view(request.POST.get("type", "")), _rows(upload)
    header = next(rows, [])
    number = api.start(
        actor=request.actor, type_code=kind.code, office=kind.office, name=upload.name or "", header=header, rows=rows, now=clock.now()
    )
    messages.success(request, _("登记表已收下,正在制发。离开本页不影响。"))
    return number


@signed_in
@require_GET
def job(request: SignedIn, number: int) -> HttpResponseBase:
    """How far an issue in bulk is."""
    context = {"job": api.job(number, actor=request.actor), "refused": api.refusals(number, limit=100)}
    request.standing = "/work/licences/jobs/"
    return render(request, "licences/parts/progress.html" if request.headers.get("HX-Request") else "licences/job.html", context)


@signed_in
@require_GET
def refused(request: SignedIn, number: int) -> HttpResponseBase:
    """Every row that was kept back: line, field, rule, remedy."""
    api.job(number, actor=request.actor)

    def lines() -> Generator[bytes, None, None]:
        yield "\ufeff行,字段,原因,怎么改\r\n".encode()
        for line, why in api.refusals(number):
            target = io.StringIO()
            csv.writer(target).writerow([line, why.get("field", ""), said(told(why["message"])), said(told(why.get("remedy", "")))])
            yield target.getvalue().encode()

    return stream(request, lines(), content_type="text/csv; charset=utf-8", filename=f"refused-{number}.csv")
