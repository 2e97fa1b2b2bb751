"""
Kinds of records that government work leaves behind, whatever it is about.

A business matter (养老机构, 取水, 信访 …) and a kind (a licence, a register, a benefit …) together make catalog entries that read like real
ones. The matters stand in ``matters.txt``, written by hand for every office.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

REALTIME, DAILY, WEEKLY, MONTHLY, QUARTERLY, YEARLY = "实时", "每日", "每周", "每月", "每季度", "每年"
DATABASE, SHEET, FILE = "数据库", "电子表格", "电子文件"


@dataclass(frozen=True)
class Field:
    """A data item: its type is a letter of 《政务信息资源目录编制指南》 (C text, N number, Y money, D date, T moment, I, M memo)."""

    name: str
    type: str
    #: None for dates, moments and memos
    length: int | None = None
    personal: str = ""
    key: bool = False


@dataclass(frozen=True)
class Record:
    """One kind of record: the end of the entry's name, what it holds besides its subject, how often it changes, in which form it lies."""

    suffix: str
    fields: tuple[Field, ...]
    cycles: tuple[str, ...]
    form: str = DATABASE
    #: a summary count, which names no person or company
    aggregate: bool = False


@dataclass(frozen=True)
class Matter:
    """A business matter of an office."""

    office: str
    name: str
    kind: str
    #: ``person``, ``company``, ``place``, ``project`` or ``none``
    subject: str
    #: what only this matter records
    fields: tuple[Field, ...]


def fields(text: str) -> tuple[Field, ...]:
    """Fields written as ``name:type:length``, apart by blanks; a name with ``!`` before it is a key."""
    found = []
    for part in text.split():
        name, kind, *length = part.split(":")
        found.append(Field(name.lstrip("!"), kind, int(length[0]) if length else None, key=name.startswith("!")))
    return tuple(found)


SUBJECTS: Mapping[str, tuple[Field, ...]] = {
    "person": (
        Field("姓名", "C", 50, "name"),
        Field("公民身份号码", "C", 18, "identity", key=True),
        Field("联系电话", "C", 20, "phone"),
    ),
    "company": fields("单位名称:C:200 !统一社会信用代码:C:18 法定代表人:C:50 住所:C:200"),
    "place": fields("名称:C:100 !编码:C:30 地址:C:200 经度:N:11 纬度:N:10 管理单位:C:100"),
    "project": fields("项目名称:C:200 !项目代码:C:24 建设单位:C:200 建设单位统一社会信用代码:C:18"),
    "none": fields("!业务流水号:C:32 承办部门:C:100"),
}
_COUNTS = fields("!统计期:C:10 !行政区划代码:C:12 统计指标:C:100 计量单位:C:10 本期数:N:16 上年同期数:N:16")

KINDS: Mapping[str, tuple[Record, ...]] = {
    "licence": (
        Record("许可信息", fields("!许可文书号:C:50 许可内容:C:500 决定日期:D 有效期自:D 有效期至:D 许可机关:C:100"), (DAILY, WEEKLY)),
        Record("许可证照信息", fields("!证照编号:C:50 证照名称:C:100 颁证日期:D 有效期至:D 证照状态:C:10"), (DAILY,), FILE),
        Record("许可变更注销信息", fields("!许可文书号:C:50 变更类型:C:20 变更前内容:M 变更后内容:M 变更日期:D"), (WEEKLY, MONTHLY)),
    ),
    "register": (
        Record("登记信息", fields("!登记编号:C:30 登记日期:D 登记机关:C:100 登记状态:C:10"), (REALTIME, DAILY)),
        Record("变更登记信息", fields("!登记编号:C:30 变更事项:C:100 变更前内容:M 变更后内容:M 变更日期:D"), (DAILY, WEEKLY)),
        Record("注销登记信息", fields("!登记编号:C:30 注销原因:C:200 注销日期:D"), (WEEKLY, MONTHLY)),
    ),
    "filing": (
        Record("备案信息", fields("!备案编号:C:30 备案日期:D 备案机关:C:100 备案状态:C:10"), (WEEKLY, MONTHLY)),
        Record("备案变更信息", fields("!备案编号:C:30 变更事项:C:100 变更日期:D"), (MONTHLY, QUARTERLY)),
    ),
    "benefit": (
        Record("对象信息", fields("户籍地址:C:200 认定日期:D 认定机关:C:100 享受状态:C:10"), (DAILY, MONTHLY)),
        Record("审批信息", fields("!申请编号:C:30 申请日期:D 审批结果:C:20 审批日期:D 审批机关:C:100"), (DAILY, WEEKLY)),
        Record("发放信息", fields("!发放批次:C:20 发放年月:C:6 发放金额:Y:12 开户银行:C:100"), (MONTHLY,)),
    ),
    "object": (
        Record("基本信息", fields("类别:C:50 状态:C:10 建档日期:D 所属行政区划:C:12"), (WEEKLY, MONTHLY)),
        Record("名录", fields("序号:I 所属行政区划:C:12 发布日期:D"), (QUARTERLY, YEARLY), SHEET),
        Record("年度统计信息", _COUNTS, (YEARLY,), SHEET, aggregate=True),
    ),
    "inspect": (
        Record("结果信息", fields("!检查单编号:C:30 检查日期:D 检查人员:C:100 检查结论:C:100"), (DAILY, WEEKLY)),
        Record("问题整改信息", fields("!整改通知书号:C:50 存在问题:M 整改期限:D 整改完成日期:D"), (WEEKLY, MONTHLY)),
        Record("处罚决定信息", fields("!处罚决定书文号:C:50 违法事实:M 处罚依据:M 处罚类别:C:20 处罚决定日期:D"), (DAILY,)),
    ),
    "project": (
        Record("项目信息", fields("项目类型:C:50 立项日期:D 计划完成日期:D 责任单位:C:100"), (WEEKLY, MONTHLY)),
        Record("项目进度信息", fields("!填报期:C:10 完成比例:N:5 当前阶段:C:50 存在问题:M"), (MONTHLY,)),
        Record("项目资金信息", fields("!资金批次:C:20 资金来源:C:50 下达金额:Y:16 支付金额:Y:16"), (MONTHLY, QUARTERLY)),
    ),
    "monitor": (
        Record("监测点位信息", fields("设备型号:C:50 启用日期:D 运行状态:C:10"), (MONTHLY,)),
        Record("实时监测数据", fields("!监测时间:T 数据有效性:C:10"), (REALTIME,)),
        Record("监测日报", fields("!监测日期:D 日均值:N:10 最大值:N:10 是否超标:L:1"), (DAILY,), SHEET),
    ),
    "case": (
        Record("受理信息", fields("!受理编号:C:32 受理日期:T 受理渠道:C:20 受理部门:C:100"), (REALTIME, DAILY)),
        Record("办理结果信息", fields("!受理编号:C:32 办理结果:C:50 办结时间:T 答复意见:M"), (DAILY,)),
        Record("办理统计信息", _COUNTS, (MONTHLY,), SHEET, aggregate=True),
    ),
    "quality": (
        Record("认定信息", fields("!认定文号:C:50 认定日期:D 认定机关:C:100 有效期至:D"), (MONTHLY, QUARTERLY)),
        Record("年度考核信息", fields("!考核年度:C:4 考核结果:C:20 考核日期:D"), (YEARLY,)),
    ),
    "statistic": (
        Record("月度统计信息", _COUNTS, (MONTHLY,), SHEET, aggregate=True),
        Record("年度统计信息", _COUNTS, (YEARLY,), SHEET, aggregate=True),
    ),
}
#: words that already say what the first word of a suffix would say again
_ENDINGS = ("监测", "项目", "统计", "对象")
_INSPECTIONS = ("抽查", "检查", "执法", "监察", "安检", "普查", "排查", "稽查", "检验检疫", "使用")


def entry_name(matter: Matter, record: Record) -> str:
    """The name of an entry: matter and suffix, without saying a word twice."""
    name = matter.name
    if matter.kind == "inspect" and not name.endswith(_INSPECTIONS):
        name += "检查"
    for ending in _ENDINGS:
        if name.endswith(ending) and ending in record.suffix:
            name = name.removesuffix(ending)
    return name + record.suffix


def matters() -> Iterator[Matter]:
    """The matters of every office, in the order of the file."""
    office = ""
    for line in resources.files(__package__).joinpath("matters.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            office = line.strip("[]")
        elif line and not line.startswith("#"):
            name, kind, subject, extra = line.split("|")
            yield Matter(office, name, kind, subject, fields(extra))
