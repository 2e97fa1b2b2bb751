"""Open the first datasets of the demo city: divisions, companies, taxpayers, and estates on conditions, each by all four hands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.errors import Unavailable


@dataclass(frozen=True)
class Opened:
    """A dataset of the demo city. ``items`` are names of the entry's items, each under its mask."""

    table: str
    prefix: str
    title: str
    summary: str
    theme: str
    items: Mapping[str, str]
    contact: str
    #: reasons for which the bureau lets findings pass: gate → reason
    passed: Mapping[str, str] = field(default_factory=dict)
    #: under which terms its rows are given; None: to everybody
    conditions: opendata.Conditions | None = None


DATASETS = (
    Opened(
        "civil_affairs.admin_division",
        "civil",
        "云州市行政区划代码",
        "全市市、县(市、区)、乡镇(街道)三级行政区划的代码、名称和上下级关系。",
        "government",
        {"行政区划代码": "none", "行政区划名称": "none", "行政区划级别": "none", "上级行政区划代码": "none", "更新时间": "none"},
        "市民政局区划地名科 0000-8600001",
    ),
    Opened(
        "market_regulation.company",
        "market",
        "云州市市场主体登记信息",
        "全市企业、个体工商户和农民专业合作社的名称、类型、行业、注册资本、成立日期和登记状态。",
        "business",
        {
            "登记序号": "none",
            "统一社会信用代码": "none",
            "市场主体名称": "none",
            "市场主体类型": "none",
            "注册资本万元": "none",
            "成立日期": "none",
            "行业代码": "none",
            "登记状态": "none",
        },
        "市市场监督管理局登记注册科 0000-8600002",
        {
            "mixed-dates": "成立日期照登记系统原样开放,各时期写法不一",
        },
    ),
    Opened(
        "taxation.dj_nsrxx",
        "tax",
        "云州市纳税信用等级",
        "全市登记纳税人的名称、识别号、行业、状态、纳税信用等级和主管税务机关。",
        "credit",
        {
            "登记序号": "none",
            "纳税人识别号": "none",
            "纳税人名称": "none",
            "行业代码": "none",
            "纳税人状态": "none",
            "纳税信用等级": "none",
            "主管税务机关": "none",
        },
        "市税务局纳税服务科 0000-8600003",
    ),
    Opened(
        "natural_resources.不动产登记簿",
        "land",
        "云州市不动产登记要素",
        "全市登记的不动产单元及其建筑面积、规划用途、共有情况和登记时间,不含权利人和坐落。",
        "housing",
        {"不动产单元号": "none", "共有情况": "none", "建筑面积": "none", "规划用途": "none", "登记时间": "none"},
        "市自然资源和规划局不动产登记中心 0000-8600004",
        {"mixed-dates": "登记时间照登记系统原样开放", "duplicate-rows": "同一单元的多次登记各占一行"},
        opendata.Conditions(
            audience="both",
            purposes="住房与城市规划研究、统计分析、公益服务;不得与其他资料比对以识别权利人",
            safety="加密保存,专人使用,不转让、不公开原始数据,使用期满后删除",
            longest=730,
            report_every=30,
        ),
    ),
)


@dataclass(frozen=True)
class Hands:
    """Who acts in the course of one dataset."""

    steward: Actor
    head: Actor
    approver: Actor


def open_dataset(one: Opened, resource_id: int, hands: Hands, *, now: datetime) -> None:
    """
    Take a dataset from wherever it stands to its first version; the worker's part is done in this process.

    :raises Unavailable: if it did not come about, naming what holds it back.
    """
    there = opendata.of_resource(resource_id)
    if there is not None and there[1] is opendata.State.OPEN:
        return
    number = there[0] if there else _proposed(one, resource_id, hands, now)
    view = opendata.opening(number, actor=hands.steward)
    if view.state in {opendata.State.RETURNED, opendata.State.WITHDRAWN}:
        number = _proposed(one, resource_id, hands, now)
    opendata.work_off(number)
    if opendata.opening(number, actor=hands.steward).state is opendata.State.MEASURED:
        _let_pass(one, number, hands, now)
        opendata.approve(actor=hands.head, number=number, now=now)
    if opendata.opening(number, actor=hands.steward).state is opendata.State.APPROVED:
        opendata.publish(actor=hands.approver, number=number, now=now)
    opendata.work_off(number)
    view = opendata.opening(number, actor=hands.steward)
    if view.state is not opendata.State.OPEN:
        raise Unavailable(f"数据集“{one.title}”没有开放:{view.reason or view.state_label}")


def _proposed(one: Opened, resource_id: int, hands: Hands, now: datetime) -> int:
    content = catalog.resource(resource_id).content
    keys = {item.name: item.key for item in content.items}
    proposal = opendata.Proposal(
        title=one.title,
        summary=one.summary,
        theme=one.theme,
        licence="cc-by-4.0",
        attribution=f"来源:{hands.steward.office_name}",
        contact=one.contact,
        items={keys[name]: mask for name, mask in one.items.items()},
        conditions=one.conditions,
    )
    return opendata.propose(actor=hands.steward, resource_id=resource_id, proposal=proposal, now=now)


def _let_pass(one: Opened, number: int, hands: Hands, now: datetime) -> None:
    for view in opendata.findings(number, {}, actor=hands.approver):
        gate, column = view.finding.gate, view.finding.column
        if view.may_pass and gate in one.passed:
            opendata.overrule(actor=hands.approver, number=number, gate=gate, column=column, reason=one.passed[gate], now=now)
