"""
Complete joint approvals a second on one core, against SpiffWorkflow on the same BPMN file, in one run.

    python -m tests.benchmarks workflow

Accepted at a window, 6, 12 or 24 departments side by side, each with a budget whose end means agreement, joined, issued; 30 form fields.
*in memory* plays a case from start to end. *stored* is what a web application does: before every act the case is read from text, after it
what changed is written as text, ours as rows (the head, each visit that changed, the act), Spiff's as its JSON. Clocks and the ledger of
acts are on in ours; Spiff has its timers. Counted is the processor's time, in interleaved rounds, and the median of the rounds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

sys.path.insert(0, str(Path(__file__).parents[1]))

from unit.workflow.making import at, joint
from zhengtong.engines.deadlines.published import published_calendar
from zhengtong.engines.workflow.acts import Complete, act_document
from zhengtong.engines.workflow.bpmn import written
from zhengtong.engines.workflow.case import Case, Status
from zhengtong.engines.workflow.documents import case_from, head_document, visit_document
from zhengtong.engines.workflow.process import Process
from zhengtong.engines.workflow.running import apply, open_case
from zhengtong.engines.workflow.table import Silence

BRANCHES = (6, 12, 24)
#: complete six-branch cases a second, stored; how much of the branches a second is left at 24
LEAST, FLAT = 120.0, 0.5
FORM = {f"field{number}": f"第{number}项填写的内容" for number in range(30)}
NOW = at("2026-03-02")
DAY = at("2026-03-03")
CALENDAR = published_calendar()
OUTCOMES = {"accept": "accepted", "issue": "issued"}


def process_of(branches: int) -> Process:
    """The joint approval with so many departments."""
    return joint(branches, silence=Silence.AGREE, days=45, lead="牵头局")


def ours_in_memory(process: Process) -> None:
    """A case from start to end."""
    case = open_case(process, act_id="open", at=NOW, data=FORM).case
    while case.status is Status.OPEN:
        case = next_act(process, case)[1].case


def ours_stored(process: Process) -> None:
    """The same, with rows of text between any two acts."""
    rows: dict[int, str] = {}
    ledger: list[str] = []
    case = open_case(process, act_id="open", at=NOW, data=FORM).case
    head = text(head_document(case))
    rows.update({visit.number: text(visit_document(visit)) for visit in case.visits.values()})
    while case.status is Status.OPEN:
        case = case_from(json.loads(head), [json.loads(row) for row in rows.values()])
        act, moved = next_act(process, case)
        case = moved.case
        head = text(head_document(case))
        ledger.append(text(act_document(act)))
        for number in moved.changed:
            visit = case.visits[number]
            rows[number] = text(visit_document(visit))
            if visit.status is not Status.OPEN:  # kept, and not read again: what `where status = 'open'` leaves out
                ledger.append(rows.pop(number))


def text(document: dict[str, Any]) -> str:
    """A document as a row holds it."""
    return json.dumps(document, ensure_ascii=False)


def next_act(process: Process, case: Case) -> tuple[Complete, Any]:
    """Complete the first open step."""
    visit = next(case.open)
    act = Complete(id=f"act-{case.revision}", by="张三", number=visit.number, outcome=OUTCOMES.get(visit.step, "agree"))
    return act, apply(process, case, act, at=DAY, calendar=CALENDAR, revision=case.revision)


class Spiff:
    """The peer, with what its own manual asks a web application to do."""

    def __init__(self, process: Process) -> None:
        parser = BpmnParser()
        parser.add_bpmn_str(written(process).encode())
        self.spec = parser.get_spec(process.key)
        self.engine = PythonScriptEngine(TaskDataEnvironment({"P5D": "P5D"}))
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())

    def run(self, *, stored: bool) -> None:
        """A case from start to end."""
        workflow = BpmnWorkflow(self.spec, script_engine=self.engine)
        workflow.task_tree.data.update(FORM)
        workflow.do_engine_steps()
        while not workflow.completed:
            if stored:
                workflow = self.serializer.deserialize_json(self.serializer.serialize_json(workflow))
                workflow.script_engine = self.engine
            task = next(iter(workflow.get_tasks(state=TaskState.READY, manual=True)))
            task.run()
            workflow.do_engine_steps()


def rate(play: Callable[[], None], seconds: float) -> float:
    """Cases in a second of the processor."""
    began, count = time.process_time(), 0
    while (spent := time.process_time() - began) < seconds or not count:
        play()
        count += 1
    return count / spent


def measured(branches: int, rounds: int, seconds: float) -> dict[str, float]:
    """The medians for one size."""
    process = process_of(branches)
    spiff = Spiff(process)
    players: dict[str, Callable[[], None]] = {
        "ours": lambda: ours_in_memory(process),
        "Spiff": lambda: spiff.run(stored=False),
        "ours stored": lambda: ours_stored(process),
        "Spiff stored": lambda: spiff.run(stored=True),
    }
    for play in players.values():
        play()
    found: dict[str, list[float]] = {name: [] for name in players}
    for _ in range(rounds):
        for name, play in players.items():
            found[name].append(rate(play, seconds))
    return {name: statistics.median(rates) for name, rates in found.items()}


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="of the processor, for each figure in each round")
    given = parser.parse_args(arguments)
    print(f"{'branches':>8} {'ours/s':>9} {'Spiff/s':>9} {'ratio':>7}   {'stored/s':>9} {'Spiff/s':>9} {'ratio':>7} {'branches/s':>11}")
    figures = {branches: measured(branches, given.rounds, given.seconds) for branches in BRANCHES}
    for branches, one in figures.items():
        print(
            f"{branches:8} {one['ours']:9.0f} {one['Spiff']:9.1f} {one['ours'] / one['Spiff']:6.0f}×"
            f"   {one['ours stored']:9.0f} {one['Spiff stored']:9.1f} {one['ours stored'] / one['Spiff stored']:6.0f}×"
            f" {one['ours stored'] * branches:11.0f}"
        )
    few, many = figures[BRANCHES[0]], figures[BRANCHES[-1]]
    flat = many["ours stored"] * BRANCHES[-1] / (few["ours stored"] * BRANCHES[0])
    print(f"stored, branches a second at {BRANCHES[-1]} beside {BRANCHES[0]}: {flat:.2f} (target {FLAT}); cases at 6: at least {LEAST:.0f}")
    return 0 if few["ours stored"] >= LEAST and flat >= FLAT else 1


if __name__ == "__main__":
    sys.exit(main())
