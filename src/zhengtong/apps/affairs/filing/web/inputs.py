"""The inputs of a page: label, hint, where the value comes from, what is wrong, and what stands in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from zhengtong.apps.affairs.filing import api
from zhengtong.engines.forms.document import Field, Finding
from zhengtong.engines.forms.kinds import Kind, masked, said_shape, shown
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.ui.moments import day
from zhengtong.toolkit.ui.speech import advice, listed, said

#: kinds that one line of text asks for → (type, inputmode, autocomplete)
_LINES: Mapping[Kind, tuple[str, str, str]] = {
    Kind.NUMBER: ("text", "numeric", "off"),
    Kind.AMOUNT: ("text", "decimal", "off"),
    Kind.DATE: ("date", "", "off"),
    Kind.EMAIL: ("email", "email", "email"),
    Kind.PHONE: ("tel", "tel", "tel-national"),
    Kind.BANK_CARD: ("text", "numeric", "off"),
}
#: kinds of which even their owner sees the middle hidden, on a page that somebody may look at over their shoulder
_HIDDEN = frozenset({Kind.IDENTITY, Kind.BANK_CARD})


@dataclass(frozen=True)
class Input:
    """One field as a page shows it. ``name`` is what is posted; entries of a group are lists of inputs."""

    name: str
    label: str
    hint: str
    kind: str
    required: bool
    locked: bool
    error: str
    text: str = ""
    chosen: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    input_type: str = "text"
    input_mode: str = ""
    autocomplete: str = "off"
    origin: str = ""
    tone: str = ""
    begin: str = ""
    end: str = ""
    file: api.UploadView | None = None
    entries: tuple[tuple[Input, ...], ...] = ()
    may_add: bool = True

    @property
    def described(self) -> str:
        """The ids of what explains it."""
        parts = [("hint", self.hint), ("origin", self.origin), ("error", self.error)]
        return " ".join(f"{self.name}-{part}" for part, text in parts if text)

    @property
    def filled(self) -> bool:
        """Whether the source has filled it in."""
        return self.tone == "done"


def inputs(view: api.DraftView, fields: Iterable[Field], texts: Mapping[str, Any], found: Iterable[Finding]) -> tuple[Input, ...]:
    """The inputs of a page. ``texts`` are as they were typed, where the page comes back with errors."""
    errors: dict[str, str] = {}
    for one in found:
        errors.setdefault(one.path.replace("/", "-"), advice(one.sentence, one.remedy))
    return tuple(_input(view, one, texts, errors) for one in fields)


def _input(view: api.DraftView, one: Field, texts: Mapping[str, Any], errors: Mapping[str, str]) -> Input:
    held = view.fields.get(one.key)
    locked = not api.may_type(one, held)
    origin, tone = origin_of(one, held)
    if locked:
        text = value_in_words(one, held.value if held else None, hidden=True)
        return Input(
            name=one.key,
            label=one.title,
            hint=one.hint,
            kind=one.kind,
            required=one.required,
            locked=True,
            error=errors.get(one.key, ""),
            text=text,
            origin=origin,
            tone=tone,
        )
    if one.kind is Kind.GROUP:
        return _group(view, one, texts, errors)
    file = view.upload(one.key) if one.kind is Kind.FILE else None
    return _plain(one, one.key, texts, errors, origin=origin, tone=tone, file=file)


def _plain(
    one: Field,
    name: str,
    texts: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    origin: str = "",
    tone: str = "",
    file: api.UploadView | None = None,
) -> Input:
    kind, mode, complete = _LINES.get(one.kind, ("text", "", "name" if one.kind is Kind.NAME else "off"))
    given = texts.get(name, "")
    options = (("yes", said(say("是"))), ("no", said(say("否")))) if one.kind is Kind.YES_NO else one.options
    return Input(
        name=name,
        label=one.title,
        hint=one.hint or said(said_shape(one.kind)),
        kind=one.kind,
        required=one.required,
        locked=False,
        error=errors.get(name, ""),
        text=given if isinstance(given, str) else "",
        chosen=tuple(given) if isinstance(given, list) else (given,),
        options=options,
        input_type=kind,
        input_mode=mode,
        autocomplete=complete,
        origin=origin,
        tone=tone,
        begin=str(texts.get(f"{name}-from", "")),
        end=str(texts.get(f"{name}-to", "")),
        file=file,
    )


def _group(view: api.DraftView, group: Field, texts: Mapping[str, Any], errors: Mapping[str, str]) -> Input:
    held = view.fields.get(group.key)
    count = max(len(held.value) if held is not None and isinstance(held.value, list) else 0, group.least or 1)
    entries = tuple(tuple(_plain(one, f"{group.key}-{number}-{one.key}", texts, errors) for one in group.fields) for number in range(count))
    return Input(
        name=group.key,
        label=group.title,
        hint=group.hint,
        kind=group.kind,
        required=group.required,
        locked=False,
        error=errors.get(group.key, ""),
        entries=entries,
        may_add=group.most is None or count < group.most,
    )


def origin_of(one: Field, held: api.Held | None) -> tuple[str, str]:
    """Where a value comes from and what may be done about it, as a sentence, and its tone; empty where nobody was asked."""
    if held is None or held.meaning is None:
        return "", ""
    office = held.provider or held.resource
    if held.corrected:
        return said(say("您改了{office}登记的内容,提交后会转请{office}核实。", office=office)), "waiting"
    if held.meaning is api.Meaning.FOUND or held.state is api.FieldState.STALE:
        return _given(one, held, office)
    sentences = {
        api.Meaning.MISSING: say("{office}没有您的这项记录,请您填写。", office=office),
        api.Meaning.AMBIGUOUS: say("{office}有多条记录,请您填写办理这件事用的一条。", office=office),
    }
    if one.locked and held.meaning is api.Meaning.MISSING:
        return said(say("{office}没有您的这项登记。这一项以登记为准,请先到{office}办理登记。", office=office)), "refused"
    silent = say("{office}暂时没有应答,请您先填写;不影响提交,恢复后平台会自动核对。", office=office)
    return said(sentences.get(held.meaning, silent)), "waiting" if held.meaning in api.SILENT else ""


def _given(one: Field, held: api.Held, office: str) -> tuple[str, str]:
    """Of a value that a source gave."""
    on = day(held.fetched_at) if held.fetched_at else ""
    if held.state is api.FieldState.STALE:
        return said(say("来自{office},{day} 取得;现在没有应答,恢复后再核对。", office=office, day=on)), "waiting"
    got = say("来自{office},{day} 取得。", office=office, day=on)
    return said(got if one.locked else say("{got}不对可以改。", got=got)), "done"


def value_in_words(one: Field, value: Any, *, hidden: bool = False) -> str:
    """A value as a page says it."""
    if value is None or value in ("", []):
        return ""
    labels = dict(one.options)
    if one.kind is Kind.CHOICE:
        return labels.get(value, str(value))
    if one.kind is Kind.CHOICES:
        return listed(labels.get(each, str(each)) for each in value)
    if one.kind is Kind.YES_NO:
        return said(say("是") if value else say("否"))
    return masked(one.kind, value) if hidden and one.kind in _HIDDEN else shown(one.kind, value)
