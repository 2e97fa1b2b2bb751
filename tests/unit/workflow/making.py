"""Processes for tests: a short hand for tables, and any number of sound ones for properties."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st

import zhengtong
from zhengtong.engines.workflow.bpmn_reading import read
from zhengtong.engines.workflow.process import Process
from zhengtong.engines.workflow.table import Duty, Flow, Join, Kind, Silence, Step
from zhengtong.kernel.clock import CHINA

PROCESSES = Path(zhengtong.__file__).parent / "project/demo/processes"


def template(name: str) -> Process:
    """One of the processes of the demo city."""
    return read((PROCESSES / f"{name}.bpmn").read_bytes())


def at(day: str, hour: int = 10, minute: int = 0) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, minute=minute, tzinfo=CHINA)


def start(key: str = "start") -> Step:
    return Step(key, "开始", Kind.START)


def end(key: str = "done", result: str = "granted") -> Step:
    return Step(key, "办结", Kind.END, result=result)


def task(key: str, days: int | None = 5, *, role: str = "窗口", **facts: object) -> Step:
    return Step(key, f"办理{key}", Kind.TASK, duty=Duty(role, days, **facts))  # type: ignore[arg-type]


def branch(key: str, days: int | None = 5, **facts: object) -> Step:
    return task(key, days, role=f"{key}局", branch=True, **facts)


def fork(key: str = "fork") -> Step:
    return Step(key, "分办", Kind.FORK)


def join(key: str = "join", rule: Join | None = None) -> Step:
    return Step(key, "汇合", Kind.JOIN, join=rule or Join())


def choice(key: str) -> Step:
    return Step(key, "判断", Kind.CHOICE)


def ways(*texts: str) -> tuple[Flow, ...]:
    """``a>b``, ``a>b?condition`` and ``a>b*`` (default)."""
    flows = []
    for text in texts:
        source, _, rest = text.partition(">")
        target, _, condition = rest.partition("?")
        flows.append(Flow(source, target.rstrip("*"), condition, default=target.endswith("*")))
    return tuple(flows)


def process(steps: list[Step], flows: tuple[Flow, ...], **facts: object) -> Process:
    return Process("test", "测试流程", 1, tuple(steps), flows, **facts)  # type: ignore[arg-type]


def joint(number: int = 3, rule: Join | None = None, *, each: int = 5, silence: Silence = Silence.NOTHING, **facts: object) -> Process:
    """Accepted at a window, branches ``b1`` … side by side, then issued."""
    keys = [f"b{place}" for place in range(1, number + 1)]
    return process(
        [
            start(),
            task("accept", 5, outcomes=("accepted",)),
            fork(),
            *(branch(key, each, silence=silence, supplements=1, special=("听证",), extension=10) for key in keys),
            join(rule=rule),
            task("issue", 2, outcomes=("issued",)),
            end(),
        ],
        ways("start>accept", "accept>fork", *(f"fork>{key}" for key in keys), *(f"{key}>join" for key in keys), "join>issue", "issue>done"),
        **facts,
    )


# ---------------------------------------------------------------------- any sound process
class Weaver:
    """Makes a table of a tree of tasks, sequences, choices, parallel parts and loops; it is sound because it is nested."""

    def __init__(self) -> None:
        self.steps: list[Step] = [start()]
        self.flows: list[Flow] = []
        #: the names that choices ask, and those that loops do, by the task that gives them
        self.asked: list[str] = []
        self.loops: dict[str, str] = {}

    def key(self, kind: str) -> str:
        return f"{kind}{len(self.steps)}"

    def add(self, step: Step, before: str, condition: str = "", *, default: bool = False) -> str:
        self.steps.append(step)
        self.flows.append(Flow(before, step.key, condition, default=default))
        return step.key

    def weave(self, tree: object, before: str, condition: str = "", *, default: bool = False) -> str:
        """Add a tree behind a step; returns the step it ends in."""
        match tree:
            case ("task", days, silence):
                step = task(self.key("t"), days, role=f"局{days}", branch=True, silence=Silence(silence), supplements=1, special=("听证",))
                return self.add(step, before, condition, default=default)
            case ("seq", parts):
                for place, part in enumerate(parts):
                    before = self.weave(part, before, condition if not place else "", default=default and not place)
                return before
            case ("either", one, other):
                split = self.add(choice(self.key("c")), before, condition, default=default)
                name = f"v{len(self.asked)}"
                self.asked.append(name)
                tails = [self.weave(one, split, f"{name} == True"), self.weave(other, split, default=True)]
                return self._merge(choice(self.key("m")), tails)
            case ("beside", parts):
                split = self.add(fork(self.key("f")), before, condition, default=default)
                return self._merge(join(self.key("j")), [self.weave(part, split) for part in parts])
            case ("again", part):
                merge = self.add(choice(self.key("m")), before, condition, default=default)
                last = self.weave(("seq", [part, ("task", 3, "nothing")]), merge)
                split = self.add(choice(self.key("c")), last)
                self.loops[last] = f"again{len(self.loops)}"
                self.flows.append(Flow(split, merge, f"{self.loops[last]} == True"))
                after = choice(self.key("m"))
                return self.add(after, split, default=True)
        raise AssertionError(tree)

    def _merge(self, step: Step, tails: list[str]) -> str:
        self.steps.append(step)
        self.flows.extend(Flow(tail, step.key) for tail in tails)
        return step.key

    def process(self, tree: object) -> Process:
        self.add(end(), self.weave(tree, "start"))
        return process(self.steps, tuple(self.flows), days=45)


_LEAVES = st.tuples(st.just("task"), st.integers(1, 20), st.sampled_from([str(one) for one in Silence]))


def _grown(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(
        st.tuples(st.just("seq"), st.lists(inner, min_size=2, max_size=3)),
        st.tuples(st.just("either"), inner, inner),
        st.tuples(st.just("beside"), st.lists(inner, min_size=2, max_size=4)),
        st.tuples(st.just("again"), inner),
    )


def forks_in_loops(tree: object, *, looped: bool = False) -> bool:
    """Whether parts lie side by side within a loop."""
    match tree:
        case ("task", *_):
            return False
        case ("seq" | "beside" as kind, parts):
            return (kind == "beside" and looped) or any(forks_in_loops(part, looped=looped) for part in parts)
        case (kind, *parts):
            return any(forks_in_loops(part, looped=looped or kind == "again") for part in parts)
    raise AssertionError(tree)


trees = st.recursive(_LEAVES, _grown, max_leaves=8)


@st.composite
def woven(draw: st.DrawFn, *, forked_loops: bool = True) -> tuple[Process, Weaver]:
    """A sound process, and the weaver that knows what its choices ask."""
    weaver = Weaver()
    return weaver.process(draw(trees if forked_loops else trees.filter(lambda tree: not forks_in_loops(tree)))), weaver


def later(moment: datetime, hours: int) -> datetime:
    return moment + timedelta(hours=hours)
