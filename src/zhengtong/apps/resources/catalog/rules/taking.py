"""
From a foreign record to an entry of ours: what was understood, what needs a person's eye, what keeps the record out.

Nothing is invented. What a source does not say stays empty; what it says in its own words is kept beside what we made of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zhengtong.apps.resources.catalog.rules import normalising as normal
from zhengtong.apps.resources.catalog.rules.findings import Finding
from zhengtong.apps.resources.catalog.rules.mapping import gathered, item_field
from zhengtong.apps.resources.catalog.rules.naming import item_keys
from zhengtong.apps.resources.catalog.rules.reading import EXTRA
from zhengtong.apps.resources.catalog.rules.vocabulary import BRANCH_CODES, SENSITIVITY_LABELS
from zhengtong.kernel.sentences import say

_LONGEST_NAME = 300


@dataclass(frozen=True)
class Options:
    """How a file is taken: published at once or as drafts, the classification of entries that name none, whose entries it may hold."""

    publish: bool = False
    class_code: str = "307000"
    #: entries are placed with the office they name anywhere in the region; otherwise all belong to the importing office
    whole_region: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The options as they are kept with the run."""
        return {"publish": self.publish, "class_code": self.class_code, "whole_region": self.whole_region}


@dataclass
class Taken:
    """What became of a record: ``reading`` has the fields of a document that the file's mapping covers."""

    name: str
    reading: dict[str, Any]
    identity: str
    code: str = ""
    provider: str = ""
    published_on: date | None = None
    flags: list[Finding] = field(default_factory=list)
    #: why the record cannot be taken; empty when it can
    findings: list[Finding] = field(default_factory=list)

    def flag(self, kind: str, name: str, value: Any, rule: str, remedy: str) -> None:
        """Note something for a person's eye."""
        self.flags.append(Finding(kind, name, rule, remedy, normal.text(value)[:500]))

    def refuse(self, kind: str, name: str, value: Any, rule: str, remedy: str) -> None:
        """Note why the record is kept out."""
        self.findings.append(Finding(kind, name, rule, remedy, normal.text(value)[:500]))


def take(record: Mapping[str, Any], mapping: Mapping[str, str], options: Options) -> Taken:
    """Understand one record under a mapping {foreign field: our field}."""
    says = gathered(record, mapping)
    taken = Taken(name=normal.text(says.get("title")), reading={}, identity=identity_of(says))
    if EXTRA in record:
        taken.refuse("row-shape", "", record[EXTRA], "单元格多于表头的列,或不是一条记录", "检查该行的分隔符与引号")
    if not taken.name:
        taken.refuse("name-missing", "title", says.get("title"), "没有信息资源名称", "补上名称后重新导入")
    elif len(taken.name) > _LONGEST_NAME:
        taken.refuse("name-too-long", "title", taken.name, say("名称超过 {longest} 字", longest=_LONGEST_NAME), "缩短名称后重新导入")
    taken.reading["name"] = taken.name
    taken.code = normal.text(says.get("code"))
    taken.provider = normal.text(says.get("department"))[:200]
    _texts(taken, says)
    _class_and_themes(taken, says, options)
    _formats(taken, says)
    _sharing(taken, says)
    _openness(taken, says)
    _cycle_and_days(taken, says)
    if "items" in says:
        taken.reading["items"] = _items(taken, says["items"])
    return taken


def identity_of(says: Mapping[str, Any]) -> str:
    """What the source calls the record: its number, its code, its address, else a digest of what does not change from day to day."""
    for name in ("source_id", "code", "url"):
        said = normal.text(says.get(name))
        if said:
            return said[:480]
    stable = "\x1f".join(normal.text(says.get(name)) for name in ("title", "department", "description"))
    return f"sha256:{hashlib.sha256(stable.encode()).hexdigest()}"


_TEXTS = {
    "description": ("summary", 100_000),
    "section": ("section", 100),
    "sharing_condition": ("sharing_condition", 10_000),
    "sharing_scope": ("sharing_scope", 10_000),
    "sharing_purpose": ("sharing_purpose", 10_000),
    "legal_basis": ("legal_basis", 10_000),
    "data_level": ("data_level", 20),
    "url": ("url", 1000),
}


def _texts(taken: Taken, says: Mapping[str, Any]) -> None:
    for name, (own, longest) in _TEXTS.items():
        if name not in says:
            continue
        said = normal.text(says[name]).replace("\\r", "").replace("\\n", "\n")  # some portals write their line breaks out
        if len(said) > longest:
            taken.flag("too-long", name, said, say("超过 {longest} 字,已截短", longest=longest), "原文在来源记录中")
        taken.reading[own] = said[:longest]
    if "summary" in taken.reading and taken.reading["summary"] == taken.name:
        taken.flag("summary-is-name", "description", taken.name, "摘要与名称相同", "补写摘要")
    contact = [normal.text(says.get(name)) for name in ("telephone", "email")]
    if "telephone" in says or "email" in says:
        taken.reading["contact"] = " ".join(part for part in contact if part)[:200]
        if "*" in taken.reading["contact"]:
            taken.flag("contact-masked", "telephone", taken.reading["contact"], "联系方式在来源处已遮盖", "向提供单位核实")


def _class_and_themes(taken: Taken, says: Mapping[str, Any], options: Options) -> None:
    if "category" in says:
        themes = normal.listed(says["category"])
        taken.reading["themes"] = [theme[:60] for theme in themes]
    if "industry" in says or "tags" in says:
        tags = dict.fromkeys([*normal.listed(says.get("tags")), *normal.listed(says.get("industry"))])
        taken.reading["tags"] = [tag[:120] for tag in tags]
    if "related_codes" in says:
        taken.reading["related_codes"] = [one[:80] for one in normal.listed(says["related_codes"]) if len(one) <= 80]  # noqa: PLR2004
    said = normal.text(says.get("class_code")) or taken.code.partition("/")[0]
    if said and len(said) <= 40:  # noqa: PLR2004 - the longest classification that is kept
        taken.reading["class_code"] = said
        return
    branch = next((BRANCH_CODES[theme] for theme in taken.reading.get("themes", ()) if theme in BRANCH_CODES), "")
    taken.reading["class_code"] = f"{branch}000" if branch else options.class_code
    rule = "来源没有分类码,按同名主题归类" if branch else "来源没有分类码,归入默认类目"
    taken.flag("class-assumed", "class_code", taken.reading["class_code"], rule, "核对并补到目、细目")


def _formats(taken: Taken, says: Mapping[str, Any]) -> None:
    if "data_formats" not in says and "format_class" not in says:
        return
    group, types, unknown = normal.formats(says.get("data_formats"))
    stated = normal.format_class(says["format_class"]) if "format_class" in says else ""
    if normal.text(says.get("format_class")) and not stated:
        taken.flag("format-unknown", "format_class", says["format_class"], "认不出的格式分类", "选择格式分类")
    if stated == "6":  # the form lets a self-describing format be named freely
        types, unknown = [*types, *(word[:40] for word in unknown)], []
    taken.reading |= {"format_class": stated or group, "format_types": types}
    if unknown:
        taken.flag("format-unknown", "data_formats", unknown, "认不出的格式", "补写格式类型")
    if not taken.reading["format_class"]:
        taken.flag("format-missing", "data_formats", says.get("data_formats"), "没有可用的格式", "选择格式分类")


def _sharing(taken: Taken, says: Mapping[str, Any]) -> None:
    if "sharing_type" in says:
        code, understood = normal.sharing(says["sharing_type"])
        taken.reading["sharing_type"] = code
        if not understood:
            taken.flag("sharing-unknown", "sharing_type", says["sharing_type"], "认不出的共享类型", "选择共享类型")
    if "sharing_modes" in says:
        codes, unknown = normal.modes(says["sharing_modes"])
        taken.reading["sharing_modes"] = codes
        if unknown:
            taken.flag("mode-unknown", "sharing_modes", unknown, "认不出的共享方式", "选择共享方式")


def _openness(taken: Taken, says: Mapping[str, Any]) -> None:
    condition = normal.text(says.get("open_condition"))
    if "is_open" in says:
        is_open, said, understood = normal.openness(says["is_open"])
        taken.reading |= {"is_open": is_open, "open_condition": condition or said}
        if not understood:
            taken.flag("open-unknown", "is_open", says["is_open"], "认不出的开放属性", "选择是否向社会开放")
    elif "open_condition" in says:
        taken.reading["open_condition"] = condition


def _cycle_and_days(taken: Taken, says: Mapping[str, Any]) -> None:
    if "update_frequency" in says:
        code, said, understood = normal.cycle(says["update_frequency"])
        stated = normal.text(says.get("update_frequency_text"))
        custom = code == "9"
        if custom and said == "自定义" and stated:
            said, understood = stated, True
        taken.reading |= {"update_cycle": code, "update_cycle_text": (said or stated)[:60]}
        if not understood:
            taken.flag("cycle-custom", "update_frequency", said, "更新周期没有对应的代码,按自定义保留原文", "核对更新周期")
    if "update_time" in says:
        moment, understood = normal.day(says["update_time"])
        taken.reading["data_updated_on"] = moment.isoformat() if moment else None
        if not understood:
            taken.flag("date-unknown", "update_time", says["update_time"], "认不出的日期", "按 2026-06-10 的格式填写")
    taken.published_on, understood = normal.day(says.get("publish_time"))
    if not understood:
        taken.flag("date-unknown", "publish_time", says["publish_time"], "认不出的日期", "按 2026-06-10 的格式填写")


_SENSITIVITY = {name: code.value for code, name in SENSITIVITY_LABELS.items()} | {code.value: code.value for code in SENSITIVITY_LABELS}


def _items(taken: Taken, said: Any) -> list[dict[str, Any]]:
    rows: Sequence[Any] = said if isinstance(said, list) else [{"name": part} for part in normal.listed(said, weak=True)]
    found = list[dict[str, Any]]()
    for number, row in enumerate(rows, start=1):
        values = {item_field(str(name)): value for name, value in row.items()} if isinstance(row, dict) else {"name": row}
        if not normal.text(values.get("name")):
            taken.refuse(
                "item-nameless",
                "items",
                row if not isinstance(row, dict) else list(row.values()),
                say("第 {number} 项没有名称", number=number),
                "补上信息项名称",
            )
            continue
        found.append(_item(taken, number, values))
    stated = [item["key"] for item in found]
    made = iter(item_keys([item["name"] for item in found if not item["key"]], taken=[key for key in stated if key]))
    for item in found:
        item["key"] = item["key"] or next(made)
    if len({item["key"] for item in found}) < len(found):
        taken.refuse("item-twice", "items", stated, "信息项的英文名重复", "改用不同的英文名")
    return found


def _item(taken: Taken, number: int, values: Mapping[str, Any]) -> dict[str, Any]:
    kind, understood = normal.data_type(values.get("data_type"))
    if not kind:
        missing, odd = (
            say("第 {number} 项没有数据类型,按字符型", number=number),
            say("第 {number} 项的数据类型认不出,按字符型", number=number),
        )
        taken.flag("item-type-assumed", "items", values.get("data_type"), missing if understood else odd, "核对数据类型")
    length, decimals = normal.size(values.get("length"))
    own, _known = normal.sharing(values.get("sharing_type"))
    is_open, condition, _known = normal.openness(values.get("is_open"))
    nullable = normal.yes(values.get("nullable"))
    key = normal.text(values.get("key")).lower()[:60]
    return {
        "key": key if key and key[0].isalpha() and key.isascii() and key.replace("_", "").isalnum() else "",
        "name": normal.text(values["name"])[:200],
        "data_type": kind or "C",
        "length": None if kind in {"D", "T"} else length,
        "precision": normal.size(values.get("precision"))[0] if values.get("precision") not in (None, "") else decimals,
        "sharing_type": own,
        "sharing_condition": normal.text(values.get("sharing_condition")),
        "sharing_modes": normal.modes(values.get("sharing_modes"))[0],
        "is_open": is_open,
        "open_condition": normal.text(values.get("open_condition")) or condition,
        "is_key": bool(normal.yes(values.get("is_key"))),
        "nullable": nullable if nullable is not None else True,
        "searchable": bool(normal.yes(values.get("searchable"))),
        "dictionary": normal.text(values.get("dictionary"))[:100],
        "sensitivity": _SENSITIVITY.get(normal.text(values.get("sensitivity")), ""),
        "description": normal.text(values.get("description")),
    }
