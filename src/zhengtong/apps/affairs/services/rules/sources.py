"""
Which connected source could supply a material (国务院令第 809 号 Art. 19: what sharing can supply is not asked for again).

A source is connected when an office bound data to a published resource of the catalog. It supplies a material when the bureau or a steward
said so, or when their names agree: the stem of the material is an item of the resource, or is what the resource is about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from zhengtong.apps.affairs.services.rules.content import Content, Material
from zhengtong.apps.affairs.services.rules.vocabulary import AVOIDED, Source

_BRACKETS = re.compile(r"[（(【\[][^）)】\]]*[）)】\]]")
_FIRST = re.compile(r"^(申请人|本人|法定代表人|经办人|当事人|有效|合法)(的|有效)*")
_LAST = re.compile(
    r"(及|和|、)?(正本|副本|原件|复印件|扫描件|电子件|原件或复印件|材料|证明材料|证明文件|证明|信息|登记表|登记信息|基本信息)$"
)
#: shorter stems say too little to stand for a whole resource
_LEAST = 3


@dataclass(frozen=True)
class Connected:
    """A published resource behind which data stands; ``items`` are its items' names, ``keys`` their short ones in the same order."""

    code: str
    name: str
    office_name: str
    items: tuple[str, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Supply:
    """Where a material can come from; ``named`` where somebody said so, else the names agree."""

    source: str
    resource: str = ""
    resource_name: str = ""
    item: str = ""
    licence_type: str = ""
    office_name: str = ""
    named: bool = False


def key_of(name: str) -> str:
    """A material's name as it is compared: no brackets, no blanks, half width, no word for copy or original."""
    text = unicodedata.normalize("NFKC", _BRACKETS.sub("", name)).lower()
    text = _FIRST.sub("", re.sub(r"[\s《》\"“”'·,,。.;;::]", "", text))
    while (shorter := _LAST.sub("", text)) != text and len(shorter) > 1:
        text = shorter
    return text


def supply_of(name: str, named: Mapping[str, Supply], connected: Iterable[Connected]) -> Supply | None:
    """Where a material can come from; None if no connected source is known."""
    key = key_of(name)
    if not key:
        return None
    if key in named:
        return named[key]
    for one in connected:
        item = next((item for item in one.items if key_of(item) == key), "")
        stem = key_of(one.name)
        about = len(key) >= _LEAST and (key == stem or (len(stem) >= _LEAST and key in stem))
        if item or about:
            return Supply(Source.SHARED, one.code, one.name, item or (one.items[0] if one.items else ""), "", one.office_name)
    return None


def must_say_why(material: Material, supply: Supply | None) -> bool:
    """Whether a material may not be asked for without a recorded reason."""
    return material.source == Source.UPLOAD and supply is not None and not material.reason.strip()


@dataclass(frozen=True)
class Share:
    """How many of an item's materials nobody has to hand in."""

    avoided: int
    total: int

    @property
    def percent(self) -> int | None:
        """In whole percent, rounded down; None for an item without materials."""
        return self.avoided * 100 // self.total if self.total else None


def planned_share(content: Content) -> Share:
    """The planned share of materials that nobody has to hand in, of those that are required."""
    required = [one for one in content.materials if one.is_need != "2"]
    return Share(sum(one.source in AVOIDED for one in required), len(required))


def with_reasons(content: Content, before: Content | None, *, name: str, at: datetime) -> Content:
    """A content whose reasons bear who recorded them and when; a reason that stays as it was keeps its author."""
    kept = {one.material_name: one for one in before.materials} if before else {}
    materials = tuple(_signed(one, kept.get(one.material_name), name, at) for one in content.materials)
    return msgspec.structs.replace(content, materials=materials)


def _signed(material: Material, before: Material | None, name: str, at: datetime) -> Material:
    if not material.reason.strip():
        return msgspec.structs.replace(material, reason_by="", reason_at="")
    if before is not None and before.reason == material.reason and before.reason_by:
        return msgspec.structs.replace(material, reason_by=before.reason_by, reason_at=before.reason_at)
    return msgspec.structs.replace(material, reason_by=name, reason_at=at.isoformat())
