"""Why an entry answers a question: where it holds what was asked, or which synonym or initials stand for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhengtong.apps.resources.catalog.rules import segmenting, sounding
from zhengtong.apps.resources.catalog.rules.indexed import letters
from zhengtong.apps.resources.catalog.rules.synonyms import plain

#: places in the order in which they are named
PLACE_LABELS = {
    "code": "代码",
    "name": "名称",
    "item": "信息项",
    "provider": "提供方",
    "label": "标签和主题",
    "summary": "摘要",
    "initials": "拼音首字母",
    "sound": "读音相同",
    "apart": "字词分散在各处",
}


@dataclass(frozen=True)
class Reason:
    """``asked`` was found at ``place`` as ``found``: the same word, its synonym, or the text whose initials it is."""

    asked: str
    found: str
    place: str

    @property
    def label(self) -> str:
        """The place as people call it."""
        return PLACE_LABELS[self.place]

    @property
    def otherwise(self) -> bool:
        """Whether something else stands for what was asked."""
        return self.found != self.asked


def reasons(
    document: Mapping[str, Any],
    *,
    items: Sequence[str],
    code: str,
    offices: Sequence[str],
    pieces: Sequence[tuple[str, ...]],
    most: int = 8,
) -> tuple[Reason, ...]:
    """One reason for each part of the question; ``items`` are names, ``pieces`` as :meth:`Synonyms.split` gives them."""
    texts = _texts(document, items, code, offices)
    found = []
    for piece in pieces:
        if len(piece) > 1:
            found.append(_of_synonyms(piece, texts))
        else:
            found += [_of_word(word, texts) for word in _words(piece[0])]
    return tuple(dict.fromkeys(found))[:most]


def _texts(document: Mapping[str, Any], names: Sequence[str], code: str, offices: Sequence[str]) -> list[tuple[str, str]]:
    """(place, text) in the order of ``PLACE_LABELS``."""
    items = [("item", name) for name in names]
    labels = [("label", one) for one in (*document.get("themes", ()), *document.get("tags", ()))]
    whole = [("code", code), ("name", document["name"]), *items, *(("provider", one) for one in offices), *labels]
    return [(place, plain(str(text))) for place, text in [*whole, ("summary", document.get("summary", ""))] if text]


def _words(text: str) -> list[str]:
    """The parts that a question without synonyms asks for; a phrase that stands together is one part."""
    return list(dict.fromkeys(text.split()))


def _of_synonyms(piece: tuple[str, ...], texts: Sequence[tuple[str, str]]) -> Reason:
    for word in piece:
        for place, text in texts:
            if word in text:
                return Reason(piece[0], word, place)
    return Reason(piece[0], piece[0], "apart")


def _of_word(word: str, texts: Sequence[tuple[str, str]]) -> Reason:
    for place, text in texts:
        if text.startswith(word) if place == "code" else word in text:
            return Reason(word, word, place)
    if word.isascii():
        for place, text in texts:
            if place in {"name", "provider"} and word in letters(text):
                return Reason(word, text, "initials")
    # the words of a phrase stand in different places: the first of them is named, the rest is in the marked text
    for part in segmenting.asked_words(word):
        for place, text in texts:
            if part != word and part in text:
                return Reason(part, part, place)
    return _of_sound(word, texts)


def _of_sound(word: str, texts: Sequence[tuple[str, str]]) -> Reason:
    """Pinyin that was typed, or a sign of the same sound."""
    ways = sounding.spelled(word) if word.isascii() else (tuple(sounding.sounds(word)),)
    for place, text in texts:
        heard = sounding.sounds_of(text) if place in {"name", "provider"} else frozenset()
        if any(way and heard.issuperset(way) for way in ways):
            return Reason(word, text, "sound")
    return Reason(word, word, "apart")
