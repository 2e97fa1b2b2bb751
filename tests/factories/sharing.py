"""Two offices, their bureau and a resource between them: what sharing needs to happen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from factories import world
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.organisations.models import Office
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.catalog.models import Resource
from zhengtong.apps.resources.catalog.operations import storing
from zhengtong.contracts.grants import Channel

NOW = world.NOW
#: key, name, data type, is key, searchable, sensitivity
ITEMS = (
    ("sfzh", "公民身份号码", "C", True, True, "identity"),
    ("xm", "姓名", "C", False, False, "name"),
    ("sjh", "手机号码", "C", False, False, "phone"),
    ("qh", "行政区划代码", "C", False, True, ""),
    ("csrq", "出生日期", "D", False, False, "birth"),
    ("je", "金额", "N", False, False, ""),
)
KEYS = tuple(item[0] for item in ITEMS)


def resource(
    office: organisations.OfficeView, *, sharing_type: str = "2", name: str = "低保对象信息", items: tuple[Any, ...] = ITEMS
) -> int:
    """A published resource with items."""
    content = catalog.Content(
        name=name,
        summary="低保对象名单",
        class_code="306001",
        format_class="3",
        sharing_type=sharing_type,
        sharing_condition="用于行政依据",
        legal_basis="《社会救助暂行办法》第六十二条",
        update_cycle="2",
        items=tuple(
            catalog.ItemContent(
                key=key,
                name=label,
                data_type=kind,
                length=12 if kind == "N" else None,
                precision=2 if kind == "N" else None,
                is_key=is_key,
                nullable=not is_key,
                searchable=searchable,
                sensitivity=sensitivity,
            )
            for key, label, kind, is_key, searchable, sensitivity in items
        ),
    )
    row = Resource(
        office_id=office.id,
        code=f"306001/{Resource.objects.count() + 1:06d}",
        published_on=date(2026, 1, 5),
        created_at=NOW,
        changed_at=NOW,
    )
    storing.fill(row, content)
    row.save()
    storing.store_items(row, content.items)
    version = storing.version_row(row, content, now=NOW)
    row.save()
    version.save()
    return row.pk


def bureau() -> organisations.OfficeView:
    """The one bureau of the region."""
    found = Office.objects.filter(is_bureau=True).first()
    return organisations.office(found.code) if found else world.office("市大数据局", is_bureau=True)


@dataclass
class Circle:
    """Everybody who has a part: names say whose they are."""

    bureau: organisations.OfficeView = field(default_factory=bureau)
    consumer: organisations.OfficeView = field(default_factory=lambda: world.office("市教育局"))
    provider: organisations.OfficeView = field(default_factory=lambda: world.office("市民政局"))
    sharing_type: str = "2"

    def __post_init__(self) -> None:
        role = identity.Role
        self.steward = world.official(role.STEWARD, role.DEVELOPER, at=self.consumer)
        self.head = world.official(role.SHARING_HEAD, at=self.consumer)
        self.keeper = world.official(role.STEWARD, at=self.provider)
        self.chief = world.official(role.SHARING_HEAD, at=self.provider)
        self.approver = world.official(role.BUREAU_APPROVER, at=self.bureau)
        self.stranger = world.official(role.STEWARD, role.SHARING_HEAD)
        self.resource = resource(self.provider, sharing_type=self.sharing_type)
        self.system = f"enrol{self.steward.account_id}"
        identity.add_system(by=self.steward, system_id=self.system, name="入学报名系统", office=self.consumer.code, now=NOW)

    # ------------------------------------------------------------------ the course, step by step
    def request(self, **changes: Any) -> sharing.Request:
        """A complete request."""
        facts: dict[str, Any] = {
            "items": KEYS,
            "channels": (Channel.LOOKUP,),
            "usage_basis": "《义务教育法》第十二条",
            "scenario": "入学报名时核验困难家庭",
            "usage_scope": "市教育局基础教育科",
            "purpose_code": "enrol",
            "purpose": "核验入学资助资格",
            "since": date(2026, 6, 1),
            "until": date(2027, 5, 31),
            "system": self.system,
            "filters": ("sfzh",),
        }
        facts.update(changes)
        return sharing.Request(**facts)

    def draft(self, *, resource: int | None = None, **changes: Any) -> str:
        """A draft; its number."""
        request = self.request(**changes)
        wanted = {resource or self.resource: request.items}
        [number] = sharing.apply(actor=self.steward, office=self.consumer.code, wanted=wanted, draft=sharing.Draft(request), now=NOW)
        return number

    def signed(self, *, at: datetime = NOW, **changes: Any) -> str:
        """An application that the provider has received."""
        number = self.draft(**changes)
        sharing.submit(actor=self.steward, number=number, now=at)
        sharing.sign(actor=self.head, number=number, now=at)
        return number

    def proposed(self, *, answer: sharing.Answer | None = None, **changes: Any) -> str:
        """An application whose answer waits for the provider's head."""
        number = self.signed(**changes)
        sharing.propose(actor=self.keeper, number=number, answer=answer or sharing.Answer(agree=True), now=NOW)
        return number

    def granted(self, *, answer: sharing.Answer | None = None, **changes: Any) -> str:
        """A grant; its number."""
        return sharing.conclude(actor=self.chief, number=self.proposed(answer=answer, **changes), now=NOW)

    def pushed(self, **changes: Any) -> str:
        """A grant for push and download, which need no calling system."""
        masks = {"xm": "name", "sjh": "phone"}
        facts: dict[str, Any] = {"channels": (Channel.PUSH, Channel.DOWNLOAD), "system": "", "filters": ()}
        return self.granted(answer=changes.pop("answer", None) or sharing.Answer(agree=True, masks=masks), **{**facts, **changes})

    def state(self, number: str, *, now: datetime = NOW) -> str:
        """Where an application stands, as its applicant sees it."""
        return str(sharing.application(number, actor=self.steward, now=now).state)


def days(number: int) -> datetime:
    """So many days after :data:`NOW`."""
    return NOW + timedelta(days=number)
