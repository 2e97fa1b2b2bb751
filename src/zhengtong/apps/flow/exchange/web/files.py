"""Bind a resource to a file step by step: hand it in, see what was found and correct it, columns and rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhengtong.apps.flow.exchange import api
from zhengtong.apps.flow.exchange.web.fronts import sentence
from zhengtong.apps.flow.exchange.web.mapping import ItemsForm, operated
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.engines.dataflow.errors import ExchangeFailure
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.speech import listed

_ENCODINGS = {"": _("平台自行判断"), "utf-8": "UTF-8", "gb18030": "GB18030(GBK、GB2312)", "utf-16": "UTF-16", "big5": "Big5"}
_ENDINGS = ".csv,.tsv,.txt,.xlsx,.xls,.ods"


class UploadForm(forms.Form):
    """A file as the department has it."""

    use_required_attribute = False
    file = forms.FileField(
        label=_("文件"),
        help_text=_("CSV、TSV、xlsx、xls 或 ods;编码、分隔符、表头由平台判断,判断错了可以更正。"),
        widget=forms.FileInput(attrs={"accept": _ENDINGS}),
    )


class EditionForm(UploadForm):
    """The next edition of a bound file."""

    collect = forms.BooleanField(label=_("提交后马上归集"), required=False, initial=True)


class LayoutForm(forms.Form):
    """What a person says about the layout; rows count from 1 as spreadsheets do."""

    use_required_attribute = False
    sheet = forms.ChoiceField(label=_("工作表"), required=False)
    encoding = forms.ChoiceField(label=_("文字编码"), required=False, choices=list(_ENCODINGS.items()))
    header = forms.IntegerField(label=_("表头在第几行"), required=False, min_value=1, max_value=1000)
    lines = forms.IntegerField(label=_("表头占几行"), required=False, min_value=1, max_value=10)

    def __init__(self, data: Any = None, *, looked: api.Looked) -> None:
        layout, said = looked.layout, looked.corrections
        begun = {"sheet": layout.sheet, "encoding": said.encoding, "header": layout.header_row + 1, "lines": layout.header_lines}
        super().__init__(data, initial=begun)
        self._found = looked
        sheet = self.fields["sheet"]
        assert isinstance(sheet, forms.ChoiceField)  # noqa: S101 - declared above
        sheet.choices = [(name, name) for name in looked.sheets]
        del self.fields["encoding" if looked.is_workbook else "sheet"]

    def corrections(self) -> api.Corrections:
        """What differs from what was found; another sheet has its own header, so that what was shown of this one is not said of it."""
        facts, layout = self.cleaned_data, self._found.layout
        if facts.get("sheet", "") != layout.sheet:
            return api.Corrections(sheet=facts.get("sheet", ""))
        header = facts["header"] - 1 if facts["header"] else None
        said = self._found.corrections
        return api.Corrections(
            sheet=layout.sheet if said.sheet else "",
            header=header if header != layout.header_row or said.header is not None else None,
            lines=facts["lines"] if facts["lines"] != layout.header_lines or said.lines is not None else None,
            encoding=facts.get("encoding", ""),
        )


class FileItemsForm(ItemsForm):
    """Columns of a file for items, rules for values, and what becomes of rows that a later edition lacks."""

    whole = forms.BooleanField(
        label=_("文件是完整名单:新一期里没有的行,从归集库中删除"),
        help_text=_("不选则保留。一次会删去的行超过上限(平时一半)时不删除,运行报错,由您核实。"),
        required=False,
    )

    def __init__(self, data: Any = None, *, resource: catalog.ResourceView, looked: api.Looked, bound: api.BindingView | None) -> None:
        super().__init__(data, resource=resource, fit=api.Fit(looked.columns, looked.suggestions), bound=bound)
        self.fields["whole"].initial = bound is not None and bound.absent == "delete"


class DropForm(forms.Form):
    """Where files are taken from by themselves."""

    use_required_attribute = False
    folder = forms.CharField(
        label=_("投放文件夹"), required=False, max_length=64, help_text=_("在本单位的投放目录下,只写文件夹名;清空则不再自动取文件。")
    )
    pattern = forms.CharField(label=_("文件名样式"), required=False, max_length=100, help_text=_("* 代表任意文字,例如 *.csv。"))


class VanishingForm(forms.Form):
    """How much one run may delete."""

    use_required_attribute = False
    percent = forms.IntegerField(label=_("一次最多删去百分之几的行"), min_value=1, max_value=100)
    reason = forms.CharField(label=_("理由"), required=False, max_length=200, help_text=_("不是平时的 50 时必填,记入存证账本。"))


@signed_in
def handling(request: SignedIn, resource_id: int) -> HttpResponseBase:
    """What happens to later files by themselves: from which folder they come, and how much of the rows they may take away."""
    resource, bound = operated(request, resource_id), api.binding(resource_id)
    if bound is None or not bound.is_file:
        return redirect("exchange:binding", resource_id)
    drop = api.drop_folder(resource_id)
    posted = request.POST if request.method == "POST" else None
    begun = {"folder": drop.folder if drop else "", "pattern": drop.pattern if drop else "*.csv"}
    dropping = DropForm(posted if posted and "folder" in posted else None, initial=begun)
    vanishing = VanishingForm(
        posted if posted and "percent" in posted else None, initial={"percent": bound.most_vanishing, "reason": bound.vanishing_reason}
    )
    form = dropping if dropping.is_bound else vanishing
    if form.is_bound and form.is_valid():
        try:
            change = api.set_drop_folder if form is dropping else api.set_vanishing
            change(actor=request.actor, resource_id=resource_id, **form.cleaned_data, now=clock.now())
        except (Invalid, Conflict) as exc:
            form.add_error(exc.field if exc.field in form.fields else None, sentence(exc))
        else:
            messages.success(request, gettext("已保存。"))
            return redirect("exchange:file-handling", resource_id)
    context = {"resource": resource, "drop": drop, "form": form, "dropping": dropping, "vanishing": vanishing}
    return render(request, "exchange/file_handling.html", context, status=422 if form.is_bound else 200)


@signed_in
def upload(request: SignedIn, resource_id: int) -> HttpResponseBase:
    """First step: hand the file in."""
    resource = operated(request, resource_id)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        file: UploadedFile[bytes] = form.cleaned_data["file"]
        try:
            edition = api.receive_file(by=request.actor, resource_id=resource_id, stream=file, file_name=file.name or "", now=clock.now())
        except (Invalid, ExchangeFailure) as exc:
            form.add_error("file", sentence(exc))
        else:
            return redirect("exchange:file", resource_id, edition)
    context = {"resource": resource, "bound": api.binding(resource_id), "form": form}
    return render(request, "exchange/file_upload.html", context, status=422 if form.is_bound and form.errors else 200)


@signed_in
def look(request: SignedIn, resource_id: int, edition: int) -> HttpResponseBase:
    """Second step: what was found, and corrections to it."""
    resource = operated(request, resource_id)
    looked = api.look(actor=request.actor, resource_id=resource_id, edition_id=edition)
    form = LayoutForm(request.POST if request.method == "POST" else None, looked=looked)
    if request.method == "POST" and form.is_valid():
        try:
            api.correct(actor=request.actor, resource_id=resource_id, edition_id=edition, corrections=form.corrections())
        except (Invalid, ExchangeFailure) as exc:
            form.add_error(None, sentence(exc))
        else:
            messages.success(request, gettext("已按您的更正重新读取。"))
            return redirect("exchange:file", resource_id, edition)
    context = {"resource": resource, "looked": looked, "form": form, "delimiter": _named(looked.layout.delimiter)}
    return render(request, "exchange/file_look.html", context, status=422 if form.is_bound and form.errors else 200)


def _named(delimiter: str) -> str:
    return {"\t": gettext("制表符"), " ": gettext("空格")}.get(delimiter, delimiter)


@signed_in
def mapping(request: SignedIn, resource_id: int, edition: int) -> HttpResponseBase:
    """Third step: which column feeds which item, and what the values must keep; look first, then save."""
    resource = operated(request, resource_id)
    looked = api.look(actor=request.actor, resource_id=resource_id, edition_id=edition)
    form = FileItemsForm(
        request.POST if request.method == "POST" else None, resource=resource, looked=looked, bound=api.binding(resource_id)
    )
    if request.method == "POST" and form.is_valid() and "look" not in request.POST:
        wanted = {key: column for key, column in form.chosen().items() if column}
        absent = "delete" if form.cleaned_data["whole"] else "keep"
        try:
            binding = api.FileBinding(edition, wanted, form.rules(), absent)
            api.bind_file(by=request.actor, resource_id=resource_id, wanted=binding, now=clock.now())
        except (Invalid, ExchangeFailure) as exc:
            form.take(exc)
        else:
            messages.success(request, gettext("挂接已保存。"))
            return redirect("exchange:binding", resource_id)
    chosen = form.chosen()
    findings = api.file_findings(resource_id=resource_id, looked=looked, chosen=chosen)
    context = {
        "resource": resource,
        "looked": looked,
        "form": form,
        "item_rows": list(form.item_rows(findings)),
        "general": [one for one in findings if not one.item],
        "sample": api.sample_file(actor=request.actor, resource_id=resource_id, edition_id=edition, chosen=chosen),
    }
    return render(request, "exchange/file_mapping.html", context, status=422 if form.is_bound and form.errors else 200)


@signed_in
def replace(request: SignedIn, resource_id: int) -> HttpResponseBase:
    """Hand in the next edition of a bound file."""
    resource = operated(request, resource_id)
    form = EditionForm(request.POST, request.FILES) if request.method == "POST" else EditionForm()
    if request.method == "POST" and form.is_valid():
        file: UploadedFile[bytes] = form.cleaned_data["file"]
        try:
            answer = api.replace_file(
                by=request.actor,
                resource_id=resource_id,
                stream=file,
                file_name=file.name or "",
                now=clock.now(),
                collect=form.cleaned_data["collect"],
            )
        except (Invalid, Conflict, ExchangeFailure) as exc:
            form.add_error("file", sentence(exc))
        else:
            return _replaced(request, resource_id, answer)
    context = {"resource": resource, "bound": api.binding(resource_id), "form": form}
    return render(request, "exchange/file_replace.html", context, status=422 if form.is_bound and form.errors else 200)


def _replaced(request: SignedIn, resource_id: int, answer: api.Replaced) -> HttpResponseBase:
    messages.success(request, gettext("新一期文件已收下,共 %s 行。") % answer.rows)
    if answer.added:
        messages.info(request, gettext("新出现而没有对应信息项的列:%s") % listed(answer.added))
    if answer.dropped:
        messages.info(request, gettext("不再出现的列(没有信息项使用):%s") % listed(answer.dropped))
    return redirect("exchange:run", answer.run) if answer.run else redirect("exchange:binding", resource_id)
