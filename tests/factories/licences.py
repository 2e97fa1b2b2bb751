"""An office that issues licences, its type, and some licences."""

from __future__ import annotations

from dataclasses import dataclass

from factories import world
from factories.world import NOW, TODAY
from zhengtong.apps.affairs.licences import api
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.kernel.actors import Actor, Role
from zhengtong.kernel.parties import Party, PartyKind, party

__all__ = ["party"]

COMPANY = party(PartyKind.COMPANY, "91110000600037341L", "云州面馆有限公司")
PERSON = party(PartyKind.PERSON, "11010519491231002X", "张小明")
VALUES = {"place": "云州市人民路 1 号", "chief": "李大海", "scope": "热食"}
FIELDS = (
    api.Field("place", "经营场所"),
    api.Field("chief", "法定代表人", personal=True),
    api.Field("scope", "经营项目", api.FieldKind.CHOICE, choices=("热食", "冷食")),
    api.Field("inner", "内部编号", required=False, face=False),
)


@dataclass
class Desk:
    """An office with its people, the bureau's approver, and a stranger of another office."""

    office: organisations.OfficeView
    steward: Actor
    head: Actor
    approver: Actor
    stranger: Actor
    type_code: str

    def issue(self, holder: Party = COMPANY, *, type_code: str = "", **facts: object) -> str:
        values = facts.pop("values", VALUES)
        return api.issue_by_hand(
            actor=self.steward,
            type_code=type_code or self.type_code,
            office=self.office.code,
            holder=holder,
            values=values,
            begins=facts.pop("begins", TODAY),
            ends=facts.pop("ends", None),
            now=facts.pop("now", NOW),  # type: ignore[arg-type]
        )


def draft(**changes: object) -> api.TypeDraft:
    facts = {"name": "食品经营许可证", "suffix": "001", "holder": PartyKind.COMPANY, "fields": FIELDS, "years": 5, "expected": 10}
    return api.TypeDraft(**(facts | changes))  # type: ignore[arg-type]


def publish(office: organisations.OfficeView, steward: Actor, approver: Actor, **changes: object) -> str:
    code = api.propose_type(actor=steward, office=office.code, draft=draft(**changes), now=NOW)
    api.decide_type(actor=approver, code=code, publish=True, reason="", now=NOW)
    return code


def desk() -> Desk:
    region = world.region()
    bureau = world.office("省大数据局", region_code=region, is_bureau=True)
    office = world.office("省市场监管局", region_code=region)
    approver = world.official(Role.BUREAU_APPROVER, at=bureau)
    steward, head = world.official(Role.STEWARD, at=office), world.official(Role.SHARING_HEAD, at=office)
    stranger = world.official(Role.STEWARD, Role.SHARING_HEAD, at=world.office("省教育厅", region_code=region))
    return Desk(office, steward, head, approver, stranger, publish(office, steward, approver))
