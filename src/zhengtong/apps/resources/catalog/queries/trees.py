"""The catalog as trees: by classification, office and region, one level at a time with exact counts."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from zhengtong.apps.resources.catalog.queries.index import reader
from zhengtong.apps.resources.catalog.queries.search import MOST_BRANCHES, counts_of, value_label
from zhengtong.apps.resources.catalog.rules import asking
from zhengtong.apps.resources.catalog.rules.indexed import UNSTATED, class_path, region_path


@dataclass(frozen=True)
class Branch:
    """A node of a tree over the catalog: a classification, an office or a region, with how many published entries lie in it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Level:
    """One level of a tree; ``capped`` says that there are more nodes than are shown, which are those with the most entries."""

    branches: tuple[Branch, ...]
    capped: bool


def tree_state() -> Hashable:
    """
    What every level of every tree depends on.

    :raises IndexMissing: before the index is first built.
    """
    now = reader()
    return now.place, now.stamp


def level(facet: str, *, below: str = "") -> Level:
    """
    The nodes directly below one of the trees ``class``, ``region`` or ``office`` (offices lie below the region ``below``).

    At most :data:`MOST_BRANCHES` are given. What is counted once is remembered as long as the index stands as it is.

    :raises IndexMissing: before the index is first built.
    """
    now = reader()
    narrowed = {"region": below} if facet == "office" and below else {}
    counts = now.remembered((facet, below if facet == "office" else ""), lambda: counts_of(now, asking.combined(None, narrowed), [facet]))[
        facet
    ]
    if facet != "office":
        counts = {value: count for value, count in counts.items() if value != below and _child(facet, value, below)}
    most = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    shown = most[:MOST_BRANCHES] if facet == "office" else sorted(most[:MOST_BRANCHES])
    names = now.office_names([value for value, _count in shown]) if facet == "office" else {}
    found = tuple(Branch(value, names.get(value) or value_label(now, facet, value), count) for value, count in shown)
    return Level(found, capped=len(most) > MOST_BRANCHES)


def branch_path(facet: str, value: str) -> list[tuple[str, str]]:
    """(value, label) of the nodes from the root of a tree down to one of its nodes."""
    if not value:
        return []
    above = class_path(value) if facet == "class" else region_path(value)
    now = reader()
    return [(one, value_label(now, "class" if facet == "class" else "region", one)) for one in above]


def _child(facet: str, value: str, below: str) -> bool:
    lengths = (0, 1, 3, 99) if facet == "class" else (0, 2, 4, 6, 9, 12)
    if not value.startswith(below):
        return False
    step = next((length for length in lengths if length > len(below)), 99)
    return len(value) == step or (step == lengths[-1] and len(value) > len(below)) or (value == UNSTATED and not below)
