"""
Words that mean the same to whoever searches: 低保 and 最低生活保障, 房产证 and 不动产权证书.

The bureau keeps groups of words; a question that holds one word of a group is answered with the entries that hold any of them. A
question is split at such words before it is segmented, so that a group may join a word of two signs with a phrase of eight.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from zhengtong.apps.resources.catalog.rules import segmenting
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import say

LONGEST = 40
MOST_WORDS = 12
#: lines in one go
MOST_LINES = 500
_BETWEEN = re.compile(r"[、,,;;|=\t]+")
_LATIN_END = r"(?![a-z0-9])"
_LATIN_BEGIN = r"(?<![a-z0-9])"


class SynonymsInvalid(Invalid):
    """同义词不合规则。"""

    code = "synonyms-invalid"


class SynonymTaken(Conflict):
    """这个词已在另一组同义词中。"""

    code = "synonym-taken"


def plain(word: str) -> str:
    """A word as it is compared: full-width letters narrow, capitals small, no blanks around it."""
    return unicodedata.normalize("NFKC", word).strip().lower()


def words_of(line: str) -> tuple[str, ...]:
    """
    The words of a group, written one after another with 、 or commas between them, each once.

    :raises SynonymsInvalid: for fewer than two words, more than ``MOST_WORDS``, or one that is too long or cannot be searched for.
    """
    words = tuple(dict.fromkeys(filter(None, (plain(part) for part in _BETWEEN.split(line)))))
    if len(words) < 2:  # noqa: PLR2004 - one word means nothing else
        raise SynonymsInvalid("一组同义词至少两个不同的词", field="words", remedy="用顿号隔开,例如 低保、最低生活保障")
    if len(words) > MOST_WORDS:
        raise SynonymsInvalid(say("一组同义词最多 {most} 个词", most=MOST_WORDS), field="words", remedy="分成几组")
    for word in words:
        if len(word) > LONGEST:
            raise SynonymsInvalid(say("“{word}”超过 {longest} 个字", word=word, longest=LONGEST), field="words", remedy="写短一些")
        if not segmenting.question(word):
            raise SynonymsInvalid(say("“{word}”里没有可查找的字", word=word), field="words", remedy="用汉字、字母或数字")
    return words


def groups_of(text: str) -> list[tuple[str, ...]]:
    """
    Groups written one a line; empty lines are passed over.

    :raises SynonymsInvalid: naming the line, if one is no group or a word stands in two of them.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not lines:
        raise SynonymsInvalid("没有填写同义词", field="words", remedy="每行写一组,用顿号隔开")
    if len(lines) > MOST_LINES:
        raise SynonymsInvalid(say("一次最多 {most} 行", most=MOST_LINES), field="words", remedy="分几次录入")
    groups, seen = [], dict[str, int]()
    for number, line in lines:
        try:
            words = words_of(line)
        except SynonymsInvalid as exc:
            raise SynonymsInvalid(say("第 {number} 行:{why}", number=number, why=exc.sentence), field="words", remedy=exc.remedy) from exc
        for word in words:
            if word in seen:
                twice = say("第 {number} 行:“{word}”在第 {before} 行已经写过", number=number, word=word, before=seen[word])
                raise SynonymsInvalid(twice, field="words", remedy="同一个词只能在一组里;合并这两行")
            seen[word] = number
        groups.append(words)
    return groups


@dataclass(frozen=True)
class Synonyms:
    """The groups in force."""

    groups: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def _group_of(self) -> dict[str, tuple[str, ...]]:
        return {word: group for group in self.groups for word in group}

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        ordered = sorted(self._group_of, key=len, reverse=True)
        return re.compile("|".join(map(_bounded, ordered))) if ordered else None

    def split(self, text: str) -> list[tuple[str, ...]]:
        """
        A question in pieces, in their order: a word of a group with the others of it (the asked one first), anything else alone.

        Where two words overlap, the one that begins first wins, then the longer one.
        """
        asked = plain(text)
        if self._pattern is None:
            return [(asked,)] if asked else []
        pieces: list[tuple[str, ...]] = []
        end = 0
        for match in self._pattern.finditer(asked):
            pieces += _alone(asked[end : match.start()])
            pieces.append((match.group(), *(word for word in self._group_of[match.group()] if word != match.group())))
            end = match.end()
        return [*pieces, *_alone(asked[end:])]


NONE = Synonyms()


def synonyms(groups: Iterable[Sequence[str]]) -> Synonyms:
    """The groups as a question needs them."""
    return Synonyms(tuple(tuple(map(plain, group)) for group in groups))


def _alone(text: str) -> list[tuple[str, ...]]:
    return [(text.strip(),)] if text.strip() else []


def _bounded(word: str) -> str:
    """A Latin word is a word only where no other letter stands beside it."""
    begin = _LATIN_BEGIN if word[0].isascii() and word[0].isalnum() else ""
    end = _LATIN_END if word[-1].isascii() and word[-1].isalnum() else ""
    return f"{begin}{re.escape(word)}{end}"
