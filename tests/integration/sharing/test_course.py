"""The course of an application: every step by the right person, nothing by anybody else, and the clock with it."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from factories import sharing as factory
from factories import world
from factories.sharing import NOW, Circle, days
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.flow.sharing.models import Application, ApplicationEvent, FiredRung, Grant, GrantStanding
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.notices.models import Notice
from zhengtong.apps.foundation.security import api as security
from zhengtong.contracts import grants
from zhengtong.contracts.grants import Channel, Mask
from zhengtong.engines.deadlines.clock import ExtensionRefused, State
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.toolkit.keys import node_keys

pytestmark = pytest.mark.django_db


@pytest.fixture
def circle() -> Circle:
    return Circle()


def read(circle: Circle, number: str, now: Any = NOW) -> sharing.ApplicationView:
    return sharing.application(number, actor=circle.keeper, now=now)


# ------------------------------------------------------------------ from draft to grant
def test_two_heads_stand_between_a_wish_and_data(circle: Circle) -> None:
    number = circle.draft()
    assert circle.state(number) == "draft"
    sharing.submit(actor=circle.steward, number=number, now=NOW)
    assert circle.state(number) == "signing"
    sharing.sign(actor=circle.head, number=number, now=NOW)
    assert circle.state(number) == "answering"
    answer = sharing.Answer(
        agree=True, masks={"xm": "name", "sjh": "none"}, row_scope=[{"item": "qh", "operator": "prefix", "values": ["37"]}]
    )
    sharing.propose(actor=circle.keeper, number=number, answer=answer, now=NOW)
    assert circle.state(number) == "concluding"
    grant = sharing.grant(sharing.conclude(actor=circle.chief, number=number, now=NOW))
    assert circle.state(number) == "granted"
    assert grant.signed.key_id == node_keys().signing.key_id
    assert node_keys().signing.public.verify(grant.signed.payload.encode(), grant.signed.signature)
    document = grants.decode(grant.signed.payload)
    assert {item.key: item.mask for item in document.items}["xm"] is Mask.NAME
    assert document.required_filters == ("sfzh",)
    assert document.callers == (circle.system,)
    assert document.scope[0].values == ("37",)
    security.unfold()
    events = {row.event for row in security.entries(security.EntryFilter()) if row.event.startswith("sharing:")}
    assert {"sharing:application:submitted", "sharing:application:signed", "sharing:application:granted"} <= events


def test_before_the_signature_the_provider_knows_nothing(circle: Circle) -> None:
    number = circle.draft()
    with pytest.raises(sharing.ApplicationUnknown):
        read(circle, number)
    with pytest.raises(sharing.ApplicationUnknown):
        sharing.propose(actor=circle.keeper, number=number, answer=sharing.Answer(agree=True), now=NOW)
    sharing.withdraw(actor=circle.steward, number=number, reason="", now=NOW)
    assert sharing.received(circle.keeper, now=NOW) == []
    with pytest.raises(sharing.ApplicationUnknown):
        read(circle, number)
    assert not Notice.objects.filter(account_id=circle.keeper.account_id).exists()


#: act → who may (by attribute), at which stage of the course it is due
ACTS: dict[str, tuple[str, str]] = {
    "submit": ("steward", "draft"),
    "sign": ("head", "submitted"),
    "send_back": ("head", "submitted"),
    "ask_supplement": ("keeper", "signed"),
    "ask_extension": ("keeper", "signed"),
    "propose": ("keeper", "signed"),
    "conclude": ("chief", "proposed"),
    "reconsider": ("chief", "proposed"),
    "withdraw": ("steward", "signed"),
    "dispute": ("steward", "signed"),
}
FACTS: dict[str, dict[str, Any]] = {
    "send_back": {"reason": "补充依据"},
    "ask_supplement": {"missing": [("使用依据", "附文件")]},
    "ask_extension": {"days": 5, "reason": "数据量大"},
    "propose": {"answer": sharing.Answer(agree=True)},
    "reconsider": {"reason": "范围过大"},
    "withdraw": {"reason": "不再需要"},
    "dispute": {"reason": "迟迟不答复"},
}


def stage(circle: Circle, name: str) -> str:
    if name == "submitted":
        number = circle.draft()
        sharing.submit(actor=circle.steward, number=number, now=NOW)
        return number
    return str(getattr(circle, name)())


@pytest.mark.parametrize("act", sorted(ACTS))
def test_each_act_belongs_to_one_role_of_one_office(circle: Circle, act: str) -> None:
    right, at = ACTS[act]
    number = stage(circle, at)
    everyone = {"steward", "head", "keeper", "chief", "approver", "stranger"}
    # 条例 Art. 20 lets the applicant's head take an application back or object as well
    others = everyone - {right} - ({"head"} if act in {"withdraw", "dispute"} else set())
    for who in sorted(others):
        with pytest.raises((identity.NotYours, sharing.ApplicationUnknown)):
            getattr(sharing, act)(actor=getattr(circle, who), number=number, now=NOW, **FACTS.get(act, {}))
    getattr(sharing, act)(actor=getattr(circle, right), number=number, now=NOW, **FACTS.get(act, {}))


@pytest.mark.parametrize("act", sorted(set(ACTS) - {"withdraw", "dispute"}))
def test_an_act_out_of_its_time_is_refused(circle: Circle, act: str) -> None:
    number = circle.granted() and Application.objects.get().number
    with pytest.raises(sharing.WrongState):
        getattr(sharing, act)(actor=getattr(circle, ACTS[act][0]), number=number, now=NOW, **FACTS.get(act, {}))


def test_everything_missing_is_said_at_once(circle: Circle) -> None:
    number = circle.draft(
        items=(), channels=(Channel.LOOKUP,), usage_basis="", scenario=" ", purpose="", since=None, system="", filters=("xm",)
    )
    with pytest.raises(sharing.Incomplete) as caught:
        sharing.submit(actor=circle.steward, number=number, now=NOW)
    fields = {finding.field for finding in caught.value.findings}
    assert {"items", "usage_basis", "scenario", "purpose", "since", "system", "filters"} <= fields


def test_a_filter_must_be_an_item_that_is_asked_for(circle: Circle) -> None:
    number = circle.draft(items=("xm",), filters=("sfzh",))
    with pytest.raises(sharing.Incomplete) as caught:
        sharing.submit(actor=circle.steward, number=number, now=NOW)
    assert {finding.field for finding in caught.value.findings} == {"filters"}


def test_type_three_is_never_applied_for(circle: Circle) -> None:
    hidden = factory.resource(circle.provider, sharing_type="3", name="不予共享")
    with pytest.raises(sharing.NotShared, match="第六十二条"):
        circle.draft(resource=hidden)
    with pytest.raises(sharing.NotShared):
        sharing.put_in_basket(actor=circle.steward, resource_id=hidden, now=NOW)
    row = Application.objects.get(number=circle.draft())
    with pytest.raises(DatabaseError), transaction.atomic():
        Application.objects.filter(pk=row.pk).update(sharing_type="3")


def test_own_resources_and_foreign_systems_are_refused(circle: Circle) -> None:
    with pytest.raises(Invalid):
        circle.draft(resource=factory.resource(circle.consumer))
    identity.add_system(by="process:test", system_id="foreign", name="别家系统", office=circle.provider.code, now=NOW)
    with pytest.raises(Invalid):
        circle.draft(system="foreign")
    with pytest.raises(identity.NotYours):
        sharing.apply(actor=circle.stranger, office=circle.consumer.code, wanted={}, draft=sharing.Draft(circle.request()), now=NOW)


def test_a_basket_becomes_a_bundle_with_filters_of_each_resource(circle: Circle) -> None:
    second = factory.resource(circle.provider, name="婚姻登记信息")
    for one in (circle.resource, second):
        sharing.put_in_basket(actor=circle.steward, resource_id=one, now=NOW)
    sharing.put_in_basket(actor=circle.steward, resource_id=second, items=("xm",), now=NOW)
    assert [line.items for line in sharing.basket(circle.steward)] == [(), ("xm",)]
    wanted = {circle.resource: ("sfzh", "xm"), second: ("sfzh", "qh")}
    filters = {circle.resource: ("sfzh",), second: ("qh",)}
    draft = sharing.Draft(circle.request())
    numbers = sharing.apply(actor=circle.steward, office=circle.consumer.code, wanted=wanted, draft=draft, filters=filters, now=NOW)
    rows = [sharing.application(number, actor=circle.steward, now=NOW) for number in numbers]
    assert [row.filters for row in rows] == [("sfzh",), ("qh",)]
    assert rows[0].bundle == rows[1].bundle != ""
    assert sharing.basket(circle.steward) == []


def test_templates_of_purpose_belong_to_the_office(circle: Circle) -> None:
    words = {"purpose_code": "enrol", "purpose": "核验", "usage_basis": "法", "scenario": "报名", "usage_scope": "科室"}
    sharing.keep_template(actor=circle.steward, office=circle.consumer.code, title="入学", **words)
    with pytest.raises(Conflict):
        sharing.keep_template(actor=circle.steward, office=circle.consumer.code, title="入学", **words)
    with pytest.raises(identity.NotYours):
        sharing.keep_template(actor=circle.stranger, office=circle.consumer.code, title="别家", **words)
    assert [one.title for one in sharing.templates(circle.head)] == ["入学"]
    assert sharing.templates(circle.keeper) == []


# ------------------------------------------------------------------ answers
@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (sharing.Answer(agree=False, reason=" "), "reason"),
        (sharing.Answer(agree=True, items=("bank",)), "items"),
        (sharing.Answer(agree=True, items=("xm",)), "items"),
        (sharing.Answer(agree=True, masks={"xm": "nonsense"}), "masks"),
        (sharing.Answer(agree=True, masks={"xm": "year"}), "masks"),
        (sharing.Answer(agree=True, row_scope=[{"item": "qh", "operator": "near", "values": ["1"]}]), "row_scope"),
        (sharing.Answer(agree=True, row_scope=[{"item": "bank", "operator": "eq", "values": ["1"]}]), "row_scope"),
        (sharing.Answer(agree=True, row_scope=[{"item": "qh", "operator": "eq", "values": []}]), "row_scope"),
        (sharing.Answer(agree=True, row_scope=[{"item": "je", "operator": "gte", "values": ["many"]}]), "row_scope"),
        (sharing.Answer(agree=True, row_scope=[{"item": "csrq", "operator": "lte", "values": ["2026-13-01"]}]), "row_scope"),
        (sharing.Answer(agree=True, row_scope=[{"item": "je", "operator": "gte", "values": ["1", "2"]}]), "row_scope"),
        (sharing.Answer(agree=True, per_second=0), "quota"),
    ],
)
def test_a_proposal_that_cannot_be_meant_is_refused(circle: Circle, answer: sharing.Answer, field: str) -> None:
    number = circle.signed()
    with pytest.raises(Invalid) as caught:
        sharing.propose(actor=circle.keeper, number=number, answer=answer, now=NOW)
    assert caught.value.field == field
    assert circle.state(number) == "answering"


def test_a_pushed_key_is_never_masked_because_rows_would_merge(circle: Circle) -> None:
    number = circle.signed(channels=(Channel.PUSH,), system="", filters=())
    with pytest.raises(Invalid, match="主键"):
        sharing.propose(actor=circle.keeper, number=number, answer=sharing.Answer(agree=True, masks={"sfzh": "identity"}), now=NOW)


def test_a_refusal_carries_its_reason_and_can_be_disputed(circle: Circle) -> None:
    number = circle.proposed(answer=sharing.Answer(agree=False, reason="超出职责范围"))
    assert sharing.conclude(actor=circle.chief, number=number, now=NOW) == ""
    assert circle.state(number) == "refused"
    assert not Grant.objects.exists()
    with pytest.raises(Conflict):
        sharing.answer_dispute(actor=circle.approver, number=number, upheld=True, reason="x", now=NOW)
    sharing.dispute(actor=circle.head, number=number, reason="有法定职责", now=NOW)
    with pytest.raises(Conflict):
        sharing.dispute(actor=circle.head, number=number, reason="再次", now=NOW)
    assert "answer-dispute" in sharing.allowed_acts(read(circle, number), circle.approver)
    assert number in [one.number for one in sharing.to_do(circle.approver, now=NOW)]
    with pytest.raises(identity.NotYours):
        sharing.answer_dispute(actor=circle.chief, number=number, upheld=True, reason="x", now=NOW)
    later = days(20)
    sharing.answer_dispute(actor=circle.approver, number=number, upheld=True, reason="应当共享", now=later)
    view = read(circle, number, later)
    assert view.state is sharing.ApplicationState.ANSWERING
    assert view.clock is not None
    assert view.clock.reading.state is State.RUNNING
    assert view.clock.reading.remaining == 10
    assert not view.disputed


def test_a_dispute_not_upheld_changes_nothing(circle: Circle) -> None:
    number = circle.signed()
    sharing.dispute(actor=circle.steward, number=number, reason="要求加急", now=NOW)
    sharing.answer_dispute(actor=circle.approver, number=number, upheld=False, reason="期限未到", now=NOW)
    assert circle.state(number) == "answering"


# ------------------------------------------------------------------ the clock
@pytest.mark.parametrize(("sharing_type", "limit"), [("1", 1), ("2", 10)])
def test_the_answer_is_due_in_one_or_ten_working_days(sharing_type: str, limit: int) -> None:
    circle = Circle(sharing_type=sharing_type)
    clock = read(circle, circle.signed()).clock
    assert clock is not None
    assert (clock.reading.total, clock.reading.remaining) == (limit, limit)


def test_a_supplement_rests_the_clock_and_is_asked_for_once(circle: Circle) -> None:
    number = circle.signed()
    before = read(circle, number, days(2)).clock
    sharing.ask_supplement(actor=circle.keeper, number=number, missing=[("使用依据", "附文件"), ("", "")], now=days(2))
    resting = read(circle, number, days(30)).clock
    assert before is not None
    assert resting is not None
    assert resting.reading.state is State.PAUSED
    assert resting.reading.remaining == before.reading.remaining
    assert [row["what"] for row in sharing.timeline(read(circle, number).id)[0].missing] == ["使用依据"]
    sharing.edit(actor=circle.steward, number=number, draft=sharing.Draft(circle.request(usage_basis="新依据")), now=days(30))
    sharing.supplement(actor=circle.steward, number=number, note="已附", now=days(30))
    running = read(circle, number, days(30)).clock
    assert running is not None
    assert running.reading.state is State.RUNNING
    with pytest.raises(Invalid):
        sharing.ask_supplement(actor=circle.keeper, number=number, missing=[("别的", "")], now=days(31))


def test_an_extension_needs_the_bureau_and_stays_within_ten_days(circle: Circle) -> None:
    number = circle.signed()
    for wrong in (0, 11):
        with pytest.raises(Invalid):
            sharing.ask_extension(actor=circle.keeper, number=number, days=wrong, reason="难", now=NOW)
    sharing.ask_extension(actor=circle.keeper, number=number, days=6, reason="数据分散", now=NOW)
    with pytest.raises(Conflict):
        sharing.ask_extension(actor=circle.keeper, number=number, days=1, reason="难", now=NOW)
    assert read(circle, number).holder == circle.bureau.name
    for who in (circle.keeper, circle.chief, circle.steward):
        with pytest.raises(identity.NotYours):
            sharing.decide_extension(actor=who, number=number, consent=True, reason="", now=NOW)
    # consent without words adopts the provider's reason; a reading must never fail for want of one
    sharing.decide_extension(actor=circle.approver, number=number, consent=True, reason="", now=NOW)
    clock = read(circle, number).clock
    assert clock is not None
    assert clock.reading.total == 16
    with pytest.raises(ExtensionRefused):
        sharing.ask_extension(actor=circle.keeper, number=number, days=5, reason="难", now=NOW)
    sharing.ask_extension(actor=circle.keeper, number=number, days=4, reason="难", now=NOW)
    with pytest.raises(Invalid):
        sharing.decide_extension(actor=circle.approver, number=number, consent=False, reason=" ", now=NOW)
    sharing.decide_extension(actor=circle.approver, number=number, consent=False, reason="无正当理由", now=NOW)
    with pytest.raises(Conflict):
        sharing.decide_extension(actor=circle.approver, number=number, consent=True, reason="", now=NOW)


def test_an_extension_does_not_heal_a_delay(circle: Circle) -> None:
    number = circle.signed()
    sharing.ask_extension(actor=circle.keeper, number=number, days=5, reason="难", now=days(1))
    with pytest.raises(ExtensionRefused):
        sharing.decide_extension(actor=circle.approver, number=number, consent=True, reason="同意", now=days(60))
    late = read(circle, number, days(60)).clock
    assert late is not None
    assert late.reading.state is State.OVERDUE


def test_overdue_escalates_once_for_each_rung(circle: Circle) -> None:
    circle.signed()
    assert sharing.remind(now=days(1)) == 0
    warned = [sharing.remind(now=days(day)) for day in range(1, 40)]
    assert sum(warned) == 4
    assert FiredRung.objects.count() == 4
    assert sharing.remind(now=days(40)) == 0
    told = {one.account_id for one in Notice.objects.all() if "超期" in str(one)}
    assert told == {circle.keeper.account_id, circle.chief.account_id, circle.approver.account_id}


def test_after_a_standstill_only_the_worst_is_told(circle: Circle) -> None:
    circle.signed()
    assert sharing.remind(now=days(40)) == 1
    assert ApplicationEvent.objects.filter(kind="warned").count() == 1


def test_delivery_has_a_clock_of_its_own(circle: Circle) -> None:
    grant = sharing.grant(circle.granted())
    view = sharing.application(grant.application, actor=circle.steward, now=days(1))
    assert view.delivery is not None
    assert view.running is view.delivery
    assert view.holder == circle.provider.name
    for _ in range(2):
        sharing.note_delivery(grant_id=grant.id, now=days(2))
    done = sharing.application(grant.application, actor=circle.steward, now=days(3))
    assert (done.running, done.holder) == (None, "")
    assert ApplicationEvent.objects.filter(kind="delivered").count() == 1


def test_the_explanation_names_every_day(circle: Circle) -> None:
    number = circle.signed()
    found = sharing.explanation(number, actor=circle.keeper, now=days(1))
    assert found is not None
    assert found.rows[-1].date == found.reading.due
    assert sum(row.counted for row in found.rows) == 10
    assert sharing.explanation(circle.draft(), actor=circle.steward, now=NOW) is None


def test_the_to_do_list_is_the_most_pressing_first_and_only_mine(circle: Circle) -> None:
    late = circle.signed(at=NOW)
    early = circle.signed(at=NOW - timedelta(days=20))
    assert [one.number for one in sharing.to_do(circle.keeper, now=NOW)] == [early, late]
    assert sharing.to_do(circle.chief, now=NOW) == []
    assert sharing.to_do(circle.stranger, now=NOW) == []


# ------------------------------------------------------------------ what the database itself refuses
def test_grants_and_events_are_never_changed(circle: Circle) -> None:
    circle.granted()
    for table in ("sharing_grant", "sharing_applicationevent"):
        for statement in (f"update {table} set id = id", f"delete from {table}"):
            with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_two_heads_at_once_issue_one_grant() -> None:
    circle = Circle()
    numbers = [circle.proposed(), circle.proposed()]
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def conclude(number: str) -> None:
        gate.wait()
        try:
            outcomes.append(sharing.conclude(actor=circle.chief, number=number, now=NOW) and "granted")
        except sharing.AlreadyGranted:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=conclude, args=(number,)) for number in numbers]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(outcomes) == ["granted", "refused"]
    assert GrantStanding.objects.count() == 1
    assert sorted(Application.objects.values_list("state", flat=True)) == ["concluding", "granted"]


# ------------------------------------------------------------------ the life of a grant
def test_a_grant_is_suspended_mended_resumed_ended_and_its_data_destroyed(circle: Circle) -> None:
    number = circle.granted()
    with pytest.raises(identity.NotYours):
        sharing.suspend(actor=circle.keeper, number=number, reason="x", now=NOW)
    with pytest.raises(sharing.GrantUnknown):
        sharing.suspend(actor=circle.stranger, number=number, reason="x", now=NOW)
    with pytest.raises(Invalid):
        sharing.suspend(actor=circle.chief, number=number, reason=" ", now=NOW)
    assert sharing.grant(number).in_force(NOW)
    sharing.suspend(actor=circle.chief, number=number, reason="超范围使用", now=NOW)
    assert not sharing.grant(number).in_force(NOW)
    assert sharing.grants_to_do(circle.head)[0].number == number
    with pytest.raises(sharing.WrongState):
        sharing.suspend(actor=circle.chief, number=number, reason="x", now=NOW)
    sharing.rectify(actor=circle.head, number=number, statement="已停止越权账户", now=NOW)
    sharing.resume(actor=circle.approver, number=number, reason="核验通过", now=NOW)
    assert sharing.grant(number).in_force(NOW)
    with pytest.raises(sharing.WrongState):
        sharing.confirm_destruction(actor=circle.head, number=number, statement="x", now=NOW)
    sharing.terminate(actor=circle.head, number=number, reason="目的已实现", now=NOW)
    with pytest.raises(sharing.WrongState):
        sharing.accept_destruction(actor=circle.keeper, number=number, now=NOW)
    sharing.confirm_destruction(actor=circle.steward, number=number, statement="已清库", now=NOW)
    assert sharing.allowed_grant_acts(sharing.grant(number), circle.keeper) == {"accept-destruction"}
    sharing.accept_destruction(actor=circle.keeper, number=number, now=NOW)
    assert sharing.grants_to_do(circle.keeper) == sharing.grants_to_do(circle.head) == []
    with pytest.raises(sharing.WrongState):
        sharing.resume(actor=circle.chief, number=number, reason="", now=NOW)


def test_a_grant_whose_term_is_over_makes_room_for_a_new_one(circle: Circle) -> None:
    first = circle.granted()
    with pytest.raises(sharing.AlreadyGranted):
        circle.granted()
    assert sharing.end_lapsed(now=NOW) == 0
    assert sharing.end_lapsed(now=days(400)) == 1
    ended = sharing.grant(first)
    assert (ended.state, ended.reason) == ("terminated", "使用时限届满")
    assert circle.granted() != first


def test_only_the_parties_see_a_grant(circle: Circle) -> None:
    number = circle.granted()
    for who in (circle.steward, circle.keeper, circle.approver):
        assert sharing.grant(number, actor=who).number == number
    with pytest.raises(sharing.GrantUnknown):
        sharing.grant(number, actor=circle.stranger)
    assert [one.number for one in sharing.grants_held(circle.steward)] == [number]
    assert [one.number for one in sharing.grants_given(circle.keeper)] == [number]
    assert sharing.grants_held(circle.keeper) == sharing.grants_given(circle.steward) == []


def test_notices_reach_the_right_desks_and_are_read_once(circle: Circle) -> None:
    circle.signed()
    assert notices.unread(circle.keeper) == 1
    [notice] = notices.notices(circle.keeper)
    assert notice.unread
    notices.mark_read(actor=circle.keeper, now=NOW)
    assert notices.unread(circle.keeper) == 0
    assert notices.unread(world.official(identity.Role.STEWARD)) == 0
