"""Writing one field of an item's form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from zhengtong.apps.affairs.services import api
from zhengtong.engines.conditions import is_name
from zhengtong.engines.forms import drafting
from zhengtong.engines.forms.drafting import FieldDraft
from zhengtong.engines.forms.kinds import BOUND_NAMES, KIND_LABELS, Kind, read, shown
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid, ZhengtongError
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.speech import advice, refusal, said

#: where the engine finds something wrong with a field → the input to look at
_PLACES = {"x-when": "when", "x-from": "by"}
_CHOSEN = frozenset({Kind.CHOICE, Kind.CHOICES})


class FieldForm(forms.Form):
    """Everything that a field can say."""

    use_required_attribute = False
    key = forms.CharField(max_length=64, required=False)
    kind = forms.ChoiceField()
    title = forms.CharField(max_length=200)
    hint = forms.CharField(max_length=500, required=False, widget=forms.Textarea({"rows": 2}))
    required = forms.BooleanField(required=False)
    options = forms.CharField(max_length=20_000, required=False, widget=forms.Textarea({"rows": 5}))
    least = forms.CharField(max_length=20, required=False)
    most = forms.CharField(max_length=20, required=False)
    when = forms.CharField(max_length=500, required=False)
    by = forms.ChoiceField(required=False)
    locked = forms.BooleanField(required=False)
    reason = forms.CharField(max_length=500, required=False, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *arguments: Any, before: list[tuple[str, str]], new: bool, inner: bool, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        kinds = [(kind.value, said(say(label))) for kind, label in KIND_LABELS.items() if not (inner and kind is Kind.GROUP)]
        self.fields["kind"] = forms.ChoiceField(choices=kinds)
        self.fields["by"] = forms.ChoiceField(choices=[("", _("申请人自己的号码")), *before], required=False)
        if not new:
            del self.fields["key"]
        for name, (label, hint) in _said_of_fields().items():
            if name in self.fields:
                self.fields[name].label, self.fields[name].help_text = label, hint

    def draft(self, source: str, before: FieldDraft) -> FieldDraft | None:
        """
        What was written, None if it cannot be read.

        :param source: ``resource|item``, empty if the applicant fills it in.
        :param before: the field as it was: the item that finds the row stays while the resource does.
        """
        told = self.cleaned_data
        kind = Kind(told["kind"])
        resource, _bar, item = source.rpartition("|")
        least, most = self._bound(kind, "least"), self._bound(kind, "most")
        options = tuple(_option(line) for line in told["options"].splitlines() if line.strip()) if kind in _CHOSEN else ()
        if kind in _CHOSEN and not options:
            self.add_error("options", _("没有选项:每行写一个"))
        if self.errors:
            return None
        return FieldDraft(
            kind=kind,
            title=told["title"].strip(),
            hint=told["hint"].strip(),
            required=told["required"],
            when=told["when"].strip(),
            options=options,
            least=least,
            most=most,
            resource=resource,
            item=item,
            by=told["by"] if resource else "",
            key=before.key if resource and resource == before.resource else "",
            locked=told["locked"],
            reason=told["reason"].strip() if not resource else "",
        )

    def _bound(self, kind: Kind, name: str) -> int | None:
        text = self.cleaned_data[name].strip()
        if not text or kind not in drafting.BOUNDED:
            return None
        try:
            number = read(Kind.AMOUNT if kind is Kind.AMOUNT else Kind.NUMBER, text)
        except Invalid as exc:
            self.add_error(name, refusal(exc))
            return None
        if number < 0 and BOUND_NAMES.get(kind, ("",))[0] != "minimum":
            self.add_error(name, _("不能小于 0"))
            return None
        return int(number)


def _said_of_fields() -> dict[str, tuple[str, str]]:
    return {
        "key": (_("字段名"), _("字母开头,只用字母、数字和下划线;条件里用它。留空由系统编号,以后不再改。")),
        "kind": (_("字段类型"), ""),
        "title": (_("问什么"), _("填表人看得懂的话,例如“经营场所面积”。")),
        "hint": (_("提示"), _("怎么填、在哪里能找到;写在问题下面。")),
        "required": (_("必须填写"), ""),
        "options": (_("选项"), _("单选、多选用。每行一个;值和说法不同时写成 值=说法。")),
        "least": (_("下限"), _("文字是最少字数,数和金额(元)是最小值,多选和组是最少几项。")),
        "most": (_("上限"), _("文字是最多字数,数和金额(元)是最大值,多选和组是最多几项。")),
        "when": (_("什么时候问"), _('留空总是问。条件只看前面的字段,例如 kind == "new" and area >= 500。')),
        "by": (_("用什么号码查找"), _("按申请人自己的号码,或按前面填写的一个号码。")),
        "locked": (_("取得的值不许改"), _("法律以登记为准的,锁定;有错先到登记机关更正。")),
        "reason": (_("为什么仍要填写"), _("已连接的来源有这项数据、却仍要填写时,写明理由。")),
    }


def _option(line: str) -> tuple[str, str]:
    value, equals, label = line.strip().partition("=")
    return (value.strip(), label.strip()) if equals else (value.strip(), value.strip())


def _initial(says: FieldDraft) -> dict[str, Any]:
    lines = [value if value == label else f"{value}={label}" for value, label in says.options]
    plain = {name: getattr(says, name) for name in ("kind", "title", "hint", "required", "when", "by", "locked", "reason")}
    as_text = Kind.AMOUNT if says.kind is Kind.AMOUNT else Kind.TEXT
    bounds = {name: shown(as_text, getattr(says, name)) for name in ("least", "most")}
    return plain | bounds | {"options": "\n".join(lines)}


def posted_revision(request: SignedIn) -> int:
    """The revision that somebody looked at; 0, which none has, if it cannot be read."""
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 - no more digits


def to_write(request: SignedIn, number: int) -> api.ItemView:
    """
    The item whose form the visitor is about to write.

    :raises ItemUnknown, ItemNotAllowed, ItemState: as saving would.
    """
    view = api.own_item(number, request.actor)
    api.require_form_writing(view, request.actor)
    request.standing = "/work/items/"
    return view


@signed_in
def field(request: SignedIn, number: int) -> HttpResponseBase:
    """One field: ``?path=`` an existing one, ``?page=`` or ``?group=`` a new one there."""
    view = to_write(request, number)
    document = view.content.form
    path, page, group = (request.GET.get(name, "") for name in ("path", "page", "group"))
    new = not path
    says = drafting.field_at(document, path) if path else FieldDraft(Kind.TEXT, "")
    if new and not group:
        drafting.page_at(document, page)
    before = _before(document, path or f"{group}/" * bool(group), page)
    inner = bool(group) or "/" in path
    posted = request.method == "POST"
    form = FieldForm(request.POST if posted else None, initial=_initial(says), before=before, new=new, inner=inner)
    source = request.POST.get("source", "") if posted else f"{says.resource}|{says.item}" * bool(says.resource)
    error: ZhengtongError | None = None
    if posted and request.POST.get("act") != "search" and form.is_valid():
        draft = form.draft(source, says)
        if draft is not None:
            try:
                saved = _save(request, view, draft, form, path=path, page=page, group=group)
            except (api.FormRefused, drafting.KeyTaken) as exc:
                _place(form, exc)
            except (Invalid, api.ItemChangedMeanwhile) as exc:
                error = exc
            else:
                messages.success(request, _("已保存。"))
                return redirect(f"{reverse('services:form', args=[number])}#f-{saved.replace('/', '-')}")
    query = request.POST.get("query", "")
    context = {
        "item": view,
        "form": form,
        "error": error,
        "new": new,
        "path": path,
        "source": source,
        "chosen": api.source_named(*source.split("|", 1)) if "|" in source else None,
        "query": query,
        "found": api.field_sources(query or form["title"].value() or "") if posted and request.POST.get("act") == "search" else None,
        "revision": request.POST.get("revision") or view.revision,
        "names": [(key, label) for key, label in before],
        "held": api.holding(says.title) if says.title and not says.resource else None,
    }
    wrong = posted and bool(form.errors) and request.POST.get("act") != "search"
    return render(request, "services/form/field.html", context, status=error.status if error else 422 if wrong else 200)


def _save(request: SignedIn, view: api.ItemView, draft: FieldDraft, form: FieldForm, *, path: str, page: str, group: str) -> str:
    document = view.content.form
    if path:
        changed, told = drafting.change_field(document, path, draft), say("改字段 {path}", path=path)
    else:
        key = form.cleaned_data["key"].strip() or drafting.free_key(document)
        changed, path = drafting.add_field(document, key, draft, page=page, group=group)
        told = say("加字段 {path}", path=path)
    api.save_form(
        actor=request.actor,
        item_id=view.id,
        document=changed,
        told=told,
        about=path,
        revision=posted_revision(request),
        now=clock.now(),
    )
    return path


def _place(form: FieldForm, exc: api.FormRefused | drafting.KeyTaken) -> None:
    """Show what the engine finds wrong at the input that it is about."""
    if not isinstance(exc, api.FormRefused):
        form.add_error("key", refusal(exc))
        return
    for one in exc.findings:
        place = _PLACES.get(one.path.rpartition("/")[2], "title")
        form.add_error(place, advice(one.sentence, one.remedy))


def _before(document: dict[str, Any], path: str, page: str) -> list[tuple[str, str]]:
    """Fields that are asked before a field, by key, with their titles: what its condition and its source can look at."""
    stop, inner = path.partition("/")[::2]
    found: list[tuple[str, str]] = []
    for one in drafting.page_entries(document):
        for key in one.get("fields", []):
            if key == stop:
                return found + _inside(document, stop, inner) if "/" in path else found
            if is_name(str(key)) and key in document.get("properties", {}):
                found.append((key, f"{key} · {drafting.field_at(document, key).title}"))
        if page and one.get("key") == page:
            return found
    return found


def _inside(document: dict[str, Any], group: str, stop: str) -> list[tuple[str, str]]:
    found = []
    for path in drafting.paths(document):
        if path.startswith(f"{group}/"):
            key = path.partition("/")[2]
            if key == stop:
                break
            found.append((key, f"{key} · {drafting.field_at(document, path).title}"))
    return found
