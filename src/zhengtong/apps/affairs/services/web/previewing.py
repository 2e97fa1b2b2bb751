"""
Walking through a form as an applicant would, page by page, with the component that filing uses.

What is typed stays in the session of whoever previews, for this form as it is now; nothing is filed, no source is asked.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhengtong.apps.affairs.services import api
from zhengtong.engines.forms.answers import asked, kept, refusal, wrong
from zhengtong.engines.forms.document import Form, Page
from zhengtong.engines.forms.kinds import Kind, shown
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.ui import answering
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.speech import listed, said

#: the page after the last question
CHECK = "check"
_KEPT = "form-preview"


def _open(request: SignedIn, number: int) -> tuple[api.ItemView, Form | None]:
    view = api.own_item(number, request.actor)
    request.standing = "/work/items/"
    return view, api.form_read(view.content.form)


def _answers(request: SignedIn, view: api.ItemView) -> dict[str, Any]:
    held = request.session.get(_KEPT, {})
    return dict(held["answers"]) if held.get("of") == _of(view) else {}


def _of(view: api.ItemView) -> list[int]:
    return [view.id, view.version, view.revision]


@signed_in
@require_GET
def begin(request: SignedIn, number: int) -> HttpResponseBase:
    """The first page, with nothing answered; a form that breaks a rule has none."""
    view, made = _open(request, number)
    first = asked(made, {}) if made is not None else ()
    if made is None or not first:
        context = {"item": view, "found": bool(view.content.form)}
        return render(request, "services/form/preview_none.html", context, status=409 if view.content.form else 200)
    request.session.pop(_KEPT, None)
    return _shown(request, view, made, {}, first[0])


@signed_in
@require_http_methods(["GET", "POST"])
def page(request: SignedIn, number: int, key: str) -> HttpResponseBase:
    """One page of questions, or what was answered, before nothing is handed in."""
    view, made = _open(request, number)
    answers = _answers(request, view)
    pages = asked(made, answers) if made is not None else ()
    if made is None or not pages:
        return redirect("services:form-preview", number)
    if key == CHECK:
        return _check(request, view, made, answers, pages)
    here = next((one for one in pages if one.key == key), None)
    if here is None:
        return redirect("services:form-preview", number)
    if request.method == "POST":
        return _posted(request, view, made, answers, here)
    return _shown(request, view, made, answers, here)


def _posted(request: SignedIn, view: api.ItemView, made: Form, answers: dict[str, Any], here: Page) -> HttpResponseBase:
    fields = [made.fields[one] for one in here.fields]
    typed = answering.read_page(fields, request.POST)
    act = request.POST.get("act", "")
    changed = False
    for one in fields:
        entries = answering.changed_entries(typed.values[one.key], act, one) if one.key in typed.values and one.kind is Kind.GROUP else None
        if entries is not None:
            typed.values[one.key], changed = entries, True
    answers = {name: value for name, value in (answers | typed.values).items() if value is not None}
    # a file is never taken in a preview, so it counts as given once its page is left
    answers |= {one.key: "0" * 32 for one in fields if one.kind is Kind.FILE}
    request.session[_KEPT] = {"of": _of(view), "answers": answers}
    if changed:
        return redirect(f"{request.get_full_path()}#{act.split(':')[1]}")
    unreadable = {one.path for one in typed.found}
    typed.found += [one for one in wrong(made, answers, only=frozenset(here.fields)) if one.path not in unreadable]
    if typed.found:
        return _shown(request, view, made, answers, here, typed)
    return redirect("services:form-preview-page", view.id, _next(made, answers, here))


def _next(made: Form, answers: dict[str, Any], here: Page) -> str:
    if refusal(made, answers):
        return CHECK
    order = [one.key for one in asked(made, answers)]
    rest = order[order.index(here.key) + 1 :] if here.key in order else order
    return rest[0] if rest else CHECK


def _shown(
    request: SignedIn, view: api.ItemView, made: Form, answers: dict[str, Any], here: Page, typed: answering.Typed | None = None
) -> HttpResponseBase:
    fields = [made.fields[key] for key in here.fields]
    texts: dict[str, Any] = {}
    for one in fields:
        texts |= answering.texts_of(one, answers.get(one.key), one.key)
    texts |= typed.texts if typed else {}
    found = typed.found if typed else []
    counts = {one.key: len(answers.get(one.key) or ()) for one in fields if one.kind is Kind.GROUP}
    inputs = answering.shown(fields, texts, found, origins=_origins(made, here), counts=counts)
    pages = asked(made, answers)
    at = [one.key for one in pages].index(here.key)
    context = {
        "item": view,
        "page": here,
        "inputs": inputs,
        "alone": len(inputs) == 1 and inputs[0].label == here.title,
        "number": at + 1,
        "steps": len(pages) + 1,
        "back": reverse("services:form-preview-page", args=[view.id, pages[at - 1].key]) if at else "",
        "errors": answering.summary(inputs, found),
    }
    return render(request, "services/form/preview.html", context, status=422 if found else 200)


def _origins(made: Form, here: Page) -> dict[str, answering.Origin]:
    """What an applicant will read where a source fills a field; in a preview nobody is asked."""
    found = {}
    for key in here.fields:
        source = made.fields[key].source
        named = api.source_named(source.resource, source.item) if source else None
        if source is not None:
            office = named.office_name if named else source.resource
            item = named.item_name if named else source.item
            locked = made.fields[key].locked
            sentence = say("办理时由{office}的“{item}”填好,不能改动。", office=office, item=item)
            mild = say("办理时由{office}的“{item}”填好,不对可以改。", office=office, item=item)
            found[key] = answering.Origin(said(sentence if locked else mild))
    return found


def _check(request: SignedIn, view: api.ItemView, made: Form, answers: dict[str, Any], pages: tuple[Page, ...]) -> HttpResponseBase:
    rows = []
    for one in pages:
        lines = [(made.fields[key].title, _in_words(made, key, answers.get(key))) for key in one.fields]
        rows.append((one, reverse("services:form-preview-page", args=[view.id, one.key]), lines))
    context = {
        "item": view,
        "rows": rows,
        "refusal": refusal(made, answers),
        "missing": len(wrong(made, kept(made, answers))),
        "back": reverse("services:form-preview-page", args=[view.id, pages[-1].key]),
    }
    return render(request, "services/form/preview_check.html", context)


def _in_words(made: Form, key: str, value: Any) -> str:
    one = made.fields[key]
    if value in (None, "", []):
        return ""
    labels = dict(one.options)
    if one.kind is Kind.FILE:
        return _("(预览不上传文件)")
    if one.kind is Kind.GROUP:
        return said(say("{count} 项", count=len(value)))
    if one.kind is Kind.CHOICES:
        return listed(labels.get(each, str(each)) for each in value)
    if one.kind is Kind.YES_NO:
        return said(say("是") if value else say("否"))
    return labels.get(value, "") or shown(one.kind, value)
