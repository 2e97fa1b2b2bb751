"""What is asked after these answers, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from zhengtong.engines.conditions import Condition, NoAnswer, Value
from zhengtong.engines.forms.document import Field, Finding, Form, Page
from zhengtong.engines.forms.kinds import BOUND_NAMES, Kind, is_value, said_shape, shown
from zhengtong.kernel.sentences import say

#: a field's key to its value; of a group, to a list of such
Answers = Mapping[str, Any]


def asked(form: Form, answers: Answers) -> tuple[Page, ...]:
    """The pages that are shown after these answers, each with the fields that are asked on it; a page without any is left out."""
    open_ = {one.key for one in asked_fields(form, answers)}
    shown = []
    for page in form.pages:
        fields = tuple(key for key in page.fields if key in open_)
        if fields:
            shown.append(Page(page.key, page.title, page.lead, fields, page.when))
    return tuple(shown)


def kept(form: Form, answers: Answers) -> dict[str, Any]:
    """The answers to what is still asked; the others were given to questions that have gone."""
    return {one.key: answers[one.key] for one in asked_fields(form, answers) if one.key in answers}


def refusal(form: Form, answers: Answers) -> str:
    """Why this cannot be gone on with, in the form's own words; empty if it can."""
    told = _told(kept(form, answers))
    return next((sentence for when, sentence in form.refusals if _holds(when, told)), "")


def wrong(form: Form, answers: Answers, *, only: frozenset[str] | None = None) -> tuple[Finding, ...]:
    """
    Everything that keeps the answers from being handed in, by field (``shareholders/0/name``), in the order of asking.

    :param only: look at these fields alone, as a page does.
    """
    wanted = [one for one in asked_fields(form, answers) if only is None or one.key in only]
    given = {one.key: answers[one.key] for one in wanted if not _empty(answers.get(one.key))}
    found: list[Finding] = []
    for one in wanted:
        if one.required and one.key not in given:
            found.append(_missing(one, one.key))
        elif one.key in given:
            found += _of(one, given[one.key], one.key)
    return tuple(found)


def asked_fields(form: Form, answers: Answers) -> Iterator[Field]:
    """
    The fields that are asked, in order; a condition sees only what was asked before it.

    Whoever takes one field after another may put its answer into ``answers`` before taking the next.
    """
    told: dict[str, Value] = {}
    for page in form.pages:
        if page.when is not None and not _holds(page.when, told):
            continue
        for key in page.fields:
            one = form.fields[key]
            if one.when is None or _holds(one.when, told):
                yield one
                told |= _told({key: answers[key]} if key in answers else {})


def _told(answers: Answers) -> dict[str, Value]:
    """Values as conditions know them: texts, whole numbers, truth; of a list, how long it is."""
    return {key: len(value) if isinstance(value, list) else value for key, value in answers.items() if isinstance(value, str | int | list)}


def _holds(when: Condition, told: Mapping[str, Value]) -> bool:
    """Whether a condition holds; what has not been answered yet makes it false."""
    try:
        return when.holds(told)
    except NoAnswer:
        return False


def _empty(value: object) -> bool:
    return value is None or value in ("", [], {})


def _missing(one: Field, path: str) -> Finding:
    chosen = one.kind in {Kind.CHOICE, Kind.CHOICES, Kind.YES_NO}
    sentence = say("请选择“{title}”", title=one.title) if chosen else say("请填写“{title}”", title=one.title)
    return Finding(path, sentence, said_shape(one.kind))


def _of(one: Field, value: object, path: str) -> Iterator[Finding]:
    if one.kind is Kind.GROUP and isinstance(value, list):
        yield from _of_group(one, value, path)
        return
    for error in _validator(one).iter_errors(value):
        yield Finding(path, _said(one, error), said_shape(one.kind))
        return


def _of_group(group: Field, entries: list[Any], path: str) -> Iterator[Finding]:
    if group.least is not None and len(entries) < group.least:
        yield Finding(path, say("“{title}”至少填 {least} 项", title=group.title, least=group.least), "再加一项")
    if group.most is not None and len(entries) > group.most:
        yield Finding(path, say("“{title}”最多填 {most} 项", title=group.title, most=group.most), "去掉多余的")
    for number, entry in enumerate(entries):
        if not isinstance(entry, Mapping):
            yield Finding(f"{path}/{number}", say("“{title}”的一项读不出来", title=group.title), "重新填写这一项")
            continue
        told = _told(entry)
        for one in group.fields:
            if one.when is not None and not _holds(one.when, told):
                continue
            here = f"{path}/{number}/{one.key}"
            if not _empty(entry.get(one.key)):
                yield from _of(one, entry[one.key], here)
            elif one.required:
                yield _missing(one, here)


_FORMATS = FormatChecker(formats=())
for _kind in Kind:
    _FORMATS.checks(_kind.value)(partial(is_value, _kind))


@lru_cache(maxsize=4096)
def _validator(one: Field) -> Draft202012Validator:
    """What JSON Schema says of a field."""
    return Draft202012Validator(schema_of(one), format_checker=_FORMATS)


def schema_of(one: Field) -> dict[str, Any]:
    """A field as JSON Schema without members of our own, as another program would check it."""
    low, high = BOUND_NAMES.get(one.kind, ("minLength", "maxLength"))
    bounds = {name: value for name, value in ((low, one.least), (high, one.most)) if value is not None}
    values = [value for value, _label in one.options]
    day = {"type": "string", "format": Kind.DATE.value}
    entry = {"type": "object", "properties": {each.key: schema_of(each) for each in one.fields}, "additionalProperties": False}
    own: dict[Kind, dict[str, Any]] = {
        Kind.NUMBER: {"type": "integer", **bounds},
        Kind.AMOUNT: {"type": "integer", "format": Kind.AMOUNT.value, **bounds},
        Kind.YES_NO: {"type": "boolean"},
        Kind.CHOICE: {"type": "string", "enum": values},
        Kind.CHOICES: {"type": "array", "items": {"enum": values}, "uniqueItems": True, **bounds},
        Kind.PERIOD: {"type": "object", "properties": {"from": day, "to": day}, "required": ["from"], "additionalProperties": False},
        Kind.GROUP: {"type": "array", "items": entry, **bounds},
    }
    return own.get(one.kind) or {"type": "string", "format": one.kind.value, **bounds}


def _said(one: Field, error: ValidationError) -> str:
    """An error of JSON Schema in words."""
    template = WRONG_LABELS.get(str(error.validator), "“{title}”不合要求")
    return say(template, title=one.title, least=shown(one.kind, one.least), most=shown(one.kind, one.most))


#: what JSON Schema finds wrong, in words
WRONG_LABELS = {
    "minLength": "“{title}”至少 {least} 个字",
    "maxLength": "“{title}”最多 {most} 个字",
    "minimum": "“{title}”不能小于 {least}",
    "maximum": "“{title}”不能大于 {most}",
    "minItems": "“{title}”至少选 {least} 项",
    "maxItems": "“{title}”最多选 {most} 项",
    "enum": "“{title}”请从列出的选项里选",
}
