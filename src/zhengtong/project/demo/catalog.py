"""
About a thousand catalog entries of the city's offices.

Nine of them describe the source tables of :mod:`~zhengtong.project.demo.tables` item by item; the others say what the offices would
declare. Classes follow 《政务信息资源目录编制指南（试行）》: 类 1 基础, 2 主题, 3 部门, then 项 of two and 目 of three digits.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from pypinyin import Style, lazy_pinyin

from zhengtong.project.demo import records
from zhengtong.project.demo.offices import Office, offices
from zhengtong.project.demo.records import DATABASE, FILE, SHEET, Field, Matter, Record
from zhengtong.project.demo.tables import TABLES, TableSpec
from zhengtong.project.demo.territory import YUNZHOU, Territory


class Sharing(IntEnum):
    """共享类型."""

    UNCONDITIONAL = 1
    CONDITIONAL = 2
    NOT_SHARED = 3


@dataclass(frozen=True)
class CatalogItem:
    """A data item of an entry."""

    name: str
    #: the initials of its pinyin, unique in the entry
    key: str
    #: C, N, Y, D, T, L, I or M
    data_type: str
    length: int | None
    sharing: Sharing
    is_key: bool
    #: ``name``, ``identity``, ``phone``, ``address``, ``birth``, ``account``, ``health``; empty: none
    personal: str
    #: the column of the source table; empty where there is no table
    column: str = ""


@dataclass(frozen=True)
class CatalogEntry:
    """An information resource 信息资源 as its office declares it."""

    #: class code, a slash and a number: ``307009/000012``
    code: str
    class_code: str
    name: str
    summary: str
    office: Office
    items: tuple[CatalogItem, ...]
    sharing: Sharing
    #: for whom and for what, where sharing is conditional
    condition: str
    #: the law, where it is not shared
    legal_basis: str
    #: 共享方式: ``数据库``, ``文件`` or ``接口服务`` on the platform; empty where it is not shared
    channel: str
    update_cycle: str
    #: 格式分类 and 格式类型
    format_class: str
    format_type: str
    open: bool
    open_condition: str
    #: ``schema.table`` of the source table; empty where there is none
    table: str = ""


_SECRECY = "《中华人民共和国保守国家秘密法》:涉及国防和外事的事项依法保密"
_STATISTICS = "《中华人民共和国统计法》:能够识别单个统计调查对象的资料应当保密"
#: matters whose records are not shared, with the law
_REFUSED: Mapping[str, str] = {
    "信访": "《信访工作条例》:不得泄露信访人要求保密的内容",
    "未成年人保护": "《中华人民共和国未成年人保护法》第一百零三条:不得披露涉案未成年人的身份信息",
    "个人完税": "《中华人民共和国税收征收管理法》第八条:税务机关应当依法为纳税人的情况保密",
    "规模以上工业企业": _STATISTICS,
    "居民收支调查": _STATISTICS,
    "因公出国团组": _SECRECY,
    "涉外活动": _SECRECY,
    "人防工程": _SECRECY,
    "防空警报设施": _SECRECY,
    "无线电台站": _SECRECY,
}
_USES = ("作为行政依据", "作为工作参考", "用于数据校核", "用于业务协同")
_DATABASES = ("mysql", "oracle", "postgresql", "Dm", "KingbaseES", "sql server")
_FORMATS = {SHEET: ("xlsx", "xlsx", "et"), FILE: ("OFD", "pdf")}
_UPDATED = Field("数据更新时间", "T")
#: entries that stand in a theme rather than under their office
_THEMATIC = ("object", "monitor", "statistic")
_TYPES = {"text": "C", "bigint": "N", "date": "D", "timestamp": "T"}
_TEXT_LENGTHS = {"identity": 18, "name": 50, "phone": 20, "address": 200}


@dataclass(frozen=True)
class _Terms:
    """How a source table is shared: class code, type, condition, cycle, summary."""

    class_code: str
    sharing: Sharing
    condition: str
    cycle: str
    summary: str


_TABLE_TERMS: Mapping[str, _Terms] = {
    "civil_affairs.admin_division": _Terms(
        "103001", Sharing.UNCONDITIONAL, "", "每年", "本市市、县(市、区)、乡镇(街道)三级行政区划的代码和名称"
    ),
    "public_security.czrk_jbxx": _Terms(
        "101001",
        Sharing.CONDITIONAL,
        "作为行政依据使用,限于核验办事人身份和户籍,不得批量留存",
        "每日",
        "本市常住人口的身份、户籍和家庭关系",
    ),
    "civil_affairs.marriage_registration": _Terms(
        "101002", Sharing.CONDITIONAL, "用于业务协同,限于核验当事人婚姻状况", "每日", "本市办理的结婚登记"
    ),
    "human_resources.ac01_cbxx": _Terms(
        "203001",
        Sharing.CONDITIONAL,
        "作为行政依据使用,限于核验参保状态和缴费年限",
        "每日",
        "本市职工社会保险的参保单位、险种、状态和缴费基数",
    ),
    "market_regulation.company": _Terms("102001", Sharing.UNCONDITIONAL, "", "每日", "本市登记的企业、个体工商户和农民专业合作社"),
    "natural_resources.不动产登记簿": _Terms(
        "103002", Sharing.CONDITIONAL, "作为行政依据使用,限于核验权利人名下不动产", "每日", "本市不动产登记簿的权利人、坐落、面积和用途"
    ),
    "housing_fund.gjj_grzh": _Terms(
        "203002", Sharing.CONDITIONAL, "用于业务协同,限于贷款和提取审核", "每月", "住房公积金个人账户的缴存基数、余额和状态"
    ),
    "health.ehr_resident": _Terms(
        "202001", Sharing.CONDITIONAL, "作为工作参考,限于公共卫生服务,须经本人同意", "每周", "居民电子健康档案的基本信息和慢性病记录"
    ),
    "taxation.dj_nsrxx": _Terms(
        "102002", Sharing.CONDITIONAL, "用于数据校核,限于核验纳税人状态和信用等级", "每月", "本市登记的纳税人、主管税务机关和纳税信用等级"
    ),
}


def catalog_entries(territory: Territory = YUNZHOU) -> tuple[CatalogEntry, ...]:
    """Every entry, the source tables' first, then office by office. The same territory gives the same entries."""
    listed = offices(territory)
    by_key = {office.key: office for office in listed}
    number = {office.key: place for place, office in enumerate(listed, start=1)}
    serials: Counter[str] = Counter()
    entries = [_table_entry(table, by_key[table.department], serials) for table in TABLES]
    for matter in records.matters():
        office = by_key[matter.office]
        entries += [_entry(matter, record, office, number[office.key], serials) for record in _records(matter)]
    return tuple(entries)


def _records(matter: Matter) -> Iterator[Record]:
    """The kinds of records of a matter; announcements are not deregistered, and what has no subject has no list of them."""
    for record in records.KINDS[matter.kind]:
        if matter.subject == "none" and record.suffix in {"注销登记信息", "名录"}:
            continue
        yield record


def _entry(matter: Matter, record: Record, office: Office, number: int, serials: Counter[str]) -> CatalogEntry:
    name = records.entry_name(matter, record)
    subject = () if record.aggregate else records.SUBJECTS[matter.subject]
    own = tuple(field for field in matter.fields if not record.aggregate or field.type in {"I", "N", "Y"})
    sharing, basis = _sharing(matter, record)
    items = _items((*subject, *own, *record.fields, _UPDATED), sharing)
    class_code = f"2{office.theme}{number:03}" if matter.kind in _THEMATIC else f"307{number:03}"
    shown = "、".join(item.name for item in items[:5])
    opened = sharing is Sharing.UNCONDITIONAL and not any(item.personal for item in items)
    form = record.form
    return CatalogEntry(
        code=_code(class_code, serials),
        class_code=class_code,
        name=name,
        summary=f"{office.name}在办理{matter.name}业务中形成的{name},包括{shown}等 {len(items)} 项。",
        office=office,
        items=items,
        sharing=sharing,
        condition=_condition(matter, name) if sharing is Sharing.CONDITIONAL else "",
        legal_basis=basis,
        channel="" if sharing is Sharing.NOT_SHARED else {DATABASE: _pick(name, ("数据库", "接口服务"))}.get(form, "文件"),
        update_cycle=_pick(name, record.cycles),
        format_class=form,
        format_type=_pick(office.key, _DATABASES) if form == DATABASE else _pick(name, _FORMATS[form]),
        open=opened,
        open_condition="注册后免费使用,注明来源" if opened else "",
    )


def _sharing(matter: Matter, record: Record) -> tuple[Sharing, str]:
    """The sharing type, and the law where it is 3."""
    if matter.name in _REFUSED and not record.aggregate:
        return Sharing.NOT_SHARED, _REFUSED[matter.name]
    public = matter.kind in {"licence", "quality"} and record.form != FILE and matter.subject != "person"
    if record.aggregate or matter.subject in {"place", "none"} or public:
        return Sharing.UNCONDITIONAL, ""
    if matter.subject == "company" and record.suffix in {"登记信息", "备案信息", "基本信息", "名录", "处罚决定信息"}:
        return Sharing.UNCONDITIONAL, ""
    return Sharing.CONDITIONAL, ""


def _condition(matter: Matter, name: str) -> str:
    """Scope and use, as Art. 14 of the regulation wants them named."""
    who = {"person": "核验申请人有关情况", "company": "核验市场主体有关情况", "project": "项目联合审批和监管"}
    return f"{_pick(name, _USES)}使用,限于{who[matter.subject]},不得改变用途或提供给第三方"


def _table_entry(table: TableSpec, office: Office, serials: Counter[str]) -> CatalogEntry:
    terms = _TABLE_TERMS[table.qualified]
    fields = []
    for column in table.columns:
        kind = _TYPES.get(column.type, "Y")
        length = None if kind in {"D", "T"} else _TEXT_LENGTHS.get(column.personal, 50) if kind == "C" else 16
        is_key = column.key or column.item in {"公民身份号码", "统一社会信用代码", "证件号码", "权利人证件号码", "纳税人识别号"}
        fields.append(Field(column.item, kind, length, column.personal, is_key))
    items = _items(tuple(fields), terms.sharing, tuple(column.name for column in table.columns))
    opened = table.qualified == "civil_affairs.admin_division"
    return CatalogEntry(
        code=_code(terms.class_code, serials),
        class_code=terms.class_code,
        name=table.title,
        summary=f"{terms.summary},共 {len(items)} 项。",
        office=office,
        items=items,
        sharing=terms.sharing,
        condition=terms.condition,
        legal_basis="",
        channel="数据库",
        update_cycle=terms.cycle,
        format_class=DATABASE,
        format_type="postgresql",
        open=opened,
        open_condition="注册后免费使用,注明来源" if opened else "",
        table=table.qualified,
    )


def _items(fields: tuple[Field, ...], sharing: Sharing, columns: tuple[str, ...] = ()) -> tuple[CatalogItem, ...]:
    """Items without a name twice, under keys of pinyin initials; a key that is taken gets a number."""
    unique = {field.name: place for place, field in reversed(list(enumerate(fields)))}
    taken: Counter[str] = Counter()
    items = []
    for place in sorted(unique.values()):
        field = fields[place]
        initials = "".join(lazy_pinyin(field.name, style=Style.FIRST_LETTER)).lower()
        taken[initials] += 1
        key = initials if taken[initials] == 1 else f"{initials}_{taken[initials]}"
        column = columns[place] if columns else ""
        # what singles out a person is never free for all, even in an entry that is
        own = Sharing.CONDITIONAL if sharing is Sharing.UNCONDITIONAL and field.personal in {"identity", "phone"} else sharing
        items.append(CatalogItem(field.name, key, field.type, field.length, own, field.key, field.personal, column))
    return tuple(items)


def _code(class_code: str, serials: Counter[str]) -> str:
    serials[class_code] += 1
    return f"{class_code}/{serials[class_code]:06}"


def _pick(word: str, among: tuple[str, ...]) -> str:
    """One of ``among``, always the same for a word."""
    return among[int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % len(among)]
