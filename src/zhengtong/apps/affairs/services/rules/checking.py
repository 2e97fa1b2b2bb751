"""
What is wrong with an item, by the consistency rules of the national audits (GB/T 39046-2020, ZWFW C0109; 行政许可法).

An error blocks publishing, a warning does not. A finding names the element, the rule, and what mends it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zhengtong.apps.affairs.services.rules import elements, vocabulary
from zhengtong.apps.affairs.services.rules.codes import HANDLING, IMPLEMENTATION
from zhengtong.apps.affairs.services.rules.content import Content, Material
from zhengtong.apps.affairs.services.rules.elements import Element, Kind
from zhengtong.apps.affairs.services.rules.vocabulary import Source
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import Sentence, say

_MOST_DAYS, _MOST_NUMBER = 3650, 32_000
#: how a name ends → the type that its result has
_ENDINGS = (("批复", "20"), ("证", "10"), ("证书", "10"), ("执照", "10"), ("文", "20"))
_REQUIRED = (
    *("task_name", "by_law", "accept_condition", "server_type", "project_type", "handle_type"),
    *("transact_addr", "transact_time", "link_way", "supervise_way"),
)
_DECIDED = ("is_fee", "is_online", "promise_day", "anticipate_day", "limit_scene_num")


@dataclass(frozen=True)
class Finding:
    """
    What is wrong.

    ``field`` is the element; in a table below the item ``table`` and ``row`` (from 1) say where.
    """

    field: str
    rule: str
    sentence: Sentence
    remedy: Sentence
    blocks: bool = True
    table: str = ""
    row: int = 0

    @property
    def label(self) -> str:
        """What the element is called."""
        return elements.ELEMENT_LABELS.get(self.field, elements.TABLE_LABELS.get(self.field, self.field))

    @property
    def table_label(self) -> str:
        """What the table is called; empty for the item itself."""
        return elements.TABLE_LABELS.get(self.table, "")

    @property
    def anchor(self) -> str:
        """The name of the field in the editing form."""
        return f"{self.table}-{self.row - 1}-{self.field}" if self.row else self.field

    def as_dict(self) -> dict[str, Any]:
        """The finding as files and machines read it."""
        where = {"table": self.table, "row": self.row} if self.row else {}
        said = {"field": self.field, "rule": self.rule, "sentence": self.sentence, "remedy": self.remedy}
        return {**said, "blocks": self.blocks, **where}


class Incomplete(Invalid):
    """事项还有错误,不能发布。"""

    code = "service-item-incomplete"

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        first = findings[0]
        sentence = say("还有 {count} 处错误,第一处:{first}", count=len(findings), first=first.sentence)
        super().__init__(sentence, field=first.anchor, remedy=first.remedy)
        self.findings = findings


def _error(field: str, rule: str, sentence: str, remedy: str, **where: Any) -> Finding:
    return Finding(field, rule, say(sentence), say(remedy), **where)


def _warning(field: str, rule: str, sentence: str, remedy: str, **where: Any) -> Finding:
    return Finding(field, rule, say(sentence), say(remedy), blocks=False, **where)


def check(content: Content, *, task_type: str) -> tuple[Finding, ...]:
    """
    Everything that is wrong, errors before warnings.

    :param task_type: the type that the code names (A.1).
    """
    parts = (_required, _forms, _periods, _visits, _online, _fees, _served, _phones, _results, _materials)
    found = [one for part in parts for one in part(content)]
    found += _licensing(content) if task_type == vocabulary.LICENSING else ()
    return tuple(sorted(found, key=lambda one: not one.blocks))


def errors(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Those that block publishing."""
    return tuple(one for one in findings if one.blocks)


# ------------------------------------------------------------------ each element by itself
def _required(content: Content) -> Iterator[Finding]:
    for name in _REQUIRED:
        if not getattr(content, name):
            yield _error(name, "required", say("没有填写{label}", label=say(elements.ELEMENT_LABELS[name])), "发布前必须填写")
    for name in _DECIDED:
        if getattr(content, name) is None:
            yield _error(
                name, "required", say("没有填写{label}", label=say(elements.ELEMENT_LABELS[name])), "选择或写明;没有的写 0 或选“否”"
            )
    if not content.steps:
        yield _error("steps", "required", "没有办理环节", "至少写明受理和办结两个环节")
    if not content.results:
        yield _warning("results", "required", "没有办理结果", "写明申请人最后得到什么")
    if not content.summary:
        yield _warning("summary", "plain-words", "没有一句话说明", "用群众听得懂的话写明这是办什么、给谁办的")


def _forms(content: Content) -> Iterator[Finding]:
    yield from _values(elements.ELEMENTS.values(), content, {})
    for table, columns in elements.TABLES.items():
        for row, one in enumerate(getattr(content, table), start=1):
            yield from _values(columns, one, {"table": table, "row": row})
            first = columns[0].name
            if not getattr(one, first):
                yield _error(
                    first, "required", say("没有填写{label}", label=say(columns[0].label)), "填写,或删去这一行", table=table, row=row
                )
    names = Counter(one.material_name for one in content.materials if one.material_name)
    for name, count in names.items():
        if count > 1:
            yield _error("materials", "unique", say("材料“{name}”列了 {count} 次", name=name, count=count), "合并成一行,份数写在“份数”里")


def _values(columns: Any, holder: Any, where: Mapping[str, Any]) -> Iterator[Finding]:
    for column in columns:
        value = getattr(holder, column.name)
        if column.choices:
            yield from _coded(column, value, where)
        elif column.kind is Kind.NUMBER and value is not None and not 0 <= value <= _most(column):
            yield _error(column.name, "range", say("应在 0 到 {most} 之间", most=_most(column)), "核对数字", **where)
        elif isinstance(value, str) and len(value) > column.most:
            yield _error(column.name, "length", say("超过 {most} 个字", most=column.most), "写得简短些", **where)
        if column.name.endswith(("_url", "link_addr")) and value and not re.fullmatch(r"https?://[^\s<>\"]+", value):
            yield _error(column.name, "url", "不是网址", "写以 https:// 或 http:// 开头的完整地址", **where)


def _most(column: Element) -> int:
    return _MOST_DAYS if column.name.endswith("_day") else _MOST_NUMBER


def _coded(column: Element, value: Any, where: Mapping[str, Any]) -> Iterator[Finding]:
    for code in value if isinstance(value, tuple) else (value,) if value else ():
        if code not in column.choices:
            yield _error(column.name, "code", say("没有代码 {code}", code=code), "从代码表里选", **where)


# ------------------------------------------------------------------ elements against each other
def _periods(content: Content) -> Iterator[Finding]:
    at_once = content.project_type == vocabulary.AT_ONCE
    if content.promise_day == 0 and not at_once and content.project_type:
        yield _error("project_type", "at-once", "承诺当场办结的应是即办件", "办件类型改为即办件,或写明承诺时限")
    if content.promise_day and at_once:
        yield _error("promise_day", "at-once", "即办件的承诺办结时限应为 0", "承诺时限写 0,或办件类型改为承诺件")
    if content.promise_day is None or content.anticipate_day is None:
        return
    if content.promise_type == content.anticipate_type:
        if content.anticipate_day and content.promise_day > content.anticipate_day:
            yield _error("promise_day", "promise", "承诺办结时限长于法定办结时限", "承诺时限不得超过法定时限")
    elif content.promise_day and content.anticipate_day:
        yield _warning("promise_type", "promise", "法定时限和承诺时限单位不同,无法比较", "改用同一种单位")
    spent = [one.step_days for one in content.steps if one.step_days is not None]
    if content.promise_day and sum(spent) > content.promise_day:
        yield _error("steps", "step-days", "各环节时限之和超过承诺办结时限", "调整环节时限,或承诺时限")
    if content.plan_effective_date and content.plan_cancel_date and content.plan_cancel_date <= content.plan_effective_date:
        yield _error("plan_cancel_date", "dates", "计划取消日期应晚于计划生效日期", "核对两个日期")


def _visits(content: Content) -> Iterator[Finding]:
    visits = content.limit_scene_num
    if visits and not content.limit_scene_explain:
        yield _error("limit_scene_explain", "visit-reason", "要到现场却没有写原因", "写明依据哪条规定必须到现场,否则到场次数改为 0")
    if visits == 0 and not content.is_online and not content.is_express:
        yield _error("is_express", "visit-post", "不用到现场、又不能网上办的,应支持物流快递", "“支持物流快递”选“是”,或开通网上办理")
    if visits and content.online_handle_depth == vocabulary.WHOLLY_ONLINE:
        yield _error("limit_scene_num", "wholly-online", "全程网办的到办事现场次数应为 0", "到场次数改为 0,或降低网上办理深度")


def _online(content: Content) -> Iterator[Finding]:
    online = bool({"2", "3"} & set(content.handle_type))
    if content.is_online is not None and content.handle_type and online != content.is_online:
        yield _error("handle_type", "online", "办理形式与“可以网上办理”不一致", "办理形式里选上或去掉网上办理")
    if content.is_online and not content.online_handle_depth:
        yield _error("online_handle_depth", "online", "可以网上办理却没有写深度", "从网上办理深度里选一级")
    if content.is_online and not (content.online_handle_url or content.form or content.link_addr):
        yield _warning("online_handle_url", "online", "可以网上办理却没有办理地址", "写明网上办理地址,或为事项做一张表单")
    if content.is_online is False and content.online_handle_depth in {"3", "4"}:
        yield _error("online_handle_depth", "online", "不能网上办理的不会有这样的网办深度", "改为信息发布或网上预约")


def _fees(content: Content) -> Iterator[Finding]:
    if content.is_fee:
        if not content.fee_basis:
            yield _error("fee_basis", "fee", "收费却没有写依据", "写明依据哪部法规或哪份文件的哪一条")
        if not content.fees:
            yield _error("fees", "fee", "收费却没有收费项目", "每个收费项目一行,写明名称和标准")
        if content.is_pay_online is None:
            yield _error("is_pay_online", "fee", "收费却没有说明能否网上支付", "选“是”或“否”")
        for row, one in enumerate(content.fees, start=1):
            if one.fee_name and not one.fee_stand:
                yield _error("fee_stand", "fee", "收费项目没有标准", "写明金额和计算方法", table="fees", row=row)
    if content.is_fee is False:
        if content.is_pay_online:
            yield _error("is_pay_online", "no-fee", "不收费的事项没有网上支付", "“支持网上支付”改为“否”")
        if content.fees or content.fee_basis:
            yield _error("fees", "no-fee", "不收费的事项写了收费项目或依据", "删去收费项目和依据,或“收费”改为“是”")


def _served(content: Content) -> Iterator[Finding]:
    if not content.server_type:
        return
    person = vocabulary.PERSON in content.server_type
    others = bool(set(content.server_type) - {vocabulary.PERSON, "5"})
    for serves, topic, name in ((person, content.user_topic_type, "user_topic_type"), (others, content.corp_topic_type, "corp_topic_type")):
        if serves and not topic:
            yield _error(name, "topic", "服务对象包括这一类人,却没有选主题", "至少选一个主题")
        if topic and not serves:
            yield _error(name, "topic", "选了主题,服务对象却不包括这一类人", "改服务对象,或去掉主题")


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _phones(content: Content) -> Iterator[Finding]:
    asked, told = content.link_way.strip(), content.supervise_way.strip()
    if asked and told and (asked == told or (_digits(asked) and _digits(asked) == _digits(told))):
        yield _error("supervise_way", "phones", "监督投诉电话不能与咨询电话相同", "写另一个电话,例如 12345")


def _results(content: Content) -> Iterator[Finding]:
    for row, one in enumerate(content.results, start=1):
        where = {"table": "results", "row": row}
        if one.result_name and not one.result_guid:
            yield _error("result_guid", "sample", "办理结果没有样本", "上传样本,写明样本的编号或地址", **where)
        wanted = next((kind for ending, kind in _ENDINGS if one.result_name.rstrip("》)")[-len(ending) :] == ending), "")
        if one.result_name and not one.result_type:
            yield _error("result_type", "required", "没有选结果类型", "从结果类型里选", **where)
        elif wanted and one.result_type != wanted:
            label = say(vocabulary.RESULT_LABELS[wanted])
            yield _error("result_type", "result-type", say("按名称,结果类型应为{label}", label=label), "改结果类型,或改结果名称", **where)


def _licensing(content: Content) -> Iterator[Finding]:
    if not content.questions:
        yield _error("questions", "licence", "行政许可至少要有一个常见问题", "写上群众问得最多的问题和解答")
    named = [one.step_name for one in content.steps]
    missing = [one for one in vocabulary.LICENSING_STEPS if not any(one in name for name in named)]
    if content.steps and missing:
        sentence = say("行政许可的办理环节缺少:{missing}", missing="、".join(missing))
        yield _error("steps", "licence", sentence, "补上受理、审核、审批、办结、送达五个环节")


# ------------------------------------------------------------------ materials
def _materials(content: Content) -> Iterator[Finding]:
    for row, one in enumerate(content.materials, start=1):
        yield from _source(one, {"table": "materials", "row": row})


def _source(one: Material, where: Mapping[str, Any]) -> Iterator[Finding]:
    match one.source:
        case Source.SHARED if not one.resource:
            yield _error("resource", "source", "来自共享数据,却没有写信息资源代码", "写目录里的信息资源代码,并写明信息项", **where)
        case Source.SHARED if not one.resource_item:
            yield _error("resource_item", "source", "来自共享数据,却没有写信息项", "写明用哪个信息项代替这份材料", **where)
        case Source.LICENCE if not one.licence_type:
            yield _error("licence_type", "source", "来自电子证照,却没有写证照类型", "写证照类型代码", **where)
        case Source.CASE if len(one.case_item) not in {IMPLEMENTATION, HANDLING}:
            yield _error("case_item", "source", "来自以往办件,却没有写是哪个事项", "写那个事项的实施编码或业务办理项编码", **where)
        case Source.COMMITMENT if not one.by_law and not one.fill_explain:
            yield _warning("fill_explain", "source", "告知承诺没有写承诺什么", "在填报须知里写明承诺的内容和不实的后果", **where)
        case Source.UPLOAD if one.reason and len(one.reason.strip()) < 4:  # noqa: PLR2004 - fewer characters say nothing
            yield _error("reason", "source", "理由太短", "写明为什么不能由平台取得", **where)
        case "":
            yield _error("source", "source", "没有写材料从哪里来", "从五种来源里选一种", **where)
