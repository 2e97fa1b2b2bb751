"""
What is wrong with an item's form beyond its own rules: sources that are not there, and questions that a connected source answers.

A form must be sound by itself (``engines.forms``) before its item is published, and must name only sources that are published and bound.
Asking for what a connected source holds is a warning: a field's title is less certain than the name of a required document, which blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zhengtong.apps.affairs.services.rules.sources import Connected, key_of
from zhengtong.engines.forms.document import Field, Form, InvalidForm, form
from zhengtong.engines.forms.document import findings as document_findings
from zhengtong.engines.forms.kinds import Kind
from zhengtong.kernel.sentences import say

#: shorter stems (姓名, 性别) are items of nearly every resource and say too little
_LEAST = 3


@dataclass(frozen=True)
class FormFinding:
    """What is wrong at a path of the form: a field, ``group/field``, ``x-pages/0``, ``x-refuse/0``, or empty for the whole."""

    path: str
    rule: str
    sentence: str
    remedy: str
    blocks: bool = True


def read(document: Mapping[str, Any]) -> Form | None:
    """The form, if its document keeps the rules."""
    try:
        return form(document)
    except InvalidForm:
        return None


def every_field(made: Form) -> Iterator[tuple[str, Field]]:
    """The fields with their paths, those of a group after it."""
    for key, one in made.fields.items():
        yield key, one
        yield from ((f"{key}/{inner.key}", inner) for inner in one.fields)


def check_form(document: Mapping[str, Any], connected: Iterable[Connected]) -> tuple[FormFinding, ...]:
    """Everything that is wrong with a form, errors before warnings; nothing for an empty one."""
    if not document:
        return ()
    made = read(document)
    if made is None:
        return tuple(FormFinding(one.path, "form", one.sentence, one.remedy) for one in document_findings(document))
    known = {one.code: one for one in connected}
    found = [finding for path, one in every_field(made) for finding in _source(path, one, known)]
    return tuple(sorted(found, key=lambda one: not one.blocks))


def _source(path: str, one: Field, known: Mapping[str, Connected]) -> Iterator[FormFinding]:
    if one.source is None:
        held = None if one.reason or one.kind is Kind.GROUP else holder_of(one.title, known.values())
        if held is not None:
            sentence = say("“{title}”可以由“{resource}”的“{item}”取得,不必再问", title=one.title, resource=held[0].name, item=held[1])
            yield FormFinding(path, "avoidable", sentence, say("选这个来源,或写明为什么仍要填写"), blocks=False)
        return
    resource = known.get(one.source.resource)
    if resource is None:
        sentence = say("来源 {resource} 没有发布,或没有挂接数据", resource=one.source.resource)
        yield FormFinding(path, "source", sentence, say("换一个已发布并挂接的资源,或请提供方挂接"))
    elif one.source.item not in resource.keys:
        sentence = say("“{resource}”里没有信息项 {item}", resource=resource.name, item=one.source.item)
        yield FormFinding(path, "source", sentence, say("从这个资源的信息项里选"))


def holder_of(title: str, connected: Iterable[Connected]) -> tuple[Connected, str] | None:
    """A connected resource that holds what a field of this title asks for, with its item's name."""
    key = key_of(title)
    if len(key) < _LEAST:
        return None
    for one in connected:
        item = next((item for item in one.items if key_of(item) == key), None)
        if item is not None:
            return one, item
    return None
