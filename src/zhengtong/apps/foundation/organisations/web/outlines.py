"""Outlines of administrative divisions, for the system administrator: what there is, and loading from a GeoJSON file."""

from __future__ import annotations

import csv
import io

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
from zhengtong.kernel.codes.regions import Level
from zhengtong.kernel.errors import Invalid
from zhengtong.toolkit.tables import plain_cell
from zhengtong.toolkit.ui.access import SignedIn
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.speech import said

_LARGEST_FILE = 64 * 2**20
_REFUSED_SHOWN = 500
#: rule → what is wrong, what to do
RULES: dict[str, tuple[Promise, Promise]] = {
    "code": (_("没有行政区划代码,或代码不合规"), _("在属性 code 中写 6、9 或 12 位代码,或在导入时写明属性名")),
    "unknown": (_("区划表中没有这个代码"), _("先导入这个区划,或改正代码")),
    "duplicate": (_("代码在文件中重复"), _("同一区划的几块合成一个多面(MultiPolygon)")),
    "shape": (_("不是面,或坐标读不出"), _("只留面(Polygon、MultiPolygon)要素")),
    "projected": (_("坐标不是经纬度"), _("另存为 CGCS2000 或 WGS 84 经纬度")),
    "swapped": (_("经度和纬度写反了"), _("每个坐标先写经度,再写纬度")),
    "outside": (_("不在中国范围内"), _("核对坐标系和坐标")),
    "crossing": (_("边界与自己相交"), _("用 GIS 软件检查并修复几何")),
    "detailed": (_("顶点超过 20 万个"), _("先简化边界")),
}


class LoadForm(forms.Form):
    """A GeoJSON file."""

    file = forms.FileField(
        label=_("GeoJSON 文件"),
        help_text=_("要素集合,每个要素是一个区划的面,经纬度为 CGCS2000 或 WGS 84,最大 64 MB。不合规的要素留在隔离区,其余照常导入。"),
        widget=forms.FileInput(attrs={"accept": ".geojson,.json,application/geo+json"}),
    )
    prop = forms.CharField(
        label=_("代码所在的属性"), help_text=_("可以不填:依次找 code、adcode、区划代码等。"), required=False, max_length=60
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


@for_registrars
def outlines(request: SignedIn) -> HttpResponseBase:
    """How many outlines there are of each level, and the latest loads."""
    levels = [(said(Level(level).label), total) for level, total in api.outline_levels().items()]
    return render(request, "organisations/outlines.html", {"levels": levels, "loads": api.outline_loads(limit=10)})


@for_registrars
def load(request: SignedIn) -> HttpResponseBase:
    """Load outlines from a file."""
    form = LoadForm(request.POST, request.FILES) if request.method == "POST" else LoadForm()
    if request.method == "POST" and form.is_valid():
        content, prop = form.cleaned_data["file"].read(), form.cleaned_data["prop"]
        try:
            load_id = api.take_outlines(content, prop=prop, actor=request.actor, now=clock.now())
        except Invalid as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _("文件已导入。"))
            return redirect("organisations:outline-loaded", load_id)
    context = {"form": form, "heading": _("导入区划边界"), "submit": _("导入"), "back": reverse("organisations:outlines")}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


@for_registrars
def loaded(request: SignedIn, load_id: int) -> HttpResponseBase:
    """What became of the features of a file."""
    found = api.outline_load(load_id, limit=_REFUSED_SHOWN)
    rows = [(place, code, *RULES[rule], where) for place, code, rule, where in found.refusals]
    return render(request, "organisations/outline_load.html", {"load": found, "rows": rows})


@for_registrars
def refused(request: SignedIn, load_id: int) -> HttpResponseBase:  # noqa: ARG001 - the guard reads it
    """The refused features as a table."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["feature", "code", "rule", "where", "remedy"])
    for place, code, rule, where in api.outline_load(load_id, limit=1_000_000).refusals:
        wrong, remedy = RULES[rule]
        writer.writerow([place, plain_cell(code), str(wrong), plain_cell(where), str(remedy)])
    headers = {"Content-Disposition": f'attachment; filename="outlines-refused-{load_id}.csv"'}
    return HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)
