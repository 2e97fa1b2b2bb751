"""An entry as the search index keeps it: the fields, and what goes into each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any
from zlib import crc32

import tantivy

from zhengtong.apps.resources.catalog.rules import segmenting, sounding
from zhengtong.apps.resources.catalog.rules.naming import initials, sort_key

#: Facets, in the order in which a page shows them.
FACETS = ("sharing", "region", "office", "class", "theme", "format", "cycle", "open")
#: The value of a facet that the entry does not state.
UNSTATED = "-"
#: Facets that are trees. Entries are narrowed by every node above them, but counted by their own node, and the counts are added up:
#: one value an entry instead of three, which is ten times as fast.
OWN = {"region": "region_own", "class": "class_own"}
#: How much a word counts by where it stands.
BOOSTS = {"title": 3.0, "items": 1.6, "provider": 1.4, "body": 1.0}
_REGION_LENGTHS = (2, 4, 6, 9, 12)
_LEVELS = "省市区县"
#: How the index is laid out; one in another form is built anew rather than read.
FORM = "3"


@dataclass(frozen=True)
class Indexable:
    """A published entry with what its office is and was called; ``document`` is without its items, of which ``items`` are the names."""

    id: int
    version: int
    code: str
    document: Mapping[str, Any]
    items: tuple[str, ...]
    office: str
    office_names: tuple[str, ...]
    region: str
    region_name: str
    published_on: date

    @property
    def stamp(self) -> int:
        """Changes whenever the indexed text would."""
        return stamp_of(self.version, (self.office, self.region, self.region_name, *self.office_names))


def stamp_of(version: int, office: tuple[str, ...]) -> int:
    """The stamp of a version under an office, given by its code, region, region's name and names."""
    return version << 32 | _checked(office)


@lru_cache(maxsize=20_000)
def _checked(office: tuple[str, ...]) -> int:
    return crc32("|".join((FORM, *office)).encode())


@cache
def schema() -> tantivy.Schema:
    """The fields of the index."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    for name in ("stamp", "date"):
        builder.add_unsigned_field(name, fast=True)
    for name in BOOSTS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in ("marks", "title_marks", "sounds"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    for name in (*FACETS, *OWN.values(), "name_key"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=name not in OWN)
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
    return set[str]().union(*map(_letters, texts))


@lru_cache(maxsize=20_000)
def _letters(text: str) -> frozenset[str]:
    return frozenset(found for run, words in segmenting.runs_in_words(text) for found in initials(run, words))


@lru_cache(maxsize=20_000)
def _called(names: tuple[str, ...], region_name: str) -> tuple[frozenset[str], frozenset[str], str]:
    """What an office's names add to each of its entries: marks, sounds and words; the same for thousands of entries."""
    text = " ".join(names)
    # 济南市教育局 is called 教育局, and so is 市教育局: what tells the place or the level is no part of what it is called
    bare = [name.removeprefix(region_name) if name.startswith(region_name) else name[name[:1] in _LEVELS :] for name in names]
    marks = segmenting.marks(text) | letters(*names, *bare) | set[str]().union(*map(segmenting.shortened, bare))
    sounds = frozenset[str]().union(*map(sounding.sounds_of, (*names, *bare)))
    return frozenset(marks), sounds, " ".join(segmenting.words(text))


def index_document(entry: Indexable) -> tantivy.Document:
    """The entry as the index takes it."""
    says = entry.document
    title, summary = str(says["name"]), str(says.get("summary", ""))
    items = " ".join(entry.items)
    labels = " ".join((*says.get("tags", ()), *says.get("themes", ())))
    office_marks, office_sounds, office_words = _called(entry.office_names, entry.region_name)
    title_marks = segmenting.marks(title)
    marks = title_marks | segmenting.marks(f"{summary}\n{items}\n{labels}") | _code_marks(entry.code) | office_marks
    marks |= _letters(title)
    sounds = office_sounds | sounding.sounds_of(title)
    return tantivy.Document.from_dict(
        {
            "id": entry.id,
            "stamp": entry.stamp,
            "date": entry.published_on.toordinal(),
            "title": [" ".join(segmenting.words(title))],
            "items": [" ".join(segmenting.words(items))],
            "provider": [office_words],
            "body": [" ".join(segmenting.words(f"{summary} {labels}"))],
            "marks": [" ".join(marks)],
            "title_marks": [" ".join(title_marks)],
            "sounds": [" ".join(sounds)],
            "name_key": [sort_key(title)],
            "region_own": [entry.region],
            "class_own": [says.get("class_code") or UNSTATED],
            **_facets(entry),
        },
        schema(),
    )
