"""An entry as the search index keeps it: the fields, and what goes into each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from zlib import crc32

import tantivy

from zhengtong.apps.resources.catalog.rules import segmenting
from zhengtong.apps.resources.catalog.rules.naming import initials, sort_key

#: Facets, in the order in which a page shows them.
FACETS = ("sharing", "region", "office", "class", "theme", "format", "cycle", "open")
#: The value of a facet that the entry does not state.
UNSTATED = "-"
#: How much a word counts by where it stands.
BOOSTS = {"title": 3.0, "items": 1.6, "provider": 1.4, "body": 1.0}
_REGION_LENGTHS = (2, 4, 6, 9, 12)
#: how documents are made; another value has every index mended
_MADE = "2"


@dataclass(frozen=True)
class Indexable:
    """A published entry with what its office is and was called."""

    id: int
    version: int
    code: str
    document: Mapping[str, Any]
    office: str
    office_names: tuple[str, ...]
    region: str
    published_on: date

    @property
    def stamp(self) -> int:
        """Changes whenever the indexed text would."""
        return self.version << 32 | crc32("|".join((_MADE, self.office, self.region, *self.office_names)).encode())


@cache
def schema() -> tantivy.Schema:
    """The fields of the index."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    for name in ("stamp", "date"):
        builder.add_unsigned_field(name, fast=True)
    for name in BOOSTS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in ("marks", "title_marks"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    for name in (*FACETS, "name_key"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    return builder.build()


def region_path(region: str) -> list[str]:
    """A division with those it lies in."""
    return [region[:length] for length in _REGION_LENGTHS if length <= len(region)]


def class_path(code: str) -> list[str]:
    """A classification with the 类 and 项 it belongs to."""
    return list(dict.fromkeys(part for part in (code[:1], code[:3], code) if part)) or [UNSTATED]


def _facets(entry: Indexable) -> dict[str, Sequence[str]]:
    says = entry.document
    is_open = says.get("is_open")
    return {
        "sharing": [says.get("sharing_type") or UNSTATED],
        "cycle": [says.get("update_cycle") or UNSTATED],
        "format": [says.get("format_class") or UNSTATED],
        "office": [entry.office],
        "region": region_path(entry.region),
        "class": class_path(says.get("class_code") or ""),
        "open": [UNSTATED if is_open is None else "1" if is_open else "0"],
        "theme": list(dict.fromkeys(says.get("themes") or ())) or [UNSTATED],
    }


def _code_marks(code: str) -> set[str]:
    plain = code.lower()
    return {plain[:length] for length in range(3, len(plain) + 1)}


def letters(*texts: str) -> set[str]:
    """The initials by which texts are found."""
    return {found for text in texts for run, words in segmenting.runs_in_words(text) for found in initials(run, words)}


def index_document(entry: Indexable) -> tantivy.Document:
    """The entry as the index takes it."""
    says = entry.document
    title, summary = str(says["name"]), str(says.get("summary", ""))
    items = " ".join(item["name"] for item in says.get("items", ()))
    labels = " ".join((*says.get("tags", ()), *says.get("themes", ())))
    offices = " ".join(entry.office_names)
    title_marks = segmenting.marks(title)
    marks = title_marks | segmenting.marks(f"{summary}\n{items}\n{labels}\n{offices}") | _code_marks(entry.code)
    marks |= letters(title, *entry.office_names)
    return tantivy.Document.from_dict(
        {
            "id": entry.id,
            "stamp": entry.stamp,
            "date": entry.published_on.toordinal(),
            "title": [" ".join(segmenting.words(title))],
            "items": [" ".join(segmenting.words(items))],
            "provider": [" ".join(segmenting.words(offices))],
            "body": [" ".join(segmenting.words(f"{summary} {labels}"))],
            "marks": [" ".join(marks)],
            "title_marks": [" ".join(title_marks)],
            "name_key": [sort_key(title)],
            **_facets(entry),
        },
        schema(),
    )
