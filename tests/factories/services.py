"""Service items made through the doors that officials use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import msgspec

from factories import catalog as entries
from factories import world
from zhengtong.apps.affairs.services import api as services
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations

STEPS = tuple(services.Step(step_name=name, step_days=1) for name in ("受理", "审核", "审批", "办结", "送达"))
_numbers = count(1)
#: a form that keeps every rule; its fields are in no order that a JSON object of PostgreSQL would keep
FORM: dict[str, Any] = {
    "title": "老年人优待证办理",
    "type": "object",
    "properties": {
        "reason": {"type": "string", "title": "申请理由", "oneOf": [{"const": "new", "title": "首次"}, {"const": "lost", "title": "补办"}]},
        "age": {"type": "integer", "title": "年龄", "minimum": 0, "maximum": 150},
    },
    "required": ["reason", "age"],
    "x-pages": [{"key": "why", "title": "为什么", "fields": ["reason"]}, {"key": "who", "title": "谁", "fields": ["age"]}],
    "x-refuse": [{"when": "age < 60", "sentence": "不满 60 周岁的不能办理。"}],
}


def content(**changes: Any) -> services.Content:
    """An item for persons that lacks nothing and is nobody's licence."""
    whole = services.Content(
        task_name="老年人优待证办理",
        summary="60 周岁以上的老年人凭证享受优待。",
        aliases=("老年证",),
        by_law="《中华人民共和国老年人权益保障法》第五十三条",
        accept_condition="年满 60 周岁",
        server_type=("1",),
        project_type="2",
        handle_type=("1", "2"),
        anticipate_day=20,
        promise_day=5,
        limit_scene_num=0,
        is_online=True,
        online_handle_depth="4",
        online_handle_url="https://example.gov.cn/apply",
        is_fee=False,
        transact_addr="市民中心 1 号窗口",
        transact_time="工作日 9:00-17:00",
        link_way="0000-1110000",
        supervise_way="12345",
        user_topic_type=("retirement",),
        life_events=("retire",),
        audience=("elderly",),
        steps=STEPS,
        results=(services.Result(result_name="老年人优待证", result_type="10", result_guid="sample-1"),),
        questions=(services.Question(question="外地户籍能办吗?", answer="在本市居住的都可以办。"),),
        materials=(services.Material(material_name="近期照片", source="upload"),),
    )
    return msgspec.structs.replace(whole, **changes)


def basic_code(type_: str = "07") -> str:
    """A basic code that nobody has so far."""
    return f"37{type_}01{next(_numbers):03d}000"


@dataclass(frozen=True)
class Desk:
    """An office with its steward, its region's bureau with an approver."""

    city: entries.City

    @property
    def steward(self) -> identity.Actor:
        return self.city.steward

    @property
    def approver(self) -> identity.Actor:
        return self.city.approver

    @property
    def office(self) -> organisations.OfficeView:
        return self.city.office

    def draft(self, *, now: datetime = world.NOW, basic: str = "", handle: str = "", **changes: Any) -> services.ItemView:
        code = basic or basic_code()
        return services.create_item(
            actor=self.steward, office=self.office.code, basic=code, handle=handle, content=content(**changes), now=now
        )

    def act(self, item: int, act: services.Act, *, by: identity.Actor | None = None, reason: str = "", now: datetime = world.NOW) -> None:
        official = by or (self.steward if act in {services.Act.SUBMIT, services.Act.RECALL} else self.approver)
        services.act_on_item(actor=official, item_id=item, act=act, reason=reason, now=now)

    def published(self, **changes: Any) -> services.ItemView:
        view = self.draft(**changes)
        self.act(view.id, services.Act.SUBMIT)
        self.act(view.id, services.Act.PUBLISH)
        return services.public_item(view.code)

    def saved(self, item: int, *, now: datetime = world.NOW, **changes: Any) -> services.ItemView:
        view = services.own_item(item, self.steward)
        said = msgspec.structs.replace(view.content, **changes)
        return services.save_item(actor=self.steward, item_id=item, content=said, revision=view.revision, now=now)


def desk() -> Desk:
    return Desk(entries.city())
