"""
Questions of a form on a page, and what somebody typed there: one component for filing and for the preview of a form.

``shown`` makes the inputs that ``ui/form/input.html`` draws; ``read_page`` reads the post field by field: values that can be kept, texts as
they were typed, and what is wrong with them. Nothing here knows an applicant, a draft or a source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.http import QueryDict

from zhengtong.engines.forms.document import MOST_ENTRIES, Field, Finding
from zhengtong.engines.forms.kinds import Kind, read, said_shape
from zhengtong.engines.forms.kinds import shown as shown_value
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.ui.speech import advice, said

#: kinds that one line of text asks for → (type, inputmode, autocomplete)
_LINES: Mapping[Kind, tuple[str, str, str]] = {
    Kind.NUMBER: ("text", "numeric", "off"),
    Kind.AMOUNT: ("text", "decimal", "off"),
    Kind.DATE: ("date", "", "off"),
    Kind.EMAIL: ("email", "email", "email"),
    Kind.PHONE: ("tel", "tel", "tel-national"),
    Kind.BANK_CARD: ("text", "numeric", "off"),
    Kind.NAME: ("text", "", "name"),
}


class Uploaded(Protocol):
    """A file that has come: what it is called, its bytes, where its owner gets it back."""

    name: str
    size: int
    address: str


@dataclass(frozen=True)
class Origin:
    """Where a value comes from, as a sentence and its tone; ``text`` is what stands there if it cannot be changed."""

    sentence: str = ""
    tone: str = ""
    locked: bool = False
    text: str = ""


@dataclass(frozen=True)
class Input:
    """One field as a page shows it. ``name`` is what is posted; entries of a group are lists of inputs."""

    name: str
    label: str
    hint: str
    kind: str
    required: bool
    locked: bool = False
    error: str = ""
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
    file: Uploaded | None = None
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


def shown(
    fields: Iterable[Field],
    texts: Mapping[str, Any],
    found: Iterable[Finding] = (),
    *,
    origins: Mapping[str, Origin] | None = None,
    files: Mapping[str, Uploaded] | None = None,
    counts: Mapping[str, int] | None = None,
) -> tuple[Input, ...]:
    """
    The inputs of a page.

    :param texts: what stands in the inputs, by their names, as :func:`texts_of` gives it or as it was typed.
    :param found: what is wrong, shown beside its input.
    :param counts: entries of each group; a group shows at least as many as it needs.
    """
    errors: dict[str, str] = {}
    for finding in found:
        errors.setdefault(finding.path.replace("/", "-"), advice(finding.sentence, finding.remedy))
    made = []
    for one in fields:
        origin = (origins or {}).get(one.key, Origin())
        if one.kind is Kind.GROUP and not origin.locked:
            made.append(_group(one, texts, errors, (counts or {}).get(one.key, 0)))
        else:
            made.append(_plain(one, one.key, texts, errors, origin=origin, file=(files or {}).get(one.key)))
    return tuple(made)


def summary(inputs: Iterable[Input], found: Iterable[Finding]) -> list[tuple[str, str, str]]:
    """Of every error: the id of its input, its label, the sentence; for the list above the page."""
    labels: dict[str, str] = {}
    for one in inputs:
        labels[one.name] = one.label
        labels |= {inner.name: inner.label for entry in one.entries for inner in entry}
    names = [(one.path.replace("/", "-"), one) for one in found]
    return [(name, labels.get(name, ""), advice(one.sentence, one.remedy)) for name, one in names]


_PLAIN = Origin()


def _plain(
    one: Field,
    name: str,
    texts: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    origin: Origin = _PLAIN,
    file: Uploaded | None = None,
) -> Input:
    kind, mode, complete = _LINES.get(one.kind, ("text", "", "off"))
    given = texts.get(name, "")
    options = (("yes", said(say("是"))), ("no", said(say("否")))) if one.kind is Kind.YES_NO else one.options
    return Input(
        name=name,
        label=one.title,
        hint=one.hint or said(said_shape(one.kind)),
        kind=one.kind,
        required=one.required,
        locked=origin.locked,
        error=errors.get(name, ""),
        text=origin.text if origin.locked else given if isinstance(given, str) else "",
        chosen=tuple(given) if isinstance(given, list) else (given,),
        options=options,
        input_type=kind,
        input_mode=mode,
        autocomplete=complete,
        origin=origin.sentence,
        tone=origin.tone,
        begin=str(texts.get(f"{name}-from", "")),
        end=str(texts.get(f"{name}-to", "")),
        file=file,
    )


def _group(group: Field, texts: Mapping[str, Any], errors: Mapping[str, str], held: int) -> Input:
    count = max(held, group.least or 1)
    entries = tuple(tuple(_plain(one, f"{group.key}-{number}-{one.key}", texts, errors) for one in group.fields) for number in range(count))
    return Input(
        group.key,
        group.title,
        group.hint,
        group.kind,
        group.required,
        error=errors.get(group.key, ""),
        entries=entries,
        may_add=count < (group.most or MOST_ENTRIES),
    )


def texts_of(one: Field, value: Any, name: str) -> Mapping[str, str | list[str]]:
    """A kept value as the inputs of its field show it."""
    texts: dict[str, str | list[str]] = {}
    match one.kind:
        case _ if value is None:
            pass
        case Kind.PERIOD:
            texts = {f"{name}-from": value.get("from", ""), f"{name}-to": value.get("to", "")}
        case Kind.CHOICES:
            texts = {name: list(value)}
        case Kind.YES_NO:
            texts = {name: "yes" if value else "no"}
        case Kind.AMOUNT:
            texts = {name: shown_value(one.kind, value).replace(",", "").removesuffix(".00")}
        case Kind.GROUP:
            for number, entry in enumerate(value):
                for inner in one.fields:
                    texts |= texts_of(inner, entry.get(inner.key), f"{name}-{number}-{inner.key}")
        case _:
            texts = {name: str(value)}
    return texts


@dataclass
class Typed:
    """Values by field, the texts behind them by the path of the input, and findings by path."""

    values: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str | list[str]] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)


def read_page(fields: Iterable[Field], data: QueryDict) -> Typed:
    """
    What was posted for these fields; one that the request does not mention is left as it is. Files are the caller's to keep.

    The count of a group's entries is posted beside it, so that an entry with nothing ticked is still there.
    """
    typed = Typed()
    for one in fields:
        if one.kind is Kind.FILE:
            continue
        if one.kind is Kind.GROUP:
            if f"{one.key}-count" in data:
                typed.values[one.key] = _entries(one, data, typed)
        elif _mentioned(one.key, data):
            kept, value = _value(one, one.key, one.key, data, typed)
            if kept:
                typed.values[one.key] = value
    return typed


def _mentioned(name: str, data: QueryDict) -> bool:
    """Whether the page asked for it: boxes and radio buttons that are not ticked are not sent, so the page marks them."""
    return any(each in data for each in (name, f"{name}-there", f"{name}-from"))


def _value(one: Field, name: str, path: str, data: QueryDict, typed: Typed) -> tuple[bool, Any]:
    """Whether the value can be kept, and the value; None for an empty field."""
    if one.kind is Kind.CHOICES:
        chosen = [value for value, _label in one.options if value in data.getlist(name)]
        typed.texts[name] = chosen
        return True, chosen or None
    if one.kind is Kind.PERIOD:
        begin, end = data.get(f"{name}-from", "").strip(), data.get(f"{name}-to", "").strip()
        typed.texts[f"{name}-from"], typed.texts[f"{name}-to"] = begin, end
        text = f"{begin}/{end}" if begin or end else ""
    else:
        text = data.get(name, "").strip()
        typed.texts[name] = text
    if not text:
        return True, None
    try:
        return True, read(one.kind, text)
    except Invalid as exc:
        typed.found.append(Finding(path, exc.sentence, exc.remedy))
        return False, None


def _entries(group: Field, data: QueryDict, typed: Typed) -> list[dict[str, Any]]:
    text = data.get(f"{group.key}-count", "")
    count = min(int(text), MOST_ENTRIES) if text.isascii() and text.isdecimal() and len(text) < 5 else 0  # noqa: PLR2004 - no more digits
    entries = []
    for number in range(count):
        entry: dict[str, Any] = {}
        for one in group.fields:
            kept, value = _value(one, f"{group.key}-{number}-{one.key}", f"{group.key}/{number}/{one.key}", data, typed)
            if kept and value is not None:
                entry[one.key] = value
        entries.append(entry)
    return entries


def changed_entries(entries: list[Any], act: str, group: Field) -> list[Any] | None:
    """
    The entries after ``add:<group>`` or ``remove:<group>:<number>``; None for another act.

    An act that cannot be done, such as one entry too many, changes nothing.
    """
    verb, _, rest = act.partition(":")
    key, _, number = rest.partition(":")
    if key != group.key:
        return None
    if verb == "add":
        return [*entries, {}] if len(entries) < (group.most or MOST_ENTRIES) else entries
    if verb == "remove" and number.isascii() and number.isdecimal():
        return [one for place, one in enumerate(entries) if place != int(number[:4])]
    return None
