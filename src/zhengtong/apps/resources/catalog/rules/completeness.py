"""What an entry must state before it is reviewed (条例 Art. 13-15, 发改高技〔2017〕1272号 §1.2); all gaps are named at once."""

from __future__ import annotations

import re

from zhengtong.apps.resources.catalog.rules.content import Content, ItemContent
from zhengtong.apps.resources.catalog.rules.findings import Finding
from zhengtong.apps.resources.catalog.rules.vocabulary import DATA_TYPE_LABELS, STRUCTURED, SharingType, UpdateCycle
from zhengtong.kernel.sentences import say

_LAW = re.compile(r"《[^》]+》|国务院")
_KEY = re.compile(r"^[a-z][a-z0-9_]{0,59}$")
#: The order number that a classification code is tried with, to see whether it fits the pattern of this installation.
_TRIAL = "000001"


def class_code_fits(class_code: str, pattern: str) -> bool:
    """Whether a code made from this classification would match the installation's pattern of resource codes."""
    return bool(class_code) and re.match(pattern, f"{class_code}/{_TRIAL}") is not None


def gaps(content: Content, *, pattern: str) -> list[Finding]:
    """Everything that is missing or contradicts itself, in the order of the form; empty when the entry may be reviewed."""
    return [*_identity(content, pattern), *_formats(content), *_sharing(content), *_openness(content), *_cycle(content), *_items(content)]


def _gap(field: str, rule: str, remedy: str, value: str = "") -> Finding:
    return Finding("gap", field, rule, remedy, value)


def _identity(content: Content, pattern: str) -> list[Finding]:
    found = []
    if not content.name.strip():
        found.append(_gap("name", "缺信息资源名称", "填写名称"))
    if not content.summary.strip():
        found.append(_gap("summary", "缺信息资源摘要", "用一两句话说明内容、范围和来源"))
    if not class_code_fits(content.class_code, pattern):
        rule = "缺信息资源分类" if not content.class_code else say("分类码 {class_code} 不合编码规则", class_code=content.class_code)
        found.append(_gap("class_code", rule, "按类、项、目、细目填写分类码,如 307001", content.class_code))
    if not content.legal_basis.strip():
        found.append(_gap("legal_basis", "缺依据", "写明采集或产生该数据所依据的法律、法规、规章或职责文件"))
    if not content.data_level:
        found.append(_gap("data_level", "缺数据分级", "按数据分类分级结果选择一般、重要或核心数据"))
    return found


def _formats(content: Content) -> list[Finding]:
    found = []
    if not content.format_class:
        found.append(_gap("format_class", "缺信息资源格式", "选择格式分类"))
    if content.format_class in STRUCTURED and not content.items:
        found.append(_gap("items", "结构化资源必须列出信息项", "在“信息项”中逐项填写名称和类型"))
    return found


def _sharing(content: Content) -> list[Finding]:
    found = []
    if not content.sharing_type:
        return [_gap("sharing_type", "缺共享类型", "选择无条件共享、有条件共享或不予共享")]
    if content.sharing_type == SharingType.CONDITIONAL:
        needs = (("sharing_condition", "共享条件"), ("sharing_scope", "共享范围"), ("sharing_purpose", "使用用途"))
        found += [
            _gap(name, say("有条件共享必须列明{label}", label=say(label)), say("填写{label}", label=say(label)))
            for name, label in needs
            if not getattr(content, name).strip()
        ]
    if content.sharing_type == SharingType.UNCONDITIONAL and content.sharing_condition.strip():
        remedy = "删去条件,或改为有条件共享"
        found.append(_gap("sharing_condition", "无条件共享不得另设条件", remedy, content.sharing_condition))
    if content.sharing_type == SharingType.NOT_SHARED:
        if not content.sharing_condition.strip():
            found.append(_gap("sharing_condition", "不予共享必须说明理由", "填写理由"))
        if content.legal_basis.strip() and not _LAW.search(content.legal_basis):
            rule = "不予共享必须有法律、行政法规或者国务院决定为依据"
            found.append(_gap("legal_basis", rule, "写明《法律或行政法规名称》及条款,或国务院决定的文号", content.legal_basis))
    elif not content.sharing_modes:
        found.append(_gap("sharing_modes", "缺共享方式", "至少选择一种:数据库、文件、接口服务"))
    return found


def _openness(content: Content) -> list[Finding]:
    if content.is_open is None:
        return [_gap("is_open", "未说明是否向社会开放", "选择是或否")]
    if content.is_open and not content.open_condition.strip():
        return [_gap("open_condition", "向社会开放的必须列明开放条件", "写明条件;没有条件的写“无条件开放”")]
    return []


def _cycle(content: Content) -> list[Finding]:
    if not content.update_cycle:
        return [_gap("update_cycle", "缺更新周期", "选择更新周期")]
    if content.update_cycle == UpdateCycle.CUSTOM and not content.update_cycle_text.strip():
        return [_gap("update_cycle_text", "自定义的更新周期要写明", "例如“每两年”")]
    return []


def _items(content: Content) -> list[Finding]:
    found = list[Finding]()
    keys, names = set[str](), set[str]()
    for number, item in enumerate(content.items, start=1):
        found += _item(number, item)
        if item.key in keys:
            found.append(_gap("items", say("第 {number} 项的英文名 {key} 重复", number=number, key=item.key), "改用另一个英文名", item.key))
        if item.name.strip() in names:
            found.append(_gap("items", say("第 {number} 项“{name}”重名", number=number, name=item.name), "改用能区分的名称", item.name))
        keys.add(item.key)
        names.add(item.name.strip())
    return found


def _item(number: int, item: ItemContent) -> list[Finding]:
    found = []
    if not item.name.strip():
        found.append(_gap("items", say("第 {number} 项没有名称", number=number), "填写名称,或删去该项"))
    if not _KEY.match(item.key):
        found.append(
            _gap("items", say("第 {number} 项的英文名不合要求", number=number), "用小写字母开头,只含小写字母、数字和下划线", item.key)
        )
    if item.data_type not in DATA_TYPE_LABELS:
        found.append(_gap("items", say("第 {number} 项没有数据类型", number=number), "选择数据类型", item.data_type))
    if item.sharing_type == SharingType.CONDITIONAL and not item.sharing_condition.strip():
        found.append(_gap("items", say("第 {number} 项“{name}”有条件共享,缺共享条件", number=number, name=item.name), "填写该项的共享条件"))
    if item.sharing_type == SharingType.NOT_SHARED and not _LAW.search(item.sharing_condition):
        remedy = "在该项的共享条件中写明《法律或行政法规名称》或国务院决定"
        found.append(_gap("items", say("第 {number} 项“{name}”不予共享,缺法律依据", number=number, name=item.name), remedy))
    return found


_LONGEST = {"name": 300, "section": 100, "class_code": 40, "update_cycle_text": 60, "data_level": 20, "contact": 200, "url": 1000}
_LONGEST_ITEM = {"name": 200, "dictionary": 100}


def faults(content: Content) -> list[Finding]:
    """What keeps the content from being kept even as a draft: no name, texts that are too long, items that cannot be told apart."""
    found = [] if content.name.strip() else [_gap("name", "缺信息资源名称", "填写名称")]
    for name, longest in _LONGEST.items():
        if len(getattr(content, name)) > longest:
            found.append(_gap(name, say("超过 {longest} 字", longest=longest), "缩短后再保存"))
    seen = set[str]()
    for number, item in enumerate(content.items, start=1):
        if not _KEY.match(item.key) or item.key in seen:
            found.append(
                _gap(
                    "items",
                    say("第 {number} 项的英文名不合要求或重复", number=number),
                    "用小写字母开头,只含小写字母、数字和下划线,各项不同",
                    item.key,
                )
            )
        if item.data_type not in DATA_TYPE_LABELS or not item.name.strip():
            found.append(_gap("items", say("第 {number} 项缺名称或数据类型", number=number), "补齐,或删去该项"))
        for name, longest in _LONGEST_ITEM.items():
            if len(getattr(item, name)) > longest:
                found.append(_gap("items", say("第 {number} 项超过 {longest} 字", number=number, longest=longest), "缩短后再保存"))
        seen.add(item.key)
    return found
