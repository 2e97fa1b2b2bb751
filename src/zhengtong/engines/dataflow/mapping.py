"""Which source column feeds which item: suggestions for a person to confirm, and findings about columns that do not fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

import pypinyin

from zhengtong.engines.dataflow.connectors.base import SourceColumn
from zhengtong.engines.dataflow.items import Item, ItemType
from zhengtong.kernel.sentences import listed, say

_ENOUGH = 0.6
_SIMILAR = 0.75
#: names departments use for one thing; every group is one meaning
_SYNONYMS: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split())
    for group in (
        "姓名 名字 xm name xingming person_name full_name",
        "性别 xb sex gender xingbie",
        "公民身份号码 身份证号 身份证号码 身份证 公民身份证号码 sfzh sfzhm gmsfhm id_no idno id_card idcard id_number identity_no zjhm",
        "统一社会信用代码 社会信用代码 信用代码 tyshxydm shxydm uscc credit_code social_credit_code",
        "出生日期 出生年月 生日 csrq birth birthday birth_date date_of_birth",
        "手机号码 手机号 联系电话 电话 联系方式 sjh sjhm lxdh lxfs phone mobile tel telephone phone_no",
        "地址 住址 家庭住址 联系地址 详细地址 住所 dz zz xxdz address addr",
        "民族 mz nation ethnicity nationality",
        "单位名称 企业名称 机构名称 公司名称 dwmc qymc jgmc company company_name org_name",
        "法定代表人 法人 法人代表 fddbr frdb legal_person legal_representative",
        "行政区划代码 行政区划 区划代码 xzqhdm xzqh region region_code area_code",
        "更新时间 修改时间 最后更新时间 gxsj xgsj update_time updated_at modify_time last_modified gmt_modified",
        "创建时间 登记时间 录入时间 cjsj create_time created_at gmt_create",
        "成立日期 注册日期 clrq zcrq establish_date found_date",
        "注册资本 zczb registered_capital reg_capital",
        "序号 编号 主键 xh bh id no number pk",
        "备注 说明 bz remark remarks note memo comment",
        "状态 zt status state",
        "部门 所属部门 bm dept department",
        "金额 je amount money",
    )
)


@dataclass(frozen=True)
class Suggestion:
    """A source column for an item: how sure (0 to 1), and why in Chinese."""

    item: str
    column: str
    score: float
    reason: str


class Severity(StrEnum):
    """Whether rows will be refused for certain, or may be."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """A mapped column that does not fit its item."""

    item: str
    column: str
    severity: Severity
    sentence: str
    remedy: str


def suggest(items: Sequence[Item], columns: Sequence[SourceColumn]) -> list[Suggestion]:
    """The likeliest one-to-one mapping, best first; items without a likely column are left out."""
    scored = [
        Suggestion(item.key, column.name, score, reason)
        for item in items
        for column in columns
        for score, reason in [likeness(item, column)]
        if score >= _ENOUGH
    ]
    places = {column.name: place for place, column in enumerate(columns)}
    chosen: list[Suggestion] = []
    for suggestion in sorted(scored, key=lambda one: (-one.score, one.item, places[one.column])):
        if all(suggestion.item != other.item and suggestion.column != other.column for other in chosen):
            chosen.append(suggestion)
    return chosen


def likeness(item: Item, column: SourceColumn) -> tuple[float, str]:
    """How much a column looks like an item (0 to 1), and why."""
    name, comment, label = _plain(column.name), _plain(column.comment), _plain(item.name)
    keys = {_plain(item.key)} - {""}
    full, initials = _pinyin(label)
    tests = (
        (name in keys or bool(label and name == label), 1.0, "列名相同"),
        (bool(comment) and comment in {label, *keys}, 0.97, "列注释与信息项名称相同"),
        (bool(label) and name == full, 0.93, "列名是名称的全拼"),
        (len(initials) > 1 and name == initials, 0.9, "列名是名称的拼音首字母"),
        (any(_known(words, item) and _named(words, column) for words in _SYNONYMS), 0.85, "常见的同义名称"),
        (bool(label and comment) and (label in comment or comment in label), 0.78, "列注释包含信息项名称"),
    )
    for holds, score, reason in tests:
        if holds:
            return score, reason
    pairs = [(left, right) for left in {label, *keys} - {""} for right in {name, comment} - {""}]
    ratio = max((SequenceMatcher(None, left, right).ratio() for left, right in pairs), default=0.0)
    return (round(ratio * _SIMILAR, 3), "名称相近") if ratio * _SIMILAR >= _ENOUGH else (0.0, "")


def _known(words: frozenset[str], item: Item) -> bool:
    return any(word in _synonyms_plain(words) for word in (_plain(item.key), _plain(item.name)) if word)


def _named(words: frozenset[str], column: SourceColumn) -> bool:
    return any(word in _synonyms_plain(words) for word in (_plain(column.name), _plain(column.comment)) if word)


@lru_cache(maxsize=64)
def _synonyms_plain(words: frozenset[str]) -> frozenset[str]:
    return frozenset(_plain(word) for word in words)


def _plain(text: str) -> str:
    """Lower case without separators, brackets and what is in them."""
    return re.sub(r"[\s_\-./()\uff08\uff09]", "", re.sub(r"[(\uff08].*?[)\uff09]", "", text)).lower()


@lru_cache(maxsize=4096)
def _pinyin(text: str) -> tuple[str, str]:
    syllables = pypinyin.lazy_pinyin(text)
    return "".join(syllables).lower(), "".join(syllable[0] for syllable in syllables if syllable).lower()


_KINDS: tuple[tuple[str, ItemType], ...] = (
    (r"^(character varying|varchar|character|char|bpchar|text|name)\b", ItemType.TEXT),
    (r"^(smallint|integer|bigint|int2|int4|int8|int)\b", ItemType.INTEGER),
    (r"^(numeric|decimal)\b", ItemType.DECIMAL),
    (r"^(double precision|real|float)", ItemType.DOUBLE),
    (r"^date\b", ItemType.DATE),
    (r"^(timestamp|datetime)", ItemType.DATETIME),
    (r"^(boolean|bool)\b", ItemType.BOOLEAN),
)
#: what converts without loss for certain, and what may or may not
_SAFE: Mapping[ItemType, frozenset[ItemType]] = {
    ItemType.TEXT: frozenset(ItemType),
    ItemType.INTEGER: frozenset({ItemType.INTEGER, ItemType.BOOLEAN}),
    ItemType.DECIMAL: frozenset({ItemType.DECIMAL, ItemType.INTEGER}),
    ItemType.DOUBLE: frozenset({ItemType.DOUBLE, ItemType.INTEGER, ItemType.DECIMAL}),
    ItemType.DATE: frozenset({ItemType.DATE}),
    ItemType.DATETIME: frozenset({ItemType.DATETIME, ItemType.DATE}),
    ItemType.BOOLEAN: frozenset({ItemType.BOOLEAN}),
}
_MAYBE: Mapping[ItemType, frozenset[ItemType]] = {
    ItemType.TEXT: frozenset(),
    ItemType.INTEGER: frozenset({ItemType.TEXT, ItemType.DECIMAL, ItemType.DOUBLE}),
    ItemType.DECIMAL: frozenset({ItemType.TEXT, ItemType.DOUBLE}),
    ItemType.DOUBLE: frozenset({ItemType.TEXT}),
    ItemType.DATE: frozenset({ItemType.TEXT, ItemType.DATETIME}),
    ItemType.DATETIME: frozenset({ItemType.TEXT}),
    ItemType.BOOLEAN: frozenset({ItemType.TEXT, ItemType.INTEGER}),
}


def check_mapping(items: Iterable[Item], columns: Sequence[SourceColumn], mapping: Mapping[str, str]) -> list[Finding]:
    """What does not fit between mapped columns and their items: types, lengths, digits, missing values, primary key."""
    by_name = {column.name: column for column in columns}
    findings: list[Finding] = []
    for item in items:
        column = by_name.get(mapping.get(item.key, ""))
        if column is None:
            severity = Severity.WARNING if item.nullable and not item.is_key else Severity.ERROR
            findings.append(
                Finding(
                    item.key,
                    mapping.get(item.key, ""),
                    severity,
                    say("{label}没有对应的来源列", label=item.label),
                    "在映射中为其选择来源列",
                )
            )
        else:
            findings += _column_findings(item, column)
    keys = {mapping[item.key] for item in items if item.is_key and item.key in mapping}
    primary = {column.name for column in columns if column.key_place}
    if primary and keys and keys != primary:
        sentence = say("主键信息项对应 {keys},而来源主键是 {primary}", keys=listed(sorted(keys)), primary=listed(sorted(primary)))
        findings.append(Finding("", "", Severity.WARNING, sentence, "确认主键信息项能唯一标识一行,否则重复的行会被合并"))
    return findings


def _column_findings(item: Item, column: SourceColumn) -> list[Finding]:
    def finding(severity: Severity, sentence: str, remedy: str) -> Finding:
        return Finding(item.key, column.name, severity, sentence, remedy)

    found = []
    kind = next((kind for pattern, kind in _KINDS if re.match(pattern, column.type)), None)
    if column.type and (kind is None and item.type is not ItemType.TEXT):
        found.append(
            finding(
                Severity.ERROR,
                say("来源列类型 {type} 不能转换为 {sql_type}", type=column.type, sql_type=item.sql_type),
                "改用其他列,或修改信息项类型",
            )
        )
    elif kind is not None and kind in _MAYBE[item.type]:
        found.append(
            finding(
                Severity.WARNING,
                say("来源列类型 {type} 中不能转换为 {sql_type} 的值将被隔离", type=column.type, sql_type=item.sql_type),
                "抽样核对取值",
            )
        )
    elif kind is not None and kind not in _SAFE[item.type]:
        found.append(
            finding(
                Severity.ERROR,
                say("来源列类型 {type} 不能转换为 {sql_type}", type=column.type, sql_type=item.sql_type),
                "改用其他列,或修改信息项类型",
            )
        )
    numbers = [int(number) for number in re.findall(r"\d+", column.type.partition("(")[2])]
    if kind is ItemType.TEXT and item.type is ItemType.TEXT and item.length and (not numbers or numbers[0] > item.length):
        wider = say("来源列最长 {limit} 个字符,信息项只容 {length} 个", limit=numbers[0] if numbers else 0, length=item.length)
        endless = say("来源列不限长度,信息项只容 {length} 个字符", length=item.length)
        found.append(
            finding(
                Severity.WARNING,
                wider if numbers else endless,
                "加大信息项长度,否则超长的行将被隔离",
            )
        )
    if kind is ItemType.DECIMAL and item.type is ItemType.DECIMAL and item.precision is not None and len(numbers) in {0, 1, 2}:
        precision, scale = item.digits
        given, decimals = (numbers[0], numbers[1] if len(numbers) > 1 else 0) if numbers else (None, None)
        if given is None or decimals is None or decimals > scale or given - decimals > precision - scale:
            found.append(
                finding(
                    Severity.WARNING,
                    say("来源列 {type} 的位数多于 {sql_type}", type=column.type, sql_type=item.sql_type),
                    "加大精度,否则放不下的行将被隔离",
                )
            )
    if column.type and column.nullable and (item.is_key or not item.nullable):
        found.append(finding(Severity.WARNING, say("来源列允许为空,而{label}必填", label=item.label), "空值所在的行将被隔离;请来源补齐"))
    return found
