"""Offices with clerks, handlers and approvers, processes in force, and cases on them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from factories import world
from factories.world import NOW
from zhengtong import project
from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.kernel.parties import Party, PartyKind

PROCESSES = Path(project.__file__).parent / "demo/processes"
PERSON = Party(PartyKind.PERSON, "11010519491231002X", "张三丰")
COMPANY = Party(PartyKind.COMPANY, world.credit_code("91370100MA3C0000X"), "泉城数图科技有限公司")
Role = identity.Role


def text_of(name: str) -> str:
    """A process of the demo city as BPMN."""
    return (PROCESSES / f"{name}.bpmn").read_text()


@dataclass
class Staff:
    """An office with one of each."""

    office: organisations.OfficeView
    clerk: identity.Actor
    handler: identity.Actor
    approver: identity.Actor

    @classmethod
    def of(cls, name: str = "") -> Staff:
        office = world.office(name)
        return cls(office, *(world.official(role, at=office) for role in (Role.CLERK, Role.HANDLER, Role.APPROVER)))

    def holding(self, post: cases.Post) -> identity.Actor:
        return {cases.Post.CLERK: self.clerk, cases.Post.HANDLER: self.handler, cases.Post.APPROVER: self.approver}[post]


@dataclass
class Hall:
    """A city's offices by the lanes of a process, the bureau, and what runs."""

    process: str = "promised"
    staff: dict[str, Staff] = field(default_factory=dict)
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.bureau = world.official(Role.BUREAU_APPROVER, at=world.office("数据局", is_bureau=True))
        self.lead = Staff.of("主办局")
        self.publish(self.process)

    def publish(self, process: str, text: str = "") -> None:
        """Publish a process; its lanes become offices, those that begin with a window and posts the lead's."""
        code, version = cases.take_process(actor=self.bureau, file=text or text_of(process), now=self.now)
        view = cases.template(code, version)
        offices = {lane: self._office(lane) for lane in cases.lanes(view.process)}
        posts = {"decide": "clerk"} if code == "instant" else {}
        cases.assign_lanes(actor=self.bureau, code=code, offices=offices, posts=posts, now=self.now)
        cases.publish_process(actor=self.bureau, code=code, now=self.now)

    def _office(self, lane: str) -> str:
        if lane in {"窗口", "承办", "审批", "综合窗口", "市场监管局", "自然资源局", "住房和城乡建设局"}:
            return ""
        if lane not in self.staff:
            self.staff[lane] = Staff.of(lane)
        return self.staff[lane].office.code

    def at_office(self, code: str) -> Staff:
        return next(one for one in (self.lead, *self.staff.values()) if one.office.code == code)

    def opened(self, *, key: str = "", by: Any = None, at: datetime | None = None, **changes: Any) -> str:
        facts: dict[str, Any] = {
            "item_code": "000120002000",
            "item_name": "食品经营许可",
            "applicant": PERSON,
            "answers": {"地址": "泉城路1号"},
            "materials": (cases.MaterialGiven("营业执照", "licence"), cases.MaterialGiven("平面图")),
            "contact": "13800001234",
        }
        filing = cases.Filing(**{**facts, **changes})
        return cases.open_case(
            by=by or self.lead.clerk,
            key=key or uuid.uuid4().hex,
            process=self.process,
            office=self.lead.office.code,
            filing=filing,
            now=at or self.now,
        )

    def view(self, number: str, *, at: datetime | None = None) -> cases.CaseView:
        return cases.case(number, actor=self.lead.clerk, now=at or self.now)

    def branch(self, number: str, step: str) -> cases.BranchView:
        return next(one for one in self.view(number).open if one.step == step)

    def holder(self, number: str, step: str) -> identity.Actor:
        branch = self.branch(number, step)
        return self.at_office(branch.office).holding(branch.post)

    def do(self, number: str, step: str, outcome: str, *, at: datetime | None = None, reason: str = "", act_id: str = "") -> cases.Done:
        """Complete an open step by whoever holds it."""
        return cases.complete(
            actor=self.holder(number, step),
            number=number,
            visit=self.branch(number, step).number,
            outcome=outcome,
            reason=reason or ("理由" if outcome in cases.NEED_REASON else ""),
            act_id=act_id or uuid.uuid4().hex,
            now=at or self.now,
        )


def later(days: int, *, start: datetime = NOW) -> datetime:
    return start + timedelta(days=days)
