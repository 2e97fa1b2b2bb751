"""What an application must say (条例 Art. 20), and what it may ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from zhengtong.contracts.grants import Channel, Mask
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import in_turn, say


@dataclass(frozen=True)
class Finding:
    """Something that is missing or wrong: field, rule and remedy."""

    field: str
    rule: str
    remedy: str


class Incomplete(Invalid):
    """申请还不完整。"""

    code = "application-incomplete"

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__(
            say("申请还不完整:{gaps}", gaps=in_turn(finding.rule for finding in findings)),
            field=findings[0].field,
            remedy=findings[0].remedy,
        )


@dataclass(frozen=True)
class Request:
    """What an applicant states. ``items`` are item keys; ``filters`` the keys that look-ups will give."""

    items: tuple[str, ...]
    channels: tuple[Channel, ...]
    usage_basis: str
    scenario: str
    usage_scope: str
    purpose_code: str
    purpose: str
    since: date | None
    until: date | None
    system: str = ""
    filters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offer:
    """What the resource offers: its item keys, and those that are not shared."""

    items: frozenset[str]
    withheld: frozenset[str] = frozenset()
    searchable: frozenset[str] = frozenset()


def findings(request: Request, offer: Offer, *, today: date) -> list[Finding]:
    """Everything that keeps an application from being submitted, all at once."""
    found = [
        Finding(field, say("缺少{label}", label=say(label)), say("填写{label}", label=say(label)))
        for field, label, value in (
            ("items", "所需信息项", request.items),
            ("channels", "共享方式", request.channels),
            ("usage_basis", "使用依据", request.usage_basis.strip()),
            ("scenario", "使用场景", request.scenario.strip()),
            ("usage_scope", "使用范围", request.usage_scope.strip()),
            ("purpose", "使用目的", request.purpose.strip()),
            ("since", "使用时限的开始日期", request.since),
            ("until", "使用时限的结束日期", request.until),
        )
        if not value
    ]
    found += [
        Finding("items", say("信息项 {key} 不在目录中", key=key), "从信息项清单中选择") for key in request.items if key not in offer.items
    ]
    found += [Finding("items", say("信息项 {key} 不予共享", key=key), "去掉该信息项") for key in request.items if key in offer.withheld]
    online = {Channel.LOOKUP, Channel.VERIFY} & set(request.channels)
    if online and not request.system:
        found.append(Finding("system", "查询和核验需要指明调用系统", "先在“调用系统”中登记,再选择"))
    if online and not request.filters:
        found.append(Finding("filters", "查询和核验需要指明查询条件", "选择至少一个可查询的信息项"))
    found += [
        Finding("filters", say("信息项 {key} 不能作查询条件", key=key), "选择标为可查询的信息项")
        for key in request.filters
        if key not in offer.searchable
    ]
    found += [
        Finding("filters", say("查询条件 {key} 不在所需信息项中", key=key), "把它也选为所需信息项")
        for key in request.filters
        if key in offer.searchable and key not in request.items
    ]
    if request.since and request.until and request.until < request.since:
        found.append(Finding("until", "结束日期早于开始日期", "改正日期"))
    if request.until and request.until < today:
        found.append(Finding("until", "结束日期已过", "改为今天以后"))
    return found


#: what personal fact an item holds → the mask that is proposed to the provider
PROPOSED_MASKS = {
    "name": Mask.NAME,
    "identity": Mask.IDENTITY,
    "phone": Mask.PHONE,
    "address": Mask.ADDRESS,
    "account": Mask.ACCOUNT,
    "birth": Mask.YEAR,
    "other": Mask.HIDDEN,
}


def effective_type(resource_type: str, item_types: Iterable[str]) -> str:
    """
    The type an application is answered under: an unconditional resource is conditional for whoever asks for a conditional item.

    ``item_types`` are the own types of the items asked for, empty where they follow the resource's.
    """
    return "2" if resource_type == "1" and "2" in item_types else resource_type
