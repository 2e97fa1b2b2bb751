"""
How well an order of entries answers judged questions: NDCG@10 over ``judgments.txt``.

Grades come from written rules, so they hold for every corpus of documents, and no engine has a part in them.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

DEPTH = 10
_FIELDS = {"o": "offices", "i": "items", "c": "code"}


@dataclass(frozen=True)
class Entry:
    """What a judge looks at."""

    id: int
    code: str
    name: str
    offices: str
    items: tuple[str, ...]
    summary: str = ""


@dataclass(frozen=True)
class Judged:
    """A question with its grading rules, best first."""

    kind: str
    text: str
    rules: tuple[tuple[int, tuple[tuple[str, re.Pattern[str]], ...]], ...]

    def grade(self, entry: Entry) -> int:
        """0 to 3."""
        return next((grade for grade, conditions in self.rules if all(_holds(entry, *one) for one in conditions)), 0)


def _holds(entry: Entry, field: str, pattern: re.Pattern[str]) -> bool:
    value = getattr(entry, field)
    return any(map(pattern.search, value)) if isinstance(value, tuple) else pattern.search(value) is not None


def judgments() -> list[Judged]:
    """Every judged question of the file."""
    found = []
    for line in Path(__file__).with_name("judgments.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            kind, text, rules = (part.strip() for part in line.split(" | "))
            found.append(Judged(kind, text, tuple(_rule(rule) for rule in rules.split(" ; "))))
    return found


def _rule(text: str) -> tuple[int, tuple[tuple[str, re.Pattern[str]], ...]]:
    grade, conditions = text.split(":", 1)
    return int(grade), tuple(_condition(one.strip()) for one in conditions.split(" & "))


def _condition(text: str) -> tuple[str, re.Pattern[str]]:
    field = _FIELDS.get(text[0], "") if text[1:2] == ":" else ""
    return (field, re.compile(text[2:])) if field else ("name", re.compile(text))


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades[:DEPTH]))


def ndcg(judged: Judged, ranked: Iterable[Entry], corpus: Iterable[Entry]) -> float:
    """
    Normalised discounted cumulative gain of the first ten, with gains of 2^grade - 1; 1 is the best order there is.

    :raises ValueError: if nothing in the corpus answers the question, for then no order is better than another.
    """
    best = _gain(sorted((judged.grade(entry) for entry in corpus), reverse=True))
    if not best:
        raise ValueError(judged.text)
    return _gain([judged.grade(entry) for entry in ranked]) / best


def by_kind(corpus: Sequence[Entry], search: Callable[[str], Sequence[int]]) -> dict[str, tuple[float, int]]:
    """Mean NDCG@10 and number of questions by kind, and over all under ``all``; ``search`` gives ids, best first."""
    known = {entry.id: entry for entry in corpus}
    figures: dict[str, list[float]] = defaultdict(list)
    for judged in judgments():
        value = ndcg(judged, [known[number] for number in search(judged.text)[:DEPTH] if number in known], corpus)
        figures[judged.kind].append(value)
        figures["all"].append(value)
    return {kind: (sum(values) / len(values), len(values)) for kind, values in figures.items()}
