"""The rules a process keeps, each broken one with its step and its remedy. The last, soundness, is asked only of tables that keep the
others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from unicodedata import category

from zhengtong.engines.conditions import InvalidCondition, condition, is_name
from zhengtong.engines.workflow.refusals import InvalidProcess
from zhengtong.engines.workflow.soundness import unsound
from zhengtong.engines.workflow.table import AGREE, REFUSE, Duty, Flow, Kind, Silence, Step, Table, Verdict
from zhengtong.kernel.sentences import say

MOST_STEPS = 500
LONGEST_NAME = 200
LONGEST_BUDGET = 3_650
#: kinds of characters that no file and no page can show: controls, halves of characters, what is none
_UNREADABLE = {"Cc", "Cs", "Cn"}
#: by kind: the fewest and the most flows in, the fewest and the most out
_DEGREES: Mapping[Kind, tuple[int, int, int, int]] = {
    Kind.START: (0, 0, 1, 1),
    Kind.TASK: (1, MOST_STEPS, 1, 1),
    Kind.FORK: (1, 1, 2, MOST_STEPS),
    Kind.JOIN: (2, MOST_STEPS, 1, 1),
    Kind.CHOICE: (1, MOST_STEPS, 1, MOST_STEPS),
    Kind.END: (1, MOST_STEPS, 0, 0),
}


def faults(process: Table) -> Iterator[InvalidProcess]:
    """Every rule that a process breaks; empty if it may be used. Later rules are asked only if the earlier ones hold."""
    for rules in ((_names, _flows), (_degrees, _duties, _choices), (_reach,), (_cycles, _joins), (unsound,)):
        found = [fault for rule in rules for fault in rule(process)]
        yield from found
        if found:
            return


def _names(process: Table) -> Iterator[InvalidProcess]:
    if not 1 <= len(process.steps) <= MOST_STEPS:
        yield InvalidProcess(say("流程应有 1 至 {most} 个环节", most=MOST_STEPS), field="steps", remedy="把流程拆成几个")
    if not is_name(process.key):
        yield InvalidProcess(say("流程的代码“{key}”不合规则", key=process.key), field="key", remedy="用字母开头的字母、数字和下划线")
    if process.version < 1:
        yield InvalidProcess("流程的版本从 1 开始", field="version", remedy="填写 1 或更大的整数")
    seen: set[str] = set()
    for step in process.steps:
        if not is_name(step.key):
            yield InvalidProcess(say("环节的代码“{key}”不合规则", key=step.key), field=step.key, remedy="用字母开头的字母、数字和下划线")
        if step.key in seen:
            yield InvalidProcess(say("有两个环节的代码都是“{key}”", key=step.key), field=step.key, remedy="改其中一个的代码")
        seen.add(step.key)
    for key, text in _texts(process):
        if not text.strip() or text != text.strip() or len(text) > LONGEST_NAME or any(category(sign) in _UNREADABLE for sign in text):
            yield InvalidProcess(
                say("“{key}”的名称应有 1 至 {most} 个字,前后没有空格,没有换行", key=key, most=LONGEST_NAME), field=key, remedy="写明名称"
            )
    yield from _whole(process)


def _texts(process: Table) -> Iterator[tuple[str, str]]:
    """Every text that somebody wrote, with the key where it stands; what a file cannot hold would be lost in one."""
    yield process.key, process.name
    yield from [(process.key, process.lead)] if process.lead else []
    for step in process.steps:
        yield step.key, step.name
        if step.duty:
            yield from ((step.key, text) for text in (step.duty.role, *step.duty.special))
        if step.kind is Kind.END:
            yield step.key, step.result
    for flow in process.flows:
        yield from ((flow.source, text) for text in (flow.name, flow.condition) if text)


def _whole(process: Table) -> Iterator[InvalidProcess]:
    if process.days is not None and not 1 <= process.days <= LONGEST_BUDGET:
        yield InvalidProcess(say("总时限应为 1 至 {most} 日", most=LONGEST_BUDGET), field="days", remedy="改正总时限")
    if process.extension < 0 or (process.extension and process.days is None):
        yield InvalidProcess("没有总时限,不能规定总时限的延长", field="extension", remedy="先规定总时限")
    step = next((one for one in process.steps if one.key == process.counted_from), None)
    if process.counted_from and (step is None or step.kind is not Kind.TASK):
        yield InvalidProcess(
            say("总时限的起算环节“{key}”不是流程里的办理环节", key=process.counted_from), field="counted_from", remedy="填写受理环节的代码"
        )


def _flows(process: Table) -> Iterator[InvalidProcess]:
    keys = {step.key for step in process.steps}
    seen: set[tuple[str, str]] = set()
    for flow in process.flows:
        for end in (flow.source, flow.target):
            if end not in keys:
                yield InvalidProcess(say("连线指向没有的环节“{key}”", key=end), field=end, remedy="补上环节,或删去连线")
        if (flow.source, flow.target) in seen:
            yield InvalidProcess(
                say("“{source}”到“{target}”连了两次", source=flow.source, target=flow.target), field=flow.source, remedy="只保留一条"
            )
        seen.add((flow.source, flow.target))


def _degrees(process: Table) -> Iterator[InvalidProcess]:
    starts = sum(step.kind is Kind.START for step in process.steps)
    if starts != 1:
        yield InvalidProcess(say("流程应有一个开始,现有 {number} 个", number=starts), field="steps", remedy="只保留一个开始")
    if not any(step.kind is Kind.END for step in process.steps):
        yield InvalidProcess("流程没有办结环节", field="steps", remedy="补上办结环节")
    for step in process.steps:
        least_in, most_in, least_out, most_out = _DEGREES[step.kind]
        into, out = len(process.incoming[step.key]), len(process.outgoing[step.key])
        if not least_in <= into <= most_in:
            yield InvalidProcess(
                say("“{name}”不能有 {number} 条进入的连线", name=step.name, number=into), field=step.key, remedy=_degree_remedy(step.kind)
            )
        if not least_out <= out <= most_out:
            yield InvalidProcess(
                say("“{name}”不能有 {number} 条离开的连线", name=step.name, number=out), field=step.key, remedy=_degree_remedy(step.kind)
            )


def _degree_remedy(kind: Kind) -> str:
    match kind:
        case Kind.START:
            return say("开始只有一条离开的连线")
        case Kind.TASK:
            return say("办理环节只有一条离开的连线;要选择或分办,在它后面加判断或分办")
        case Kind.FORK:
            return say("分办有一条进入、两条以上离开的连线")
        case Kind.JOIN:
            return say("汇合有两条以上进入、一条离开的连线")
        case Kind.CHOICE:
            return say("判断至少有一条进入、一条离开的连线")
    return say("办结至少有一条进入的连线,没有离开的")


def _duties(process: Table) -> Iterator[InvalidProcess]:
    for step in process.steps:
        if (step.duty is not None) != (step.kind is Kind.TASK):
            yield InvalidProcess(say("“{name}”:只有办理环节写明由谁办理", name=step.name), field=step.key, remedy="改正环节的种类或办理者")
        elif step.duty:
            yield from _duty(step, step.duty)
        if (step.join is not None) != (step.kind is Kind.JOIN):
            yield InvalidProcess(say("“{name}”:只有汇合写明汇合规则", name=step.name), field=step.key, remedy="改正环节的种类或规则")
        if (step.result != "") != (step.kind is Kind.END):
            yield InvalidProcess(say("“{name}”:办结环节写明结果,别的不写", name=step.name), field=step.key, remedy="改正结果")


def _duty(step: Step, duty: Duty) -> Iterator[InvalidProcess]:
    if duty.days is not None and not 1 <= duty.days <= LONGEST_BUDGET:
        yield InvalidProcess(
            say("“{name}”的时限应为 1 至 {most} 日", name=step.name, most=LONGEST_BUDGET), field=step.key, remedy="改正时限"
        )
    if duty.days is None and (duty.silence is not Silence.NOTHING or duty.extension):
        yield InvalidProcess(say("“{name}”没有时限,不能逾期,也不能延长", name=step.name), field=step.key, remedy="先规定时限")
    if duty.extension < 0 or duty.supplements < 0:
        yield InvalidProcess(say("“{name}”的延长天数和补正次数不能是负数", name=step.name), field=step.key, remedy="填写 0 或更大的整数")
    if not duty.outcomes or len(set(duty.outcomes)) < len(duty.outcomes) or not all(is_name(one) for one in duty.outcomes):
        yield InvalidProcess(say("“{name}”的结果应各不相同,用字母、数字和下划线", name=step.name), field=step.key, remedy="改正结果")
    needed = {AGREE, REFUSE} if duty.branch else {str(duty.silence)} & {AGREE, REFUSE}
    if missing := sorted(needed - set(duty.outcomes)):
        yield InvalidProcess(
            say("“{name}”的结果里没有“{outcome}”", name=step.name, outcome=missing[0]), field=step.key, remedy="补上这个结果"
        )


def _choices(process: Table) -> Iterator[InvalidProcess]:
    for step in process.steps:
        ways = process.outgoing[step.key]
        if step.kind is not Kind.CHOICE or len(ways) == 1:
            if stray := next((flow for flow in ways if flow.condition or flow.default), None):
                yield InvalidProcess(
                    say("“{name}”后面不选择,连线不能有条件", name=step.name), field=stray.source, remedy="删去条件,或在前面加判断"
                )
            continue
        if sum(flow.default for flow in ways) != 1:
            yield InvalidProcess(say("判断“{name}”应有一条默认的路", name=step.name), field=step.key, remedy="把其中一条设为默认")
        yield from (fault for flow in ways for fault in _way(step, flow))


def _way(step: Step, flow: Flow) -> Iterator[InvalidProcess]:
    if flow.default == bool(flow.condition):
        yield InvalidProcess(
            say("判断“{name}”到“{target}”:默认的路没有条件,别的都有", name=step.name, target=flow.target),
            field=step.key,
            remedy="补上条件,或设为默认",
        )
    elif flow.condition:
        try:
            condition(flow.condition)
        except InvalidCondition as fault:
            yield InvalidProcess(
                say("判断“{name}”:{fault}", name=step.name, fault=say(fault.sentence)), field=step.key, remedy=say(fault.remedy)
            )


def _reach(process: Table) -> Iterator[InvalidProcess]:
    ahead = {key: [flow.target for flow in process.outgoing[key]] for key in process.by_key}
    behind = {key: [flow.source for flow in process.incoming[key]] for key in process.by_key}
    reached = _spread(ahead, [process.start.key])
    ending = _spread(behind, [step.key for step in process.steps if step.kind is Kind.END])
    for step in process.steps:
        if step.key not in reached:
            yield InvalidProcess(say("从开始走不到“{name}”", name=step.name), field=step.key, remedy="连到它,或删去它")
        elif step.key not in ending:
            yield InvalidProcess(say("从“{name}”走不到任何办结环节", name=step.name), field=step.key, remedy="补上通向办结的连线")


def _spread(ways: Mapping[str, list[str]], seeds: list[str]) -> set[str]:
    found, ahead = set(seeds), list(seeds)
    while ahead:
        fresh = [key for key in ways[ahead.pop()] if key not in found]
        found.update(fresh)
        ahead.extend(fresh)
    return found


def _cycles(process: Table) -> Iterator[InvalidProcess]:
    """A way back must pass a task, else a case would go round without anybody doing anything."""
    automatic = {key: [flow.target for flow in process.outgoing[key]] for key, step in process.by_key.items() if step.kind is not Kind.TASK}
    ways = {key: [target for target in targets if target in automatic] for key, targets in automatic.items()}
    for key, targets in ways.items():
        if key in _spread(ways, targets):
            yield InvalidProcess(
                say("“{name}”在一个没有办理环节的圈里", name=process.by_key[key].name), field=key, remedy="在圈里加办理环节,或断开它"
            )
            return


def _joins(process: Table) -> Iterator[InvalidProcess]:
    for step in process.steps:
        rule = step.join
        if rule is None or rule.verdict is Verdict.ALL:
            continue
        block = process.blocks.get(step.key)
        if block is None:
            yield InvalidProcess(
                say("汇合“{name}”可以提前结束分支,它和分办之间不能有别的进出口", name=step.name),
                field=step.key,
                remedy="让分办的每条路都只通向这个汇合",
            )
            continue
        branches = {key for key in block if (duty := process.by_key[key].duty) and duty.branch}
        if rule.verdict is Verdict.AT_LEAST and not 1 <= rule.least <= len(process.incoming[step.key]):
            yield InvalidProcess(say("汇合“{name}”要求同意的数目应在分支数以内", name=step.name), field=step.key, remedy="改正数目")
        if rule.verdict is Verdict.NAMED and (not rule.named or set(rule.named) - branches):
            yield InvalidProcess(
                say("汇合“{name}”指名的应是它的并联审批环节", name=step.name), field=step.key, remedy="填写分支里并联审批环节的代码"
            )
