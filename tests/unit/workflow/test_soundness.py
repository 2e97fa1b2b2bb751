"""Soundness decided in one order of steps agrees with all orders tried, on processes whose gateways were exchanged at random."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from unit.workflow.making import Weaver, trees
from zhengtong.engines.workflow.rules import faults
from zhengtong.engines.workflow.soundness import unsound
from zhengtong.engines.workflow.table import Flow, Join, Kind, Step, Table

MOST = 4_000


def every_order(table: Table) -> bool | None:
    """Whether the table is sound, by trying every order and keeping every token; None if that is too much."""
    names = {(flow.source, flow.target): number for number, flow in enumerate(table.flows)}
    first = (names["start", table.outgoing["start"][0].target],)
    before: dict[tuple[int, ...], set[tuple[int, ...]]] = {first: set()}
    ahead, final = [first], set()
    while ahead:
        marking = ahead.pop()
        ends = [number for number in marking if table.by_key[table.flows[number].target].kind is Kind.END]
        if ends and len(marking) > 1:
            return False
        if ends:
            final.add(marking)
            continue
        following = list(after(table, names, marking))
        if not following:
            return False
        for one in following:
            if max(Counter(one).values()) > 1:
                return False
            if one not in before:
                if len(before) > MOST:
                    return None
                before[one] = set()
                ahead.append(one)
            before[one].add(marking)
    able, ahead = set(final), list(final)
    while ahead:
        fresh = before[ahead.pop()] - able
        able |= fresh
        ahead.extend(fresh)
    return able == set(before)


def after(table: Table, names: dict[tuple[str, str], int], marking: tuple[int, ...]) -> list[tuple[int, ...]]:
    found = []
    for step in table.steps:
        into = [names[flow.source, flow.target] for flow in table.incoming[step.key]]
        out = [names[flow.source, flow.target] for flow in table.outgoing[step.key]]
        there = [number for number in into if number in marking]
        taken = [into] if step.kind is Kind.JOIN and len(there) == len(into) else [] if step.kind is Kind.JOIN else [[one] for one in there]
        given = [[one] for one in out] if step.kind is Kind.CHOICE else [out]
        for gone in taken:
            rest = list((Counter(marking) - Counter(gone)).elements())
            found += [tuple(sorted(rest + way)) for way in given]
    return found


def exchanged(table: Table, keys: set[str]) -> Table:
    """The table with some gateways of the other kind: forks choose, choices fork, joins let pass, merges wait."""
    steps: list[Step] = []
    flows = list(table.flows)
    for step in table.steps:
        splits, merges = len(table.outgoing[step.key]) > 1, len(table.incoming[step.key]) > 1
        if step.key not in keys or splits == merges:
            steps.append(step)
            continue
        kind = Kind.CHOICE if step.kind in (Kind.FORK, Kind.JOIN) else Kind.FORK if splits else Kind.JOIN
        steps.append(replace(step, kind=kind, join=Join() if kind is Kind.JOIN else None))
        ways = [flow for flow in flows if flow.source == step.key]
        for place, flow in enumerate(ways if splits else []):
            choosing = kind is Kind.CHOICE
            flows[flows.index(flow)] = Flow(
                flow.source, flow.target, "x == 1" if choosing and place else "", default=choosing and not place
            )
    return Table(table.key, table.name, table.version, tuple(steps), tuple(flows))


@settings(max_examples=300)
@given(trees, st.data())
def test_one_order_decides_as_all_do(tree: object, draw: st.DataObject) -> None:
    table = Weaver().process(tree)
    gateways = sorted(step.key for step in table.steps if step.kind in (Kind.FORK, Kind.JOIN, Kind.CHOICE))
    spoiled = exchanged(table, draw.draw(st.sets(st.sampled_from(gateways), max_size=3)) if gateways else set())
    # the other rules hold: whatever is found is about soundness
    found = list(faults(spoiled))
    expected = every_order(spoiled)
    assume(expected is not None)
    if not any("圈" in fault.sentence for fault in found):
        event("sound" if expected else "unsound")
        assert (not list(unsound(spoiled))) == expected
