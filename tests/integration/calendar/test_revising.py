"""Revisions on a real database: who may, what stays, what races do, and who is told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from factories import catalog as entries
from factories import world
from factories.sharing import NOW, Circle
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.flow.sharing.models import ApplicationEvent, FiredRung
from zhengtong.apps.foundation.calendar import api as calendar
from zhengtong.apps.foundation.calendar.models import Revision
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.catalog.models import ResourceEvent, ReviewWarning
from zhengtong.engines.deadlines.published import published_calendar
from zhengtong.kernel.errors import Invalid, ZhengtongError
from zhengtong.kernel.sentences import told as told_of
from zhengtong.project import rescheduling

pytestmark = pytest.mark.django_db
TYPHOON = "2026-06-11 休 防台风停工\n2026-06-12 休 防台风停工"


@pytest.fixture
def keeper() -> identity.Actor:
    return world.official(duty=identity.Duty.SYSTEM)


def revise(keeper: identity.Actor, **changes: Any) -> int:
    asked = {"year": 2026, "notice": "市防台风令第1号", "settles": False, "lines": TYPHOON, "reason": "全市停工", "based_on": 0, "now": NOW}
    return calendar.revise(actor=keeper, **(asked | changes))


def events(name: str) -> list[dict[str, Any]]:
    security.unfold()
    with connection.cursor() as cursor:
        cursor.execute("select detail from ledger_entry where event = %s order by at, height", [name])
        return [row[0] for row in cursor.fetchall()]


# ------------------------------------------------------------------ the table
def test_a_revision_moves_the_calendar_and_stands_in_the_ledger(keeper: identity.Actor) -> None:
    assert calendar.current() is published_calendar()
    assert revise(keeper) == 1
    assert not calendar.current().is_working(date(2026, 6, 11))
    [view] = calendar.revisions()
    assert (view.number, view.made_by_name, view.reason, view.in_force, len(view.days)) == (1, keeper.name, "全市停工", True, 2)
    [detail] = events("calendar:revision:made")
    assert "防台风" in str(detail)
    before, after = calendar.around(1)
    assert [day.date.isoformat() for day in calendar.changed(before, after, 2026)] == ["2026-06-11", "2026-06-12"]


def test_what_a_revision_said_is_undone_by_another_and_comes_back_by_a_third(keeper: identity.Actor) -> None:
    revise(keeper)
    assert calendar.undo(actor=keeper, number=1, reason="台风转向", based_on=1, now=NOW) == 2
    assert calendar.current().is_working(date(2026, 6, 11))
    assert [one.in_force for one in calendar.revisions()] == [True, False]
    with pytest.raises(calendar.AlreadyUndone):
        calendar.undo(actor=keeper, number=1, reason="再撤", based_on=2, now=NOW)
    calendar.undo(actor=keeper, number=2, reason="台风又来", based_on=2, now=NOW)
    assert not calendar.current().is_working(date(2026, 6, 11))
    assert len(events("calendar:revision:undone")) == 2
    with pytest.raises(calendar.RevisionUnknown):
        calendar.undo(actor=keeper, number=9, reason="没有", based_on=3, now=NOW)


def test_nobody_else_changes_the_calendar() -> None:
    others = [world.official(*identity.Role, at=world.office(is_bureau=True))]
    others += [world.official(duty=duty) for duty in (identity.Duty.SECURITY, identity.Duty.AUDIT)]
    for actor in others:
        with pytest.raises(identity.NotYours):
            revise(actor)
        with pytest.raises(identity.NotYours):
            calendar.undo(actor=actor, number=1, reason="撤", based_on=1, now=NOW)
    assert not Revision.objects.exists()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reason": " "}, calendar.ReasonMissing),
        ({"notice": " "}, calendar.NoticeMissing),
        ({"lines": f"{TYPHOON}\n2026-06-13"}, calendar.DaysRefused),
        ({"settles": True}, calendar.DaysRefused),
        ({"year": 2100, "lines": "2100-01-01 休 元旦"}, calendar.YearOutside),
        ({"based_on": 1}, calendar.ChangedMeanwhile),
    ],
)
def test_a_refused_revision_leaves_nothing(keeper: identity.Actor, changes: dict[str, Any], error: type[ZhengtongError]) -> None:
    with pytest.raises(error):
        revise(keeper, **changes)
    assert not Revision.objects.exists()
    assert calendar.current() is published_calendar()


def test_of_two_made_from_the_same_one_the_later_is_refused(keeper: identity.Actor) -> None:
    revise(keeper)
    with pytest.raises(calendar.ChangedMeanwhile):
        revise(keeper, lines="2026-06-15 休 防台风停工")


def test_the_database_refuses_what_no_operation_would_write(keeper: identity.Actor) -> None:
    revise(keeper)
    row = {"year": 2026, "notice": "n", "reason": "r", "made_at": NOW, "made_by": "x", "made_by_name": "x"}
    day = [["2026-06-15", "off", "x"]]
    for wrong in (
        {"number": 0, "days": day},
        {"number": 2, "days": []},
        {"number": 2, "days": day, "undoes_id": 1},
        {"number": 2, "days": [], "undoes_id": 2},
        {"number": 2, "days": day, "reason": ""},
        {"number": 2, "days": day, "year": 1999},
        {"number": 1, "days": day},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Revision.objects.create(**(row | wrong))
    for change in (Revision.objects.filter(number=1).update, Revision.objects.filter(number=1).delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(**({"reason": "anders"} if change.__name__ == "update" else {}))


def test_a_page_asks_once_however_many_periods_it_shows(keeper: identity.Actor) -> None:
    revise(keeper)
    calendar.current()
    with CaptureQueriesContext(connection) as asked, calendar.one_calendar():
        first = calendar.current()
        assert all(calendar.current() is first for _ in range(50))
    assert len(asked) == 1
    with calendar.one_calendar():
        old = calendar.current()
        revise(keeper, based_on=1, lines="2026-06-15 休 防台风停工")
        assert calendar.current() is not old


# ------------------------------------------------------------------ what moves
@pytest.fixture
def circle() -> Circle:
    return Circle()


def due(circle: Circle, number: str) -> date:
    clock = sharing.application(number, actor=circle.keeper, now=NOW).clock
    assert clock is not None
    return clock.reading.due


def test_due_dates_move_and_everybody_concerned_is_told_once(circle: Circle, keeper: identity.Actor) -> None:
    number = circle.signed()
    before = due(circle, number)
    revise(keeper)
    assert due(circle, number) == published_calendar().add(before, 2)
    told = notices.unread(circle.keeper)
    assert rescheduling.tell_of_revision(1, now=NOW) == 1
    [line] = ApplicationEvent.objects.filter(kind="warned")
    assert before.isoformat() in told_of(line.reason)
    assert "市防台风令第1号" in told_of(line.reason)
    assert notices.unread(circle.keeper) == told + 1
    assert [one.text for one in notices.notices(circle.steward) if "工作日历调整" in one.text]
    [detail] = events("calendar:due-dates:moved")
    assert "2026-06-11" in str(detail)


@pytest.mark.django_db(transaction=True)
def test_the_worker_follows_the_calendar_once(circle: Circle, keeper: identity.Actor) -> None:
    number = circle.signed()
    before = due(circle, number)
    revise(keeper)
    assert rescheduling.follow_calendar(now=NOW) == 1
    assert rescheduling.follow_calendar(now=NOW) == 0
    assert due(circle, number) != before
    assert ApplicationEvent.objects.filter(kind="warned").count() == 1


def test_a_revision_that_moves_nothing_is_journaled_and_tells_nobody(circle: Circle, keeper: identity.Actor) -> None:
    circle.signed()
    told = notices.unread(circle.keeper)
    revise(keeper, lines="2026-12-01 休 停电", notice="某令")
    assert rescheduling.tell_of_revision(1, now=NOW) == 0
    assert notices.unread(circle.keeper) == told
    assert len(events("calendar:due-dates:moved")) == 1


def test_warnings_for_a_day_that_moved_away_are_given_again(circle: Circle, keeper: identity.Actor) -> None:
    number = circle.signed()
    last = due(circle, number)
    on_last_day = NOW + timedelta(days=(last - world.TODAY).days)
    assert sharing.remind(now=on_last_day) == 1
    assert FiredRung.objects.count() == 2
    revise(keeper, lines="\n".join(f"{last + timedelta(days=n)} 休 停工" for n in range(5)), now=on_last_day)
    assert rescheduling.tell_of_revision(1, now=on_last_day) == 1
    assert FiredRung.objects.count() <= 1
    assert (
        sum(sharing.remind(now=on_last_day + timedelta(days=n)) for n in range(1, 30))
        == 4 - FiredRung.objects.filter(at=on_last_day).count()
    )


def test_answered_applications_stay_as_they_were(circle: Circle, keeper: identity.Actor) -> None:
    grant = sharing.grant(circle.granted())
    was = sharing.application(grant.application, actor=circle.keeper, now=NOW)
    sharing.note_delivery(grant_id=grant.id, now=NOW)
    revise(keeper)
    assert rescheduling.tell_of_revision(1, now=NOW) == 0
    assert was.clock is not None
    assert not ApplicationEvent.objects.filter(kind="warned").exists()


def test_an_extension_is_counted_by_the_administered_calendar(circle: Circle, keeper: identity.Actor) -> None:
    number = circle.signed()
    revise(keeper)
    sharing.ask_extension(actor=circle.keeper, number=number, days=2, reason="难", now=NOW)
    sharing.decide_extension(actor=circle.approver, number=number, consent=True, reason="同意", now=NOW)
    assert due(circle, number) == calendar.current().add(world.TODAY, 12)


# ------------------------------------------------------------------ reviews of the catalog
def under_review() -> tuple[entries.City, int]:
    city = entries.city()
    draft = city.draft()
    catalog.submit(actor=city.steward, resource_id=draft.id, now=NOW)
    catalog.approve(actor=city.head, resource_id=draft.id, now=NOW)
    return city, draft.id


def test_the_bureau_is_warned_and_overdue_escalates_once_a_rung() -> None:
    city, number = under_review()
    bureau_head = world.official(identity.Role.SHARING_HEAD, at=city.bureau)
    assert catalog.remind_reviewers(now=NOW) == 0
    given = [catalog.remind_reviewers(now=NOW + timedelta(hours=hours)) for hours in range(0, 24 * 20, 6)]
    assert sum(given) == 4
    assert [notices.unread(one) for one in (city.approver, bureau_head, city.head, city.steward)] == [4, 2, 1, 0]
    assert ReviewWarning.objects.count() == 4
    assert ResourceEvent.objects.filter(resource=number, event="warned").count() == 4
    assert len(events("catalog:resource:warned")) == 4
    address = notices.notices(bureau_head)[0].address
    assert world.signed_in(bureau_head).get(address).status_code == 200
    [view] = catalog.reviews_to_do(city.approver, now=NOW + timedelta(days=20))
    assert view.clock is not None
    assert view.clock.reading.late


def test_after_a_standstill_one_warning_says_it_and_a_new_review_warns_anew() -> None:
    city, number = under_review()
    late = NOW + timedelta(days=20)
    assert catalog.remind_reviewers(now=late) == 1
    catalog.send_back(actor=city.approver, resource_id=number, reason="缺依据", now=late)
    assert catalog.remind_reviewers(now=late) == 0
    catalog.submit(actor=city.steward, resource_id=number, now=late)
    catalog.approve(actor=city.head, resource_id=number, now=late)
    assert catalog.remind_reviewers(now=late + timedelta(days=20)) == 1


def test_reviews_move_with_the_calendar(keeper: identity.Actor) -> None:
    city, number = under_review()
    revise(keeper)
    assert rescheduling.tell_of_revision(1, now=NOW) == 1
    [told] = notices.notices(city.approver)
    assert "2026-06-12 改为 2026-06-16" in told.text
    assert ResourceEvent.objects.filter(resource=number, event="warned").count() == 1
    view = catalog.working_copy(number, actor=city.approver)
    clock = catalog.review_clock(view, now=NOW)
    assert clock is not None
    assert clock.reading.due == date(2026, 6, 16)


def test_reviews_wait_for_those_who_decide_them_and_for_nobody_else() -> None:
    city, number = under_review()
    elsewhere = entries.city("42", "湖北省")
    assert [one.id for one in catalog.reviews_to_do(city.approver, now=NOW)] == [number]
    for other in (city.steward, city.head, elsewhere.approver):
        assert catalog.reviews_to_do(other, now=NOW) == []
    draft = city.draft(name="第二条")
    catalog.submit(actor=city.steward, resource_id=draft.id, now=NOW)
    [waiting] = catalog.reviews_to_do(city.head, now=NOW)
    assert (waiting.id, waiting.clock) == (draft.id, None)


def test_a_reason_is_an_invalid_value_for_its_field(keeper: identity.Actor) -> None:
    with pytest.raises(Invalid) as refused:
        revise(keeper, reason="")
    assert refused.value.field == "reason"
