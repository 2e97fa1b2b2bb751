"""The editor of an item's form: its pages and fields, what is wrong with them, moving, removing, taking back, files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.affairs.services import api
from zhengtong.apps.affairs.services.web.fielding import posted_revision, to_write
from zhengtong.engines.forms import drafting
from zhengtong.engines.forms.kinds import KIND_LABELS, Kind
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid, ZhengtongError
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.speech import advice

_LONGEST_FILE = 1_000_000
#: empty rows of refusals that are offered beside those that are there
_MORE_REFUSALS = 1


@dataclass(frozen=True)
class FieldLine:
    """A field in the list; ``depth`` is 1 inside a group."""

    path: str
    anchor: str
    says: drafting.FieldDraft
    label: str
    group: bool
    depth: int
    findings: tuple[api.FormFinding, ...]


@dataclass(frozen=True)
class PageLine:
    """A page in the list with its fields."""

    key: str
    title: str
    lead: str
    when: str
    fields: tuple[FieldLine, ...]


def _lines(document: Mapping[str, Any], found: tuple[api.FormFinding, ...]) -> list[PageLine]:
    by_path: dict[str, list[api.FormFinding]] = {}
    for one in found:
        by_path.setdefault(one.path.removesuffix("/x-when").removesuffix("/x-from"), []).append(one)
    every = drafting.paths(document)

    def line(path: str) -> FieldLine:
        says = drafting.field_at(document, path)
        label = KIND_LABELS[says.kind]
        return FieldLine(path, anchor_of(path), says, label, says.kind is Kind.GROUP, path.count("/"), tuple(by_path.get(path, ())))

    def fields_of(keys: list[str]) -> tuple[FieldLine, ...]:
        wanted = [path for key in keys for path in every if path == key or path.startswith(f"{key}/")]
        return tuple(line(path) for path in wanted if drafting.is_field(document, path))

    return [
        PageLine(
            str(one.get("key", "")),
            str(one.get("title", "")),
            str(one.get("lead", "")),
            str(one.get("when") or ""),
            fields_of([str(key) for key in one.get("fields") or []]),
        )
        for one in drafting.page_entries(document)
    ]


def anchor_of(path: str) -> str:
    """The id of a field in the list."""
    return f"f-{path.replace('/', '-')}"


def found_lines(number: int, document: Mapping[str, Any], found: tuple[api.FormFinding, ...]) -> list[tuple[api.FormFinding, str, str]]:
    """Findings with the address of where each is mended, and what to do in words."""
    every = set(drafting.paths(document)) if document else set()
    pages = [str(one.get("key", "")) for one in drafting.page_entries(document)] if document else []

    def address(path: str) -> str:
        path = path.removesuffix("/x-when").removesuffix("/x-from")
        if path in every:
            return f"{reverse('services:form-field', args=[number])}?path={path}"
        where, _slash, place = path.partition("/")
        if where == "x-pages" and place.isdecimal() and int(place) < len(pages):
            return f"{reverse('services:form-page', args=[number])}?key={pages[int(place)]}"
        return reverse("services:form-refusals", args=[number]) if where == "x-refuse" else ""

    return [(one, address(one.path), advice(one.sentence, one.remedy)) for one in found]


def form_page(request: SignedIn, number: int, error: ZhengtongError | None = None) -> HttpResponseBase:
    """The form of an item as its office and the bureau see it."""
    view = api.own_item(number, request.actor)
    request.standing = "/work/items/"
    document = view.content.form
    found = api.form_findings(document)
    writes = api.may_write_form(view, request.actor)
    context = {
        "item": view,
        "document": document,
        "pages": _lines(document, found) if document else [],
        "found": found_lines(number, document, found),
        "refusals": drafting.refusals_in(document),
        "writes": writes,
        "begins": not writes and api.may_begin_version(view, request.actor),
        "last": api.last_change(number, document) if writes else None,
        "sound": bool(document) and not any(one.blocks for one in found),
        "error": error,
        "wrong": [advice(f"{one.path}:{one.sentence}" if one.path else one.sentence, one.remedy) for one in error.findings]
        if isinstance(error, api.FormRefused)
        else [],
    }
    return render(request, "services/form/editor.html", context, status=error.status if error else 200)


@signed_in
@require_GET
def editor(request: SignedIn, number: int) -> HttpResponseBase:
    """The form with all that can be done to it."""
    return form_page(request, number)


#: act → what it does to the document
_ACTS: Mapping[str, Callable[[dict[str, Any], str], dict[str, Any]]] = {
    "field-up": lambda document, path: drafting.move_field(document, path, -1),
    "field-down": lambda document, path: drafting.move_field(document, path, 1),
    "field-remove": drafting.remove_field,
    "page-up": lambda document, path: drafting.move_page(document, path, -1),
    "page-down": lambda document, path: drafting.move_page(document, path, 1),
    "page-remove": drafting.remove_page,
}
#: how history tells an act
_TOLD_LABELS: Mapping[str, str] = {
    "field-up": "移动字段 {path}",
    "field-down": "移动字段 {path}",
    "field-remove": "删去字段 {path}",
    "page-up": "移动页 {path}",
    "page-down": "移动页 {path}",
    "page-remove": "删去页 {path}",
}


@signed_in
@require_POST
def change(request: SignedIn, number: int) -> HttpResponseBase:
    """Move or remove something, take the last change back, begin a form or a version."""
    view = api.own_item(number, request.actor)
    act, _colon, path = request.POST.get("act", "").partition(":")
    common = {"actor": request.actor, "item_id": number, "revision": posted_revision(request), "now": clock.now()}
    try:
        if act == "begin-version":
            api.begin_version(**common)
        elif act == "undo":
            api.undo_form(**common)
        else:
            # whoever may not write learns that first
            api.require_form_writing(view, request.actor)
            made, told = _done(view, act, path)
            api.save_form(**common, document=made, told=told, about="")
    except (Invalid, api.ItemChangedMeanwhile, api.NothingToTakeBack) as exc:
        return form_page(request, number, exc)
    anchors = {"field-up": anchor_of(path), "field-down": anchor_of(path), "page-up": f"p-{path}", "page-down": f"p-{path}"}
    return redirect(f"{reverse('services:form', args=[number])}#{anchors.get(act, '')}")


def _done(view: api.ItemView, act: str, path: str) -> tuple[dict[str, Any], str]:
    if act == "begin":
        first, _key = drafting.add_page(drafting.blank(view.name), drafting.PageDraft(_("申请人")))
        return first, say("开始表单")
    if act not in _ACTS:
        raise Invalid("没有这种操作", field="act", remedy="刷新页面再试")
    return _ACTS[act](view.content.form, path), say(_TOLD_LABELS[act], path=path)


class PageForm(forms.Form):
    """What a page says."""

    use_required_attribute = False
    title = forms.CharField(max_length=100)
    lead = forms.CharField(max_length=500, required=False, widget=forms.Textarea({"rows": 2}))
    when = forms.CharField(max_length=500, required=False)
    revision = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        said_of = {
            "title": (_("页的标题"), _("一页最好只问一件事,例如“经营场所”。")),
            "lead": (_("开头的话"), _("为什么问、准备好什么。")),
            "when": (_("什么时候有这一页"), _('留空总有。条件只看前面各页的字段,例如 kind == "new"。')),
        }
        for name, (label, hint) in said_of.items():
            self.fields[name].label, self.fields[name].help_text = label, hint


@signed_in
def page(request: SignedIn, number: int) -> HttpResponseBase:
    """One page: ``?key=`` an existing one, without it a new one."""
    view = to_write(request, number)
    document, key = view.content.form, request.GET.get("key", "")
    says = drafting.page_at(document, key) if key else drafting.PageDraft("")
    initial = {"title": says.title, "lead": says.lead, "when": says.when, "revision": view.revision}
    form = PageForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        draft = drafting.PageDraft(told["title"].strip(), told["lead"].strip(), told["when"].strip())
        changed, saved = (drafting.change_page(document, key, draft), key) if key else drafting.add_page(document, draft)
        place = next(at for at, one in enumerate(changed["x-pages"]) if one.get("key") == saved)
        try:
            api.save_form(
                actor=request.actor,
                item_id=number,
                document=changed,
                told=say("改页 {key}", key=key) if key else say("加页 {key}", key=saved),
                about=f"x-pages/{place}",
                revision=posted_revision(request),
                now=clock.now(),
            )
        except api.FormRefused as exc:
            for one in exc.findings:
                form.add_error("when", advice(one.sentence, one.remedy))
        except api.ItemChangedMeanwhile as exc:
            form.add_error(None, advice(exc.sentence, exc.remedy))
        else:
            return redirect(f"{reverse('services:form', args=[number])}#p-{saved}")
    context = {
        "form": form,
        "heading": _("编辑一页") if key else _("加一页"),
        "lead": view.name,
        "submit": _("保存"),
        "back": reverse("services:form", args=[number]),
    }
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


@signed_in
def refusals(request: SignedIn, number: int) -> HttpResponseBase:
    """Who cannot go on, and what they read: conditions with sentences."""
    view = to_write(request, number)
    rows = drafting.refusals_in(view.content.form)
    error: ZhengtongError | None = None
    if request.method == "POST":
        posted = zip(request.POST.getlist("when")[:50], request.POST.getlist("sentence")[:50], strict=False)
        rows = [(when.strip()[:500], sentence.strip()[:300]) for when, sentence in posted if when.strip() or sentence.strip()]
        try:
            api.save_form(
                actor=request.actor,
                item_id=number,
                document=drafting.with_refusals(view.content.form, rows),
                told=say("改不能办理的情形"),
                about="x-refuse",
                revision=posted_revision(request),
                now=clock.now(),
            )
        except (api.FormRefused, api.ItemChangedMeanwhile) as exc:
            error = exc
        else:
            messages.success(request, _("已保存。"))
            return redirect("services:form", number)
    wrong = (
        {one.path.rpartition("/")[2]: advice(one.sentence, one.remedy) for one in error.findings}
        if isinstance(error, api.FormRefused)
        else {}
    )
    shown = [(when, sentence, wrong.get(str(place), "")) for place, (when, sentence) in enumerate(rows)]
    context = {
        "item": view,
        "rows": [*shown, *[("", "", "")] * _MORE_REFUSALS],
        "error": error,
        "revision": request.POST.get("revision") or view.revision,
        "names": [
            (path, drafting.field_at(view.content.form, path).title) for path in drafting.paths(view.content.form) if "/" not in path
        ],
    }
    return render(request, "services/form/refusals.html", context, status=error.status if error else 200)


@signed_in
@require_GET
def document(request: SignedIn, number: int) -> HttpResponseBase:
    """The form as a JSON Schema document."""
    view = api.own_item(number, request.actor)
    text = json.dumps(view.content.form, ensure_ascii=False, indent=2) + "\n"
    disposition = {"Content-Disposition": f'attachment; filename="form-{view.code}-{view.version}.json"', "Cache-Control": "no-store"}
    return HttpResponse(text, content_type="application/schema+json", headers=disposition)


@signed_in
@require_POST
def take_in(request: SignedIn, number: int) -> HttpResponseBase:
    """A JSON Schema document instead of the form that is there."""
    to_write(request, number)
    try:
        api.save_form(
            actor=request.actor,
            item_id=number,
            document=_posted_document(request),
            told=say("导入表单"),
            about=None,
            revision=posted_revision(request),
            now=clock.now(),
        )
    except (Invalid, api.ItemChangedMeanwhile) as exc:
        return form_page(request, number, exc)
    messages.success(request, _("已导入。"))
    return redirect("services:form", number)


def _posted_document(request: SignedIn) -> dict[str, Any]:
    file = request.FILES.get("file")
    data = file.read(_LONGEST_FILE + 1) if file is not None and not isinstance(file, list) else request.POST.get("text", "").encode()
    if not data.strip():
        raise Invalid("没有选择文件,也没有粘贴内容", field="file", remedy="选一个 JSON 文件,或把内容粘贴进来")
    if len(data) > _LONGEST_FILE:
        raise Invalid("文件超过 1 MB", field="file", remedy="表单的文件没有这么大,核对是否选错了文件")
    try:
        read = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as exc:
        raise Invalid("这不是 JSON", field="file", remedy="核对括号、引号和逗号,用 UTF-8 编码") from exc
    return read if isinstance(read, dict) else {}
