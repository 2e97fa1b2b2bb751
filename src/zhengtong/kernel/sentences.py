"""
Sentences for people that carry values.

A :class:`Sentence` is its own Chinese: a ``str`` that logs, commands and the gateway print as it is. It also remembers the template and the
values it was made of, so that a page can say it in the reader's language and a table can keep it without choosing one. A value that is a
sentence is translated with it; any other text in a sentence is somebody's own (a name, a number, a path) and stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any, Self, TypeAlias

#: Gives a template in another language; the number, where there is one, decides between singular and plural.
Translate: TypeAlias = Callable[[str, int | None], str]
#: What a table or a document keeps of a sentence: plain text, or the template with its values.
Kept: TypeAlias = str | dict[str, Any]


class Sentence(str):
    """Chinese made from a template and values. Make one with :func:`say`."""

    __slots__ = ("template", "values")
    template: str
    values: dict[str, int | float | str]

    def __new__(cls, text: str, template: str | None = None, values: Mapping[str, int | float | str] | None = None) -> Self:
        made = super().__new__(cls, text)
        made.template = text if template is None else template
        made.values = dict(values or {})
        return made

    def __getnewargs__(self) -> tuple[str, str, dict[str, int | float | str]]:  # type: ignore[override]  # for copies and pickles
        return str(self), self.template, self.values

    def rendered(self, translate: Translate) -> str:
        """The sentence with its template, and the sentences in it, translated."""
        values = {name: one.rendered(translate) if isinstance(one, Sentence) else one for name, one in self.values.items()}
        count = values.get("count")
        template = translate(self.template, count if isinstance(count, int) else None)
        return template.format(**values) if values else template


def say(template: str, /, **values: object) -> Sentence:
    """
    A sentence from its Chinese template, with ``{name}`` where a value goes; a sentence is itself.

    Numbers and sentences are kept as such, everything else as its text. The value named ``count`` decides between singular and plural in
    languages that have them.
    """
    if isinstance(template, Sentence):
        return template
    plain = {name: one if isinstance(one, Sentence | int | float) else str(one) for name, one in values.items()}
    return Sentence(template.format(**plain) if plain else template, template, plain)


def listed(words: Iterable[object]) -> str:
    """Words one after another: ``甲、乙、丙``; empty if there are none."""
    parts = [one if isinstance(one, str) else str(one) for one in words]
    return reduce(lambda before, one: say("{before}、{one}", before=before, one=one), parts) if parts else ""


def in_turn(sentences: Iterable[str]) -> str:
    """Sentences one after another: ``甲;乙``; empty if there are none. Each is one of ours and is translated, with or without values."""
    parts = [say(one) for one in sentences]
    return reduce(lambda before, one: say("{before};{one}", before=before, one=one), parts) if parts else ""


def kept(text: str) -> Kept:
    """How a sentence is kept without choosing a language; ``told`` reads it back. Plain text is kept as it is."""
    if not isinstance(text, Sentence):
        return text
    values = {name: kept(one) if isinstance(one, str) else one for name, one in text.values.items()}
    return {"say": text.template, "with": values} if values else {"say": text.template}


def told(document: Kept) -> str:
    """What ``kept`` kept."""
    if isinstance(document, str):
        return document
    return say(document["say"], **{name: told(one) if isinstance(one, dict) else one for name, one in document.get("with", {}).items()})


def to_text(sentence: str) -> str:
    """``kept`` as a text, for columns and files that hold nothing else; ``from_text`` reads it back."""
    document = kept(sentence)
    return document if isinstance(document, str) else json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str) -> str:
    """What ``to_text`` wrote; other text is itself."""
    return told(json.loads(text)) if text.startswith('{"say":') else text
