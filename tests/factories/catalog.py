"""Catalog entries made through the doors that officials use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from factories import world
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api as catalog

ITEMS = (
    catalog.ItemContent(
        key="id_no", name="公民身份号码", data_type="C", length=18, is_key=True, nullable=False, searchable=True, sensitivity="identity"
    ),
    catalog.ItemContent(key="name", name="姓名", data_type="C", length=50, nullable=False, sensitivity="name"),
    catalog.ItemContent(key="died_on", name="死亡日期", data_type="D"),
)


def content(**changes: Any) -> catalog.Content:
    """An entry that lacks nothing."""
    whole = catalog.Content(
        name="殡葬火化信息",
        summary="本市殡仪馆登记的遗体火化记录",
        class_code="307001",
        format_class="3",
        format_types=("postgresql",),
        sharing_type="2",
        sharing_condition="用于行政依据",
        sharing_scope="社会保险、公安部门",
        sharing_purpose="核对待遇领取资格",
        sharing_modes=("database", "interface"),
        legal_basis="《殡葬管理条例》",
        is_open=False,
        update_cycle="2",
        data_level="重要数据",
        themes=("社会保障",),
        items=ITEMS,
    )
    return replace(whole, **changes)


@dataclass(frozen=True)
class City:
    """A region with its bureau, one office, and the people whom the catalog needs."""

    bureau: organisations.OfficeView
    office: organisations.OfficeView
    steward: identity.Actor
    head: identity.Actor
    approver: identity.Actor

    def draft(self, *, now: datetime = world.NOW, **changes: Any) -> catalog.ResourceView:
        return catalog.create_draft(actor=self.steward, office=self.office.code, content=content(**changes), now=now)

    def publish(self, resource_id: int, *, now: datetime = world.NOW) -> catalog.ResourceView:
        catalog.submit(actor=self.steward, resource_id=resource_id, now=now)
        catalog.approve(actor=self.head, resource_id=resource_id, now=now)
        return catalog.publish(actor=self.approver, resource_id=resource_id, now=now)

    def published(self, *, now: datetime = world.NOW, **changes: Any) -> catalog.ResourceView:
        return self.publish(self.draft(now=now, **changes).id, now=now)


def city(
    region_code: str = "37",
    name: str = "山东省",
    *,
    office: str = "",
    short_name: str = "",
    bureau: organisations.OfficeView | None = None,
    place: organisations.OfficeView | None = None,
) -> City:
    region = world.region(region_code, name)
    bureau = bureau or world.office(f"{name}大数据局", region_code=region, is_bureau=True)
    place = place or world.office(office, region_code=region, short_name=short_name)
    return City(
        bureau,
        place,
        world.official(identity.Role.STEWARD, at=place),
        world.official(identity.Role.SHARING_HEAD, at=place),
        world.official(identity.Role.BUREAU_APPROVER, at=bureau),
    )
