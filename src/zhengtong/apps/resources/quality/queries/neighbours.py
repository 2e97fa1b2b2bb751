"""
What apps further up know about entries: what is bound, what its columns hold, and where data go.

They register at start-up; quality never imports them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from zhengtong.apps.resources.quality.rules.contents import Column, Why
from zhengtong.apps.resources.quality.rules.facts import Bound

#: Tells what stands behind these entries, in one query; those that are not bound are absent.
Bindings = Callable[[Collection[int]], Mapping[int, Bound]]


class Way(StrEnum):
    """Against the data's way, or along it."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True)
class Edge:
    """A neighbour of an entry: its name, what there is to say about it (a sentence or empty), and its page (empty if none)."""

    name: str
    note: str = ""
    address: str = ""


@dataclass(frozen=True)
class Edges:
    """Neighbours of one kind. ``total`` is how many there are, ``shown`` at most as many as were asked for."""

    label: str
    total: int
    shown: tuple[Edge, ...]


#: Gets an entry's number and how many neighbours to show.
EdgeSource = Callable[[int, int], Edges]

#: Gets an entry's number and keys of its items; tells of each what its column holds, or why it was not read. None before data landed.
Sampler = Callable[[int, Collection[str]], Mapping[str, Column | Why] | None]

_bindings: dict[str, Bindings] = {}
_samplers: dict[str, Sampler] = {}
_edges: dict[tuple[Way, int, str], EdgeSource] = {}


def register_bindings(provider: Bindings) -> None:
    """Ask ``provider`` what is bound; registering it again changes nothing."""
    _bindings[f"{provider.__module__}.{provider.__qualname__}"] = provider


def register_sampler(sampler: Sampler) -> None:
    """Have the columns of bound entries sampled by ``sampler``; registering it again changes nothing."""
    _samplers[f"{sampler.__module__}.{sampler.__qualname__}"] = sampler


def sampled(resource_id: int, keys: Collection[str]) -> Mapping[str, Column | Why] | None:
    """What the columns of an entry hold; None where no data stand behind it."""
    for sampler in _samplers.values():
        found = sampler(resource_id, keys)
        if found is not None:
            return found
    return None


def register_edges(way: Way, source: EdgeSource, *, order: int = 0) -> None:
    """Show what ``source`` tells among the neighbours of an entry; registering it again changes nothing."""
    _edges[way, order, f"{source.__module__}.{source.__qualname__}"] = source


def bound(ids: Collection[int]) -> dict[int, Bound]:
    """What stands behind these entries."""
    found = dict[int, Bound]()
    for provider in _bindings.values():
        found.update(provider(ids))
    return found


def edges(way: Way, resource_id: int, limit: int) -> list[Edges]:
    """The neighbours of an entry on one side, by kind; kinds without any are left out."""
    found = [source(resource_id, limit) for (side, _order, _name), source in sorted(_edges.items()) if side is way]
    return [one for one in found if one.total]
