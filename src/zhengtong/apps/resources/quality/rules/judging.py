"""
The rules by which an entry's quality is measured, 0 to 100 points.

Each rule says how many points its breach costs, whose fault that is, and what mends it. A rule about items costs in proportion to the items
that break it. The elements are those of 发改高技〔2017〕1272号 §1.2, the legal ones those of 条例 Art. 13-15; the points are ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from zhengtong.apps.resources.quality.rules.facts import Facts, SaysItem
from zhengtong.apps.resources.quality.rules.freshness import freshness

#: formats that hold rows, so that items must be named (spreadsheet, database, interface)
_STRUCTURED = frozenset({"2", "3", "7"})
_UNCONDITIONAL, _CONDITIONAL, _REFUSED = "1", "2", "3"
_FEWEST_CHARACTERS = 10
_LAW = re.compile(r"《[^》]+》|国务院")
_EMPTY_NAME = re.compile(r"^(?:x|f|c|col|column|field|字段|列|数据项|信息项|项目?|未命名|test|测试)[\s_-]*\d*$", re.IGNORECASE)
_REACHABLE = re.compile(r"\d[\d\s-]{5,}\d|[^@\s]+@[^@\s]+\.[^@\s]+")
#: said by a rule of its own
_JUDGED_ELSEWHERE = frozenset({"summary-is-name", "contact-masked", "provider-unknown"})
#: types that need a length
_SIZED = frozenset({"C", "N"})


class Blame(StrEnum):
    """Who has to mend it."""

    PROVIDER = "provider"
    IMPORT = "import"
    PLATFORM = "platform"


class Group(StrEnum):
    """What a rule is about."""

    COMPLETE = "complete"
    MEANING = "meaning"
    LAW = "law"
    IMPORT = "import"
    FRESH = "fresh"
    BOUND = "bound"


class Place(StrEnum):
    """Where it is mended."""

    EDIT = "edit"
    BINDING = "binding"
    FLAGS = "flags"
    OFFICES = "offices"


BLAME_LABELS = {Blame.PROVIDER: "提供单位", Blame.IMPORT: "导入", Blame.PLATFORM: "平台"}
GROUP_LABELS = {
    Group.COMPLETE: "完整",
    Group.MEANING: "含义",
    Group.LAW: "合法",
    Group.IMPORT: "导入",
    Group.FRESH: "时效",
    Group.BOUND: "挂接",
}


@dataclass(frozen=True)
class Rule:
    """``lost`` gives the share of the points that an entry loses: 0 where it keeps the rule, 1 where it breaks it wholly."""

    code: str
    group: Group
    points: int
    blame: Blame
    lost: Callable[[Facts], float]
    place: Place = Place.EDIT


@dataclass(frozen=True)
class Fault:
    """A rule that an entry breaks, and the points it loses by it."""

    rule: str
    points: int


@dataclass(frozen=True)
class Judgement:
    """What an entry is worth, and when the passing of time alone will change that."""

    score: int
    faults: tuple[Fault, ...]
    due_on: date | None
    recheck_on: date | None
    late: bool


def judge(facts: Facts) -> Judgement:
    """Measure an entry on a day by every rule."""
    faults = []
    for rule in RULES:
        share = rule.lost(facts)
        if share > 0:
            faults.append(Fault(rule.code, max(1, round(rule.points * share))))
    fresh = freshness(facts)
    late = fresh.late(facts.today)
    return Judgement(
        score=max(0, 100 - sum(one.points for one in faults)),
        faults=tuple(sorted(faults, key=lambda one: (-one.points, one.rule))),
        due_on=fresh.due_on,
        recheck_on=None if late else fresh.late_from,
        late=late,
    )


def _if(breaks: Callable[[Facts], bool]) -> Callable[[Facts], float]:
    return lambda facts: float(breaks(facts))


def _share(breaks: Callable[[SaysItem], bool]) -> Callable[[Facts], float]:
    def lost(facts: Facts) -> float:
        items: Sequence[SaysItem] = facts.says.items
        return sum(map(breaks, items)) / len(items) if items else 0.0

    return lost


def _structured(facts: Facts) -> bool:
    return facts.says.format_class in _STRUCTURED


def _thin(facts: Facts) -> bool:
    summary, name = facts.says.summary.strip(), facts.says.name.strip()
    return bool(summary) and (summary.rstrip("。.") == name or len(summary) < _FEWEST_CHARACTERS)


def _conditions_missing(facts: Facts) -> float:
    if facts.says.sharing_type != _CONDITIONAL:
        return 0.0
    stated = (facts.says.sharing_condition, facts.says.sharing_scope, facts.says.sharing_purpose)
    return sum(not one.strip() for one in stated) / len(stated)


def _refused_without_law(facts: Facts) -> bool:
    return facts.says.sharing_type == _REFUSED and not _LAW.search(facts.says.legal_basis)


def _flagged(facts: Facts) -> bool:
    return any(one.get("kind") not in _JUDGED_ELSEWHERE for one in facts.flags)


def _provider_unknown(facts: Facts) -> bool:
    return any(one.get("kind") == "provider-unknown" for one in facts.flags)


def _to_be_bound(facts: Facts) -> bool:
    return facts.says.sharing_type in {_UNCONDITIONAL, _CONDITIONAL}


def _late(facts: Facts, *, reviewed: bool, bound: bool) -> bool:
    fresh = freshness(facts)
    return fresh.late(facts.today) and fresh.reviewed is reviewed and (facts.bound is not None) is bound


def _one(item: SaysItem) -> bool:
    return bool(_EMPTY_NAME.match(item.name.strip())) or item.name.strip().lower() == item.key


_C, _M, _L, _F, _B = Group.COMPLETE, Group.MEANING, Group.LAW, Group.FRESH, Group.BOUND
_US, _WE = Blame.PROVIDER, Blame.PLATFORM
RULES: tuple[Rule, ...] = (
    Rule("class-missing", _C, 4, _US, _if(lambda one: not one.says.class_code)),
    Rule("summary-missing", _C, 8, _US, _if(lambda one: not one.says.summary.strip())),
    Rule("format-missing", _C, 4, _US, _if(lambda one: not one.says.format_class)),
    Rule("format-type-missing", _C, 2, _US, _if(lambda one: bool(one.says.format_class) and not one.says.format_types)),
    Rule("items-missing", _C, 12, _US, _if(lambda one: _structured(one) and not one.says.items)),
    Rule("sharing-missing", _C, 6, _US, _if(lambda one: not one.says.sharing_type)),
    Rule("modes-missing", _C, 3, _US, _if(lambda one: one.says.sharing_type != _REFUSED and not one.says.sharing_modes)),
    Rule("open-missing", _C, 4, _US, _if(lambda one: one.says.is_open is None)),
    Rule("open-condition-missing", _C, 2, _US, _if(lambda one: one.says.is_open is True and not one.says.open_condition.strip())),
    Rule("cycle-missing", _C, 8, _US, _if(lambda one: not one.says.update_cycle)),
    Rule("contact-unreachable", _C, 5, _US, _if(lambda one: "*" in one.says.contact or not _REACHABLE.search(one.says.contact))),
    Rule("summary-thin", _M, 6, _US, _if(_thin)),
    Rule("item-names-empty", _M, 6, _US, _share(_one)),
    Rule("item-lengths-missing", _M, 3, _US, _share(lambda one: one.data_type in _SIZED and not one.length)),
    Rule("key-item-missing", _M, 4, _US, _if(lambda one: bool(one.says.items) and not any(item.is_key for item in one.says.items))),
    Rule("basis-missing", _L, 6, _US, _if(lambda one: not one.says.legal_basis.strip())),
    Rule("refused-without-law", _L, 10, _US, _if(_refused_without_law)),
    Rule("conditions-missing", _L, 7, _US, _conditions_missing),
    Rule("level-missing", _L, 3, _US, _if(lambda one: not one.says.data_level)),
    Rule("import-flagged", Group.IMPORT, 4, Blame.IMPORT, _if(_flagged), Place.FLAGS),
    Rule("provider-unknown", Group.IMPORT, 3, _WE, _if(_provider_unknown), Place.OFFICES),
    Rule("update-late", _F, 8, _US, _if(lambda one: _late(one, reviewed=False, bound=False))),
    Rule("collection-late", _F, 8, _WE, _if(lambda one: _late(one, reviewed=False, bound=True)), Place.BINDING),
    Rule("review-late", _F, 4, _US, _if(lambda one: _late(one, reviewed=True, bound=False) or _late(one, reviewed=True, bound=True))),
    Rule("unbound", _B, 8, _US, _if(lambda one: _to_be_bound(one) and one.bound is None), Place.BINDING),
    Rule("never-collected", _B, 4, _WE, _if(lambda one: one.bound is not None and one.bound.collected_on is None), Place.BINDING),
)
BY_CODE = {rule.code: rule for rule in RULES}
RULE_LABELS = {
    "class-missing": "没有信息资源分类",
    "summary-missing": "没有摘要",
    "format-missing": "没有信息资源格式",
    "format-type-missing": "没有格式类型",
    "items-missing": "结构化资源没有列出信息项",
    "sharing-missing": "没有共享类型",
    "modes-missing": "没有共享方式",
    "open-missing": "没有说明是否向社会开放",
    "open-condition-missing": "向社会开放,没有开放条件",
    "cycle-missing": "没有更新周期",
    "contact-unreachable": "没有能联系上的电话或邮箱",
    "summary-thin": "摘要与名称相同,或不足十个字",
    "item-names-empty": "信息项名称没有含义",
    "item-lengths-missing": "信息项没有长度",
    "key-item-missing": "没有主键项",
    "basis-missing": "没有依据",
    "refused-without-law": "不予共享,没有法律、行政法规或国务院决定为依据",
    "conditions-missing": "有条件共享,没有列全条件、范围和用途",
    "level-missing": "没有数据分级",
    "import-flagged": "导入时有待核对之处",
    "provider-unknown": "提供单位没有在平台登记",
    "update-late": "超过更新周期没有更新",
    "collection-late": "超过更新周期没有归集到新数据",
    "review-late": "不定期更新,一年没有复核",
    "unbound": "可以共享,没有挂接数据",
    "never-collected": "已经挂接,没有归集到数据",
}
REMEDY_LABELS = {
    "class-missing": "按类、项、目、细目填写分类码",
    "summary-missing": "用一两句话说明内容、范围和来源",
    "format-missing": "选择格式分类",
    "format-type-missing": "选择格式类型,如 xlsx、postgresql",
    "items-missing": "逐项填写名称、类型和长度",
    "sharing-missing": "选择无条件共享、有条件共享或不予共享",
    "modes-missing": "选择数据库、文件或接口服务",
    "open-missing": "选择是或否",
    "open-condition-missing": "写明开放条件;没有的写“无条件开放”",
    "cycle-missing": "选择更新周期",
    "contact-unreachable": "填写有人接听的电话或有人看的邮箱,不要遮盖",
    "summary-thin": "补写摘要:有哪些内容,什么范围,从哪里来",
    "item-names-empty": "把“字段1”一类的名称改为业务名称",
    "item-lengths-missing": "补上字符型、数值型各项的长度",
    "key-item-missing": "标出能区分每一行的信息项",
    "basis-missing": "写明采集或产生数据所依据的法律、法规、规章或职责文件",
    "refused-without-law": "写明《法律或行政法规》及条款;没有的,改为可以共享",
    "conditions-missing": "补全共享条件、共享范围和使用用途",
    "level-missing": "按分类分级结果选择一般、重要或核心数据",
    "import-flagged": "逐处核对导入留下的疑问,改正后重新发布",
    "provider-unknown": "请系统管理员登记该单位,再把目录归到它名下",
    "update-late": "更新数据,并填写数据更新日期;周期写错的改正周期",
    "collection-late": "查看最近一次归集为什么没有完成",
    "review-late": "核对内容是否仍然属实,然后重新发布",
    "unbound": "挂接数据库表或文件",
    "never-collected": "执行一次归集;失败的按提示处理",
}
