"""
The pages of a filing: the questions one page after another, materials, check your answers, receipt.

They are the same in one's own space and at the one window; a :class:`Place` says who files and where the pages lie. Every page saves as one
goes on, and a session that ends loses no more than what stands on the page.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from zhengtong.apps.affairs.filing import api
from zhengtong.apps.affairs.filing.web.inputs import Input, inputs, origin_of, value_in_words
from zhengtong.apps.affairs.filing.web.places import Place
from zhengtong.apps.affairs.filing.web.reading import Typed, changed_entries, read_page, shown_texts
from zhengtong.apps.affairs.services import api as services
from zhengtong.engines.forms.answers import asked, wrong
from zhengtong.engines.forms.document import Field, Finding, Page
from zhengtong.engines.forms.effort import effort
from zhengtong.engines.forms.kinds import Kind
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.speech import advice, refusal, said

MATERIALS, CHECK = "materials", "check"


@dataclass(frozen=True)
class Line:
    """An answer on the check page."""

    title: str
    text: str
    entries: tuple[tuple[tuple[str, str], ...], ...]
    origin: str
    tone: str
    file: api.UploadView | None
    error: str
    anchor: str


def begin(request: HttpRequest, place: Place, code: str) -> HttpResponseBase:
    """What an item takes, and which sources will be asked, before anything is."""
    item = services.item(code)
    form = api.form_of(item)
    there = {one.granted.resource: one for one in api.sources(now=clock.now())}
    sourced = [(key, one.source) for key, one in form.fields.items() if one.source is not None and one.source.resource in there]
    offices = Counter(there[one.resource].granted.provider_name for _key, one in sourced)
    spared = effort(form, {}, prefilled=[key for key, one in sourced if not one.by])
    drafts = api.listed(place.filer.account_id, place.filer.digest, filed=False)
    context = {
        "place": place,
        "item": item,
        "effort": spared,
        "minutes": max(1, -(-spared.seconds // 60)),
        "offices": sorted(offices.items()),
        "draft": next((one for one in drafts if one.item_code == code), None),
    }
    return render(request, "filing/begin.html", context)


def page(request: HttpRequest, place: Place, public: UUID, key: str) -> HttpResponseBase:
    """One page of questions."""
    view = api.draft(place.filer, public)
    if view.filed_at is not None:
        return redirect(place.address("receipt", public))
    pages = asked(view.form, view.answers)
    here = next((one for one in pages if one.key == key), None)
    if here is None:
        # a page that is no longer asked, after an answer before it changed
        return redirect(place.page(public, pages[0].key)) if pages else redirect(place.address("check", public))
    if request.method == "POST":
        return _posted(request, place, view, here)
    view = api.refresh(view, filer=place.filer, keys=here.fields, now=clock.now())
    return _shown(request, place, view, here)


def _posted(request: HttpRequest, place: Place, view: api.DraftView, here: Page) -> HttpResponseBase:
    fields = [view.form.fields[key] for key in here.fields]
    act, public = request.POST.get("act", ""), view.public
    typed = read_page(fields, request.POST)
    for one in fields:
        if one.kind is Kind.GROUP and one.key in typed.values:
            entries = changed_entries(typed.values[one.key], act, one)
            if entries is not None:
                typed.values[one.key] = entries
                _saved(place, view, typed)
                return redirect(f"{request.get_full_path()}#{one.key}")
    _take_files(request, place, view, fields, typed)
    _saved(place, view, typed)
    if act == "later":
        messages.success(request, _("已保存。您可以随时在任何设备上接着办。"))
        return redirect(place.home)
    view = api.refresh(api.draft(place.filer, view.public), filer=place.filer, keys=_found_by(view, here), now=clock.now())
    unread = {one.path.partition("/")[0] for one in typed.found}
    only = frozenset(here.fields)
    typed.found += [one for one in wrong(view.form, view.answers, only=only) if one.path.partition("/")[0] not in unread]
    typed.found += [_missing(view, key) for key in here.fields if api.blocked(view.form.fields[key], view.fields.get(key))]
    if typed.found:
        return _shown(request, place, view, here, typed)
    if api.refused(view):
        return redirect(place.address("refused", public))
    return redirect(_next(place, view, here, back="change" in request.GET))


def _saved(place: Place, view: api.DraftView, typed: Typed) -> None:
    """Keep what can be kept; a locked field that was posted all the same becomes a finding, and nothing of it is kept."""
    try:
        api.save(filer=place.filer, public=view.public, values=typed.values, now=clock.now())
    except api.FieldLocked as exc:
        typed.found.append(Finding(exc.field, exc.sentence, exc.remedy))


def _missing(view: api.DraftView, key: str) -> Finding:
    field, held = view.form.fields[key], view.fields.get(key)
    return Finding(key, origin_of(field, held)[0])


def _found_by(view: api.DraftView, here: Page) -> list[str]:
    """The fields whose source is found by what was asked on this page."""
    return [key for key, one in view.form.fields.items() if one.source is not None and one.source.by in here.fields]


def _take_files(request: HttpRequest, place: Place, view: api.DraftView, fields: list[Field], typed: Typed) -> None:
    for one in fields:
        if one.kind is not Kind.FILE or one.key not in request.FILES:
            continue
        try:
            typed.values[one.key] = str(_uploaded(request, one.key, place, view, one.key))
        except api.FileRefused as exc:
            typed.found.append(Finding(one.key, exc.sentence, exc.remedy))


def _uploaded(request: HttpRequest, name: str, place: Place, view: api.DraftView, purpose: str) -> UUID | None:
    """
    Keep the file of a request; None if there is none.

    :raises FileRefused: naming the rule; one that is too large is not read at all.
    """
    given = request.FILES.get(name)
    if given is None or isinstance(given, list):
        return None
    content = b"" if (given.size or 0) > api.LARGEST else given.read()
    if not content and given.size:
        raise api.FileRefused(_("文件超过 10 MB"), field=name, remedy=_("压缩或拍得小一些再上传"))
    return api.upload(
        filer=place.filer, public=view.public, purpose=purpose, name=given.name or "", content=content, field=name, now=clock.now()
    )


def _next(place: Place, view: api.DraftView, here: Page, *, back: bool) -> str:
    if back:
        return place.address("check", view.public)
    pages = [one.key for one in asked(view.form, view.answers)]
    after = pages[pages.index(here.key) + 1 :] if here.key in pages else pages
    if after:
        return place.page(view.public, after[0])
    return place.address("materials" if view.item.materials else "check", view.public)


def _shown(request: HttpRequest, place: Place, view: api.DraftView, here: Page, typed: Typed | None = None) -> HttpResponseBase:
    fields = [view.form.fields[key] for key in here.fields]
    texts: dict[str, Any] = {}
    for one in fields:
        held = view.fields.get(one.key)
        texts |= shown_texts(one, held.value if held else None, one.key)
    if typed is not None:
        texts |= typed.texts
    shown = inputs(view, fields, texts, typed.found if typed else ())
    pages = asked(view.form, view.answers)
    number = [one.key for one in pages].index(here.key)
    context = {
        "place": place,
        "view": view,
        "page": here,
        "inputs": shown,
        "alone": len(shown) == 1 and shown[0].label == here.title,
        "number": number + 1,
        "steps": len(pages) + 1 + bool(view.item.materials),
        "back": place.page(view.public, pages[number - 1].key) if number else place.start(view.item.code),
        "errors": _summary(shown, typed.found if typed else []),
        "has_file": any(one.kind == Kind.FILE for one in shown),
        "filled": sum(one.filled for one in shown),
    }
    return render(request, "filing/page.html", context, status=422 if context["errors"] else 200)


def _summary(shown: tuple[Input, ...], found: list[Finding]) -> list[tuple[str, str, str]]:
    """Of every error: the id of its input, its label, the sentence."""
    labels: dict[str, str] = {}
    for one in shown:
        labels[one.name] = one.label
        labels |= {inner.name: inner.label for entry in one.entries for inner in entry}
    lines = []
    for finding in found:
        name = finding.path.replace("/", "-")
        lines.append((name, labels.get(name, ""), advice(finding.sentence, finding.remedy)))
    return lines


# ---------------------------------------------------------------------- materials
def materials(request: HttpRequest, place: Place, public: UUID) -> HttpResponseBase:
    """What the item requires, and what spares it."""
    view = api.draft(place.filer, public)
    if view.filed_at is not None:
        return redirect(place.address("receipt", public))
    needed = api.materials(view)
    if request.method == "POST":
        open_ = [spot for spot, one in enumerate(needed) if not one.settled]
        return redirect(place.address("material", public, open_[0]) if open_ else place.address("check", public))
    last = asked(view.form, view.answers)[-1:]
    context = {
        "place": place,
        "view": view,
        "rows": [(number, one, _taken(one, view)) for number, one in enumerate(needed)],
        "spared": sum(one.taken is not None and one.taken.way is not api.Way.UPLOAD for one in needed),
        "total": len(needed),
        "back": place.page(public, last[0].key) if last else place.start(view.item.code),
    }
    return render(request, "filing/materials.html", context)


def _taken(one: api.Needed, view: api.DraftView) -> str:
    if one.taken is None:
        return ""
    if one.taken.way is api.Way.UPLOAD:
        file = view.upload(f"material:{one.name}")
        return file.name if file else ""
    label = said(api.WAY_LABELS[one.taken.way])
    known = next((each.shown for each in one.choices if each.reference == one.taken.reference and each.way is one.taken.way), "")
    return f"{label}:{known}" if known else label


def material(request: HttpRequest, place: Place, public: UUID, number: int) -> HttpResponseBase:
    """One required document: choose what spares it, or upload it."""
    view = api.draft(place.filer, public)
    needed = api.materials(view)
    if not 0 <= number < len(needed):
        raise Http404
    one, error, where = needed[number], "", "way"
    if request.method == "POST":
        try:
            _take_way(request, place, view, one)
        except ZhengtongError as exc:
            error, where = refusal(exc), exc.field if exc.field in {"file", "accepted"} else "way"
        else:
            left = [spot for spot, each in enumerate(api.materials(api.draft(place.filer, public))) if not each.settled]
            return redirect(place.address("material", public, left[0]) if left else place.address("materials", public))
    context = {
        "place": place,
        "view": view,
        "one": one,
        "number": number,
        "labels": api.WAY_LABELS,
        "chosen": request.POST.get("way") or (f"{one.taken.way}|{one.taken.reference}" if one.taken else ""),
        "promise": api.promise_text(view, one.name),
        "file": view.upload(f"material:{one.name}"),
        "types": api.TYPES,
        "error": error,
        "where": where,
    }
    return render(request, "filing/material.html", context, status=422 if error else 200)


def _take_way(request: HttpRequest, place: Place, view: api.DraftView, one: api.Needed) -> None:
    chosen = request.POST.get("way", "")
    name, _bar, reference = chosen.partition("|")
    way = next((each.way for each in one.choices if each.way == name), None)
    if way is None and len(one.choices) == 1:
        way, reference = one.choices[0].way, one.choices[0].reference
    if way is None:
        raise api.FileRefused(_("请选择一种方式"), field="way")
    now = clock.now()
    if way is api.Way.UPLOAD:
        _uploaded(request, "file", place, view, f"material:{one.name}")
    accepted = api.promise_text(view, one.name) if request.POST.get("accepted") else ""
    api.take_way(filer=place.filer, public=view.public, name=one.name, way=way, reference=reference, accepted=accepted, now=now)


# ---------------------------------------------------------------------- check, hand in, receipt
def check(request: HttpRequest, place: Place, public: UUID) -> HttpResponseBase:
    """Everything once more, each with a way to change it; then it is handed in."""
    errors: list[tuple[str, str, str]] = []
    if request.method == "POST":
        try:
            api.submit(filer=place.filer, public=public, by=place.opened_by, now=clock.now())
        except api.NotComplete as exc:
            errors = [(one.path.replace("/", "-"), "", advice(one.sentence, one.remedy)) for one in exc.found]
        except api.SourceChanged as exc:
            errors = [("", "", refusal(exc))]
        else:
            return redirect(place.address("receipt", public))
    view = api.draft(place.filer, public)
    if view.filed_at is not None:
        return redirect(place.address("receipt", public))
    if api.refused(view):
        return redirect(place.address("refused", public))
    pages = asked(view.form, view.answers)
    context = {
        "place": place,
        "view": view,
        "pages": [(one, place.page(public, one.key, change=True), _lines(view, one, errors)) for one in pages],
        "materials": [(number, one, _taken(one, view)) for number, one in enumerate(api.materials(view))],
        "owed": api.owed_of(view),
        "errors": errors,
        "steps": len(pages) + 1 + bool(view.item.materials),
        "back": place.address("materials", public) if view.item.materials else place.page(public, pages[-1].key),
    }
    return render(request, "filing/check.html", context, status=422 if errors else 200)


def _lines(view: api.DraftView, here: Page, errors: list[tuple[str, str, str]]) -> list[Line]:
    wrong_at = {name.partition("-")[0]: sentence for name, _label, sentence in errors}
    lines = []
    for key in here.fields:
        field, held = view.form.fields[key], view.fields.get(key)
        value = held.value if held else None
        origin, tone = origin_of(field, held)
        entries: tuple[tuple[tuple[str, str], ...], ...] = ()
        text = ""
        if field.kind is Kind.GROUP:
            rows = value or []
            entries = tuple(tuple((one.title, value_in_words(one, row.get(one.key), hidden=True)) for one in field.fields) for row in rows)
        elif field.kind is not Kind.FILE:
            text = value_in_words(field, value, hidden=True)
        file = view.upload(key) if field.kind is Kind.FILE else None
        lines.append(Line(field.title, text, entries, origin, tone, file, wrong_at.get(key, ""), key))
    return lines


def refused(request: HttpRequest, place: Place, public: UUID) -> HttpResponseBase:
    """Who cannot go on reads why, and may change an answer."""
    view = api.draft(place.filer, public)
    sentence = api.refused(view)
    if not sentence or view.filed_at is not None:
        return redirect(place.address("check", public))
    pages = asked(view.form, view.answers)
    context = {"place": place, "view": view, "sentence": sentence, "back": place.page(public, pages[0].key)}
    return render(request, "filing/refused.html", context)


def receipt(request: HttpRequest, place: Place, public: UUID) -> HttpResponseBase:
    """What somebody keeps: the number, when, what for, and what is still owed by whom."""
    view = api.draft(place.filer, public)
    if view.filed_at is None:
        return redirect(place.address("check", public))
    context = {
        "place": place,
        "view": view,
        "owed": api.owed_of(view),
        "contradicted": [view.form.fields[key].title for key, one in view.fields.items() if one.corrected and key in view.form.fields],
    }
    return render(request, "filing/receipt.html", context)


def file(place: Place, public: UUID, upload: UUID) -> HttpResponseBase:
    """A file of one's own filing, as it was uploaded."""
    return handed_out(api.own_file(filer=place.filer, public=public, upload=upload))


def handed_out(content: api.Content) -> HttpResponseBase:
    """A file that is saved, never shown by the browser as a page of ours."""
    answer = HttpResponse(content.data, content_type=content.media_type)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=content.name) or "attachment"
    answer["Cache-Control"] = "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def drop(request: HttpRequest, place: Place, public: UUID) -> HttpResponseBase:
    """Give a draft up, after being asked."""
    view = api.draft(place.filer, public)
    if request.method == "POST":
        api.drop(filer=place.filer, public=public)
        messages.success(request, _("草稿已删除。"))
        return redirect(place.home)
    pages = asked(view.form, view.answers)
    context = {"place": place, "view": view, "back": place.page(public, pages[0].key) if pages else place.start(view.item.code)}
    return render(request, "filing/drop.html", context)
