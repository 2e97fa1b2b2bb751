"""What a steward proposes to open, and what a proposal must say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from zhengtong.apps.flow.opendata.rules import conditions, numbers
from zhengtong.apps.flow.opendata.rules import place as places
from zhengtong.apps.flow.opendata.rules.conditions import Conditions
from zhengtong.apps.flow.opendata.rules.place import Where
from zhengtong.apps.flow.opendata.rules.vocabulary import LICENCES, MASK_LABELS, PERSONAL, THEME_LABELS
from zhengtong.contracts.grants import GrantedItem, Mask
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

_DATED = frozenset({"D", "T"})


class OfferedItem(Protocol):
    """The parts of a catalog item that an opening depends on."""

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def data_type(self) -> str: ...

    @property
    def sensitivity(self) -> str: ...


@dataclass(frozen=True)
class Proposal:
    """What is to be opened: the words for the public, and the items with their masks."""

    title: str
    summary: str
    theme: str
    licence: str
    attribution: str
    contact: str
    #: item key → mask
    items: Mapping[str, str] = field(default_factory=dict)
    #: keys of the items by which people could be found again
    quasi: Sequence[str] = ()
    #: keys of the items by which the rows are to be searched and sorted, besides the identifying ones, places and dates
    indexed: Sequence[str] = ()
    #: on which terms the rows are given; None: to everybody
    conditions: Conditions | None = None
    #: where the rows lie; None where they lie nowhere
    place: Where | None = None

    def granted(self) -> tuple[GrantedItem, ...]:
        """The items as masks are applied to them."""
        return tuple(GrantedItem(key, Mask(mask)) for key, mask in self.items.items())


@dataclass(frozen=True)
class Words:
    """What the public reads about a dataset that can change while it is open."""

    title: str
    summary: str
    theme: str
    contact: str

    def check(self) -> None:
        """
        See that nothing is missing and nobody's number is among the words.

        :raises Invalid: naming the field.
        """
        for name, text in {"title": self.title, "summary": self.summary, "contact": self.contact}.items():
            if not text.strip():
                raise Invalid("这一项必须填写,公众要靠它理解和使用数据", field=name)
            if next(numbers.identities(text), None):
                raise Invalid("说明文字中有公民身份号码", field=name, remedy="去掉号码;身份号码一律不开放")
        if self.theme not in THEME_LABELS:
            raise Invalid("请从 20 个主题中选择一个", field="theme")


def open_by_default(item: OfferedItem) -> bool:
    """Whether an item is proposed unless somebody thinks otherwise: personal ones are not."""
    return item.sensitivity not in PERSONAL


def check(proposal: Proposal, offered: Sequence[OfferedItem]) -> None:
    """
    See that a proposal says what the public must know and opens nothing that cannot be opened.

    :raises Invalid: naming the field.
    """
    required = {"title": proposal.title, "summary": proposal.summary, "attribution": proposal.attribution, "contact": proposal.contact}
    for name, text in required.items():
        if not text.strip():
            raise Invalid("这一项必须填写,公众要靠它理解和使用数据", field=name)
    if proposal.theme not in THEME_LABELS:
        raise Invalid("请从 20 个主题中选择一个", field="theme")
    if proposal.licence not in LICENCES:
        raise Invalid("请选择列出的许可协议", field="licence")
    conditions.check(proposal.conditions)
    if not proposal.items:
        raise Invalid("至少选择一个信息项", field="items")
    by_key = {item.key: item for item in offered}
    for key, mask in proposal.items.items():
        _check_item(by_key.get(key), key, mask)
    _check_named(proposal)
    places.check(proposal.place, proposal.items, offered)


def _check_named(proposal: Proposal) -> None:
    for key in proposal.quasi:
        if key not in proposal.items:
            raise Invalid(say("准标识符 {key} 不在开放的信息项中", key=key), field="quasi")
    for key in proposal.indexed:
        if key not in proposal.items:
            raise Invalid(say("索引项 {key} 不在开放的信息项中", key=key), field="indexed")


def _check_item(item: OfferedItem | None, key: str, mask: str) -> None:
    if item is None:
        raise Invalid(say("目录中没有信息项 {key}", key=key), field="items")
    if mask not in MASK_LABELS:
        raise Invalid(say("“{item}”的脱敏方式不存在", item=item.name), field=f"mask_{key}", remedy="选择列出的方式;不开放的项不要勾选")
    if mask == Mask.YEAR and item.data_type not in _DATED:
        raise Invalid(say("“{item}”不是日期,不能只留年份", item=item.name), field=f"mask_{key}", remedy="选择其他方式")
    if item.sensitivity == "identity" and mask == Mask.NONE:
        raise Invalid(say("“{item}”是证件号码,不能原样开放", item=item.name), field=f"mask_{key}", remedy="选择号码脱敏,或不开放这一项")
