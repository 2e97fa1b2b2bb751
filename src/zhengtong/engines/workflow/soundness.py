"""
Whether every case of a process can end, and ends with nothing left open.

A table is a *free-choice workflow net*: every flow is a place with one consumer, a task or a choice takes one token and gives one, a fork
gives one to each way, a join takes one from each. It is sound (van der Aalst) if from every marking that can be reached the end can be
reached, and an end is only reached alone. Sound free-choice nets are safe, so a flow with two tokens is a fault as well.

The markings are explored, not the table's shape, so rework and branches within branches need no rule of their own. Side by side, steps do
not disturb each other: whatever order they come in, the same choices lead to the same marking (such nets are confluent). So of the steps
that could go on only the first in depth-first order is moved, with each of its choices; what cannot be seen that way cannot happen in any
order. 24 branches are 29 markings instead of 16 million. Past ``MOST_MARKINGS`` nothing is claimed: the process is refused as too tangled
to decide.

A join that ends its branches early empties its closed block and gives one token, exactly as if they had all arrived: no new marking
outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from zhengtong.engines.workflow.refusals import InvalidProcess
from zhengtong.engines.workflow.table import Kind, Table
from zhengtong.kernel.sentences import listed, say

MOST_MARKINGS = 20_000

#: the flows that hold a token, by their number, in order
Marking: TypeAlias = tuple[int, ...]


class _Net:
    """The table with flows by number, and the steps in depth-first order."""

    def __init__(self, process: Table) -> None:
        self.process = process
        numbers = {(flow.source, flow.target): number for number, flow in enumerate(process.flows)}
        self.into = {key: tuple(numbers[flow.source, key] for flow in flows) for key, flows in process.incoming.items()}
        self.out = {key: tuple(numbers[key, flow.target] for flow in flows) for key, flows in process.outgoing.items()}
        self.target = [process.by_key[flow.target] for flow in process.flows]
        self.rank = _depth_first(process)

    def enabled(self, marking: Marking) -> str | None:
        """The first step that can go on."""
        there = set(marking)
        able = (
            step.key
            for step in (self.target[number] for number in marking)
            if step.kind is not Kind.END and (step.kind is not Kind.JOIN or there.issuperset(self.into[step.key]))
        )
        return min(able, key=lambda key: self.rank[key], default=None)

    def after(self, marking: Marking, key: str) -> Iterator[list[int]]:
        """The markings that one step leads to, one for each of its choices; a flow is there twice if it holds two tokens."""
        kind = self.process.by_key[key].kind
        if kind is Kind.JOIN:
            rest = [number for number in marking if number not in self.into[key]]
        else:
            taken = next(number for number in marking if number in self.into[key])
            rest = [number for number in marking if number != taken]
        ways = [[number] for number in self.out[key]] if kind is Kind.CHOICE else [list(self.out[key])]
        yield from (sorted(rest + way) for way in ways)


def _depth_first(process: Table) -> Mapping[str, int]:
    rank: dict[str, int] = {}
    ahead = [process.start.key]
    while ahead:
        key = ahead.pop()
        if key not in rank:
            rank[key] = len(rank)
            ahead.extend(flow.target for flow in reversed(process.outgoing[key]))
    return rank


def unsound(process: Table) -> Iterator[InvalidProcess]:
    """What can go wrong with a case: nothing, or the first thing found, or that it cannot be decided within ``MOST_MARKINGS``."""
    net = _Net(process)
    first: Marking = net.out[process.start.key]
    before: dict[Marking, list[Marking]] = {first: []}
    ends: list[Marking] = []
    ahead = [first]
    while ahead:
        marking = ahead.pop()
        ended = [number for number in marking if net.target[number].kind is Kind.END]
        if ended:
            if len(marking) > 1:
                yield _left_behind(net, marking, ended[0])
                return
            ends.append(marking)
            continue
        key = net.enabled(marking)
        if key is None:
            yield _stuck(net, marking)
            return
        for numbers in net.after(marking, key):
            following = tuple(numbers)
            if len(set(following)) < len(following):
                yield _doubled(net, next(one for one in following if following.count(one) > 1))
                return
            if following not in before:
                if len(before) == MOST_MARKINGS:
                    yield InvalidProcess(
                        say("流程太复杂,{most} 种状态以内判断不了是否总能办结", most=MOST_MARKINGS), field="flows", remedy="拆成几个流程"
                    )
                    return
                before[following] = []
                ahead.append(following)
            before[following].append(marking)
    yield from _never_ending(net, before, ends)


def _never_ending(net: _Net, before: Mapping[Marking, list[Marking]], ends: list[Marking]) -> Iterator[InvalidProcess]:
    able, ahead = set(ends), list(ends)
    while ahead:
        fresh = [marking for marking in before[ahead.pop()] if marking not in able]
        able.update(fresh)
        ahead.extend(fresh)
    if lost := next((marking for marking in before if marking not in able), None):
        step = net.target[lost[0]]
        yield InvalidProcess(say("办到“{name}”以后,有的办件再也办不结", name=step.name), field=step.key, remedy="补上通向办结的路")


def _names(net: _Net, marking: Marking) -> str:
    return listed(dict.fromkeys(net.target[number].name for number in marking))


def _stuck(net: _Net, marking: Marking) -> InvalidProcess:
    step = net.target[marking[0]]
    return InvalidProcess(
        say("汇合“{name}”会一直等下去:有的分支到不了这里", name=step.name),
        field=step.key,
        remedy="判断之后的路不要到汇合,或让分办的每条路都到这个汇合",
    )


def _left_behind(net: _Net, marking: Marking, ended: int) -> InvalidProcess:
    rest = tuple(number for number in marking if number != ended)
    return InvalidProcess(
        say("办到“{name}”时,还有“{rest}”没有办完", name=net.target[ended].name, rest=_names(net, rest)),
        field=net.target[ended].key,
        remedy="分办的各条路先汇合,再办结",
    )


def _doubled(net: _Net, number: int) -> InvalidProcess:
    step = net.target[number]
    return InvalidProcess(say("“{name}”会被重复办理", name=step.name), field=step.key, remedy="分办的各条路先汇合,再到这个环节")
