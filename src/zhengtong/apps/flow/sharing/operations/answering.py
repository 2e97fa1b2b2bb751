"""The provider's side: ask for what is missing, extend, propose, conclude. A grant is issued here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

import msgspec
from django.db import IntegrityError, transaction

from zhengtong.apps.flow.sharing.models import Application, Grant, GrantStanding
from zhengtong.apps.flow.sharing.operations.grants import end_lapsed
from zhengtong.apps.flow.sharing.operations.journal import Opened, next_number, open_for, tell_about, write
from zhengtong.apps.flow.sharing.queries import applications
from zhengtong.apps.flow.sharing.rules import answers
from zhengtong.apps.flow.sharing.rules.clocks import EventKind
from zhengtong.apps.flow.sharing.rules.states import ApplicationAct, ApplicationState
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts import grants
from zhengtong.contracts.grants import Channel, GrantedItem, Mask, Party, Purpose, Quota, ScopeRule
from zhengtong.kernel.clock import CHINA
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import say, told
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.keys import node_keys
from zhengtong.toolkit.outbox import api as outbox

Role = identity.Role
#: 条例 Art. 21: at most ten working days more
MOST_EXTENSION = 10


class AlreadyGranted(Conflict):
    """需求方对该资源和调用系统已有有效授权,请先终止原授权。"""

    code = "already-granted"


@dataclass(frozen=True)
class Answer:
    """
    What a provider proposes.

    ``masks`` gives each item's mask (absent: none); ``items`` may be fewer than asked for; ``row_scope`` holds rules of
    :class:`~contracts.grants.ScopeRule` as plain dictionaries.
    """

    agree: bool
    reason: str = ""
    items: tuple[str, ...] = ()
    masks: dict[str, str] = field(default_factory=dict)
    row_scope: list[dict[str, Any]] = field(default_factory=list)
    per_second: int = 200
    per_day: int = 1_000_000
    page_rows: int = 1_000

    def checked(self, row: Application) -> dict[str, Any]:
        """
        The proposal as it is stored.

        :raises Invalid: naming the field: a refusal without reason, an item nobody asked for, an unfit mask, a broken scope.
        """
        if not self.agree:
            if not self.reason.strip():
                raise Invalid("不予共享必须说明理由", field="reason", remedy="写明法律依据或具体原因(条例第二十一条)")
            return {"agree": False, "reason": self.reason.strip()}
        items = self.items or tuple(row.items)
        resource = catalog.resource(row.resource_id)
        offered = {item.key: answers.OfferedItem(item.name, item.data_type, item.is_key) for item in resource.items}
        answers.check_items(items, asked=row.items, filters=row.filters)
        masks = answers.check_masks(self.masks, items, offered, row.channels)
        scope = answers.check_scope(self.row_scope, offered)
        if min(self.per_second, self.per_day, self.page_rows) < 1:
            raise Invalid("配额至少为 1", field="quota")
        return {
            "agree": True,
            "reason": self.reason.strip(),
            "items": list(items),
            "masks": masks,
            "row_scope": scope,
            "quota": [self.per_second, self.per_day, self.page_rows],
        }


@transaction.atomic
def ask_supplement(*, actor: identity.Actor, number: str, missing: list[tuple[str, str]], now: datetime) -> None:
    """
    List everything that is missing, once; the clock rests until it is supplied. Incompleteness is no ground for refusal (条例 Art. 21).

    ``missing`` holds (what is missing, how to mend it).

    :raises Invalid: if nothing is listed, or a list was sent before.
    """
    opened = open_for(number, ApplicationAct.ASK_SUPPLEMENT, actor)
    wanted = [{"what": what.strip(), "remedy": remedy.strip()} for what, remedy in missing if what.strip()]
    if not wanted:
        raise Invalid("请列出缺少的全部材料", field="missing")
    if opened.row.events.filter(kind=EventKind.SUPPLEMENT_ASKED).exists():
        raise Invalid("补充材料只能一次性告知,本申请已经告知过", field="missing", remedy="按现有材料作出答复")
    write(opened, EventKind.SUPPLEMENT_ASKED, now=now, state=ApplicationState.SUPPLEMENTING, missing=wanted)
    tell_about(opened.row, Role.STEWARD, opened.row.consumer.code, "请补充申请材料", now)


@transaction.atomic
def ask_extension(*, actor: identity.Actor, number: str, days: int, reason: str, now: datetime) -> None:
    """
    Ask the bureau for more time.

    :raises Invalid: for days outside 1–10 (all extensions together), without a reason, or after the clock has run out.
    """
    opened = open_for(number, ApplicationAct.ASK_EXTENSION, actor)
    if opened.row.extension_days:
        raise Conflict("已有一个延期申请等待主管部门答复")
    if not 1 <= days <= MOST_EXTENSION:
        raise Invalid(say("延期为 1 至 {most} 个工作日", most=MOST_EXTENSION), field="days")
    if not reason.strip():
        raise Invalid("请说明延期理由", field="reason")
    clock = applications.answer_clock(opened.row)
    if clock:
        clock.extended(working_days.current(), at=now, days=days, approver=opened.row.bureau.name, reason=reason)
    opened.row.extension_days = days
    write(opened, EventKind.EXTENSION_ASKED, now=now, reason=reason.strip(), days=days)
    tell_about(opened.row, Role.BUREAU_APPROVER, opened.row.bureau.code, say("提供方申请延期 {count} 个工作日,请决定", count=days), now)


@transaction.atomic
def decide_extension(*, actor: identity.Actor, number: str, consent: bool, reason: str, now: datetime) -> None:
    """
    The bureau consents or not; the applicant is told either way. Consent without words of its own adopts the provider's reason.

    :raises Invalid: without a reason for saying no, or when the period has run out meanwhile: an extension does not heal a delay.
    """
    opened = open_for(number, ApplicationAct.DECIDE_EXTENSION, actor)
    days, opened.row.extension_days = opened.row.extension_days, 0
    if not days:
        raise Conflict("没有等待决定的延期申请")
    if consent:
        asked = opened.row.events.filter(kind=EventKind.EXTENSION_ASKED).last()
        reason = reason.strip() or (told(asked.reason) if asked else "")
        clock = applications.answer_clock(opened.row)
        if clock:
            clock.extended(working_days.current(), at=now, days=days, approver=actor.name, reason=reason)
    if not reason.strip():
        raise Invalid("请说明理由", field="reason")
    kind = EventKind.EXTENDED if consent else EventKind.EXTENSION_REFUSED
    write(opened, kind, now=now, days=days if consent else 0, reason=reason.strip())
    text = say("答复期限延长 {count} 个工作日", count=days) if consent else say("延期申请未获同意")
    tell_about(opened.row, Role.STEWARD, opened.row.consumer.code, text, now)
    tell_about(opened.row, Role.STEWARD, opened.row.provider.code, text, now)


@transaction.atomic
def propose(*, actor: identity.Actor, number: str, answer: Answer, now: datetime) -> None:
    """Prepare the answer for the head of the provider's sharing work."""
    opened = open_for(number, ApplicationAct.PROPOSE, actor)
    opened.row.answer = answer.checked(opened.row)
    write(opened, EventKind.PROPOSED, now=now, state=ApplicationState.CONCLUDING, reason=answer.reason)
    tell_about(opened.row, Role.SHARING_HEAD, opened.row.provider.code, "请审批共享答复", now)


@transaction.atomic
def reconsider(*, actor: identity.Actor, number: str, reason: str, now: datetime) -> None:
    """The provider's head wants another answer."""
    opened = open_for(number, ApplicationAct.RECONSIDER, actor)
    if not reason.strip():
        raise Invalid("请说明理由", field="reason")
    write(opened, EventKind.RECONSIDERED, now=now, state=ApplicationState.ANSWERING, reason=reason.strip())
    tell_about(opened.row, Role.STEWARD, opened.row.provider.code, "负责人要求重拟答复", now)


@transaction.atomic
def conclude(*, actor: identity.Actor, number: str, now: datetime) -> str:
    """
    The provider's head approves the proposed answer: a refusal with its reasons, or a grant, whose number is returned.

    :raises AlreadyGranted: if a grant in force covers the same resource, consumer and calling system.
    """
    opened = open_for(number, ApplicationAct.CONCLUDE, actor)
    row = opened.row
    row.extension_days = 0
    if not row.answer.get("agree"):
        write(opened, EventKind.REFUSED, now=now, state=ApplicationState.REFUSED, reason=row.answer.get("reason", ""))
        tell_about(row, Role.STEWARD, row.consumer.code, "共享申请未获同意,理由见申请", now)
        return ""
    grant = _issue(opened, now)
    write(
        opened,
        EventKind.GRANTED,
        now=now,
        state=ApplicationState.GRANTED,
        reason=row.answer.get("reason", ""),
        detail={"grant": grant.number},
    )
    for role in (Role.STEWARD, Role.DEVELOPER):
        tell_about(row, role, row.consumer.code, say("共享申请已获同意,授权 {number}", number=grant.number), now)
    outbox.publish(identity.ROUTING_STALE, {"grant": grant.number}, at=now)
    return grant.number


def _issue(opened: Opened, now: datetime) -> Grant:
    row = opened.row
    resource = catalog.resource(row.resource_id)
    end_lapsed(now=now, resource_id=row.resource_id)
    document = _document(row, resource, next_number("SH", now), now)
    payload = grants.encode(document)
    key = node_keys().signing
    grant = Grant.objects.create(
        number=document.number,
        application=row,
        payload=payload.decode(),
        scheme=key.scheme,
        key_id=key.key_id,
        signature=key.sign(payload),
        issued_at=now,
        not_before=document.not_before,
        not_after=document.not_after,
    )
    try:
        with transaction.atomic():
            GrantStanding.objects.create(
                grant=grant,
                resource_id=row.resource_id,
                consumer=row.consumer,
                provider=row.provider,
                caller=row.system_id or "",
                changed_at=now,
            )
    except IntegrityError as exc:
        if "sharing_one_grant_in_force" in str(exc):
            raise AlreadyGranted from exc
        raise
    return grant


def _document(row: Application, resource: catalog.ResourceView, number: str, now: datetime) -> grants.Grant:
    answer = row.answer
    searchable = {item.key for item in resource.items if item.searchable or item.is_key}
    per_second, per_day, page_rows = answer["quota"]
    if row.since is None or row.until is None:
        raise Invalid("申请没有使用时限", field="until")
    # asked-for filters may be given even where the item itself is masked: the caller states the value, it is not revealed
    items = [
        GrantedItem(
            key, Mask(answer["masks"].get(key, Mask.NONE)), filterable=key in searchable and key in {*row.filters, *answer["items"]}
        )
        for key in answer["items"]
    ]
    return grants.Grant(
        number=number,
        node=environment().node,
        issued_at=now,
        application=row.number,
        resource=resource.code,
        resource_name=resource.name,
        provider=Party(row.provider.code, row.provider.name),
        consumer=Party(row.consumer.code, row.consumer.name),
        callers=(row.system_id,) if row.system_id else (),
        channels=tuple(Channel(one) for one in row.channels),
        items=tuple(items),
        purposes=(Purpose(row.purpose_code, row.purpose, row.usage_basis, row.scenario),),
        not_before=datetime.combine(row.since, time(), CHINA),
        not_after=datetime.combine(row.until + timedelta(days=1), time(), CHINA) - timedelta(microseconds=1),
        scope=tuple(msgspec.convert(rule, ScopeRule) for rule in answer["row_scope"]),
        required_filters=tuple(key for key in row.filters if key in answer["items"]),
        quota=Quota(per_second, per_day, page_rows),
    )
