"""The decision to open: its course, its gates, and everybody who may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from factories import world
from factories.exchange import identity
from factories.opening import Opening
from factories.sharing import NOW, resource
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.exchange.models import Binding
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.models import Build, Dataset, DatasetEvent, Overruling
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.errors import Invalid, ZhengtongError

pytestmark = pytest.mark.usefixtures("hub")


def state(number: int) -> str:
    return Dataset.objects.get(pk=number).state


def events() -> list[str]:
    security.unfold()
    found = security.entries(security.EntryFilter(), limit=500)
    return [one.event for one in reversed(found) if one.event.startswith("opendata:")]


def test_the_whole_course_leaves_a_timeline_and_the_ledger(opening: Opening) -> None:
    number = opening.proposed()
    assert state(number) == "measured"
    assert "请审核数据开放" in str(notices.notices(opening.circle.chief)[0].text)
    opendata.approve(actor=opening.circle.chief, number=number, now=NOW)
    opendata.publish(actor=opening.circle.approver, number=number, now=NOW)
    assert state(number) == "released"
    assert opening.build() is opendata.BuildState.DONE
    row = Dataset.objects.get(pk=number)
    assert row.current is not None
    assert (row.state, row.current.number, row.rows) == ("open", 1, 12)
    told = {one.kind for one in opendata.timeline(number, actor=opening.circle.keeper)}
    assert told == {"proposed", "measured", "approved", "released", "published"}
    steps = ("proposed", "measured", "approved", "released", "published")
    assert sorted(one for one in events() if ":dataset:" in one) == sorted(f"opendata:dataset:{step}" for step in steps)
    assert events().count("opendata:rows:read") == 2


def test_only_what_is_complete_and_may_be_open_is_proposed(opening: Opening) -> None:
    def wrong(**changes: Any) -> str:
        with pytest.raises(Invalid) as caught:
            opening.proposed(**changes)
        return caught.value.field

    assert wrong(title=" ") == "title"
    assert wrong(theme="nothing") == "theme"
    assert wrong(licence="mine") == "licence"
    assert wrong(items={}) == "items"
    assert wrong(items={"gone": "none"}) == "items"
    assert wrong(items={"dm": "year"}) == "mask_dm"
    assert wrong(items={"dm": "hidden"}) == "mask_dm"
    assert wrong(quasi=("lxr",)) == "quasi"
    assert not Dataset.objects.exists()
    circle = opening.circle
    Binding.objects.filter(resource_id=opening.resource).update(resource_id=circle.resource)
    bare = opening.proposal(items={"sfzh": "none"})
    with pytest.raises(Invalid, match="证件号码"):  # the circle's own resource has identity numbers
        opendata.propose(actor=circle.keeper, resource_id=circle.resource, proposal=bare, now=NOW)


def test_what_is_not_shared_or_not_collected_is_not_opened(opening: Opening) -> None:
    circle = opening.circle
    secret = resource(circle.provider, sharing_type="3", name="保密信息")
    with pytest.raises(Invalid, match="不予共享"):
        opendata.propose(actor=circle.keeper, resource_id=secret, proposal=opening.proposal(), now=NOW)
    with pytest.raises(exchange.NothingLanded):
        opendata.propose(actor=circle.keeper, resource_id=circle.resource, proposal=opening.proposal(), now=NOW)


def test_acts_are_refused_to_all_who_may_not(opening: Opening) -> None:
    circle = opening.circle
    people = ("steward", "head", "keeper", "chief", "approver", "stranger")

    def refused(act: Callable[[Any], object], *right: str) -> None:
        for who in people:
            if who not in right:
                with pytest.raises((opendata.NotAllowed, opendata.DatasetUnknown)):
                    act(getattr(circle, who))

    refused(lambda actor: opendata.propose(actor=actor, resource_id=opening.resource, proposal=opening.proposal(), now=NOW), "keeper")
    number = opening.proposed()
    common: dict[str, Any] = {"number": number, "now": NOW}
    refused(lambda actor: opendata.approve(actor=actor, **common), "chief")
    refused(lambda actor: opendata.send_back(actor=actor, reason="不妥", **common), "chief")
    opendata.approve(actor=circle.chief, **common)
    refused(lambda actor: opendata.publish(actor=actor, **common), "approver")
    refused(lambda actor: opendata.send_back(actor=actor, reason="不妥", **common), "approver")
    refused(lambda actor: opendata.withdraw(actor=actor, reason="不妥", **common), "chief", "approver")
    refused(lambda actor: opendata.overrule(actor=actor, gate="email", column="mc", reason="不妥", **common), "chief", "approver")
    for read in (opendata.opening, opendata.timeline, opendata.last_build):
        for who in ("steward", "head", "stranger"):
            with pytest.raises(opendata.DatasetUnknown):
                read(number, actor=getattr(circle, who))
    assert [one.id for one in opendata.openings(circle.keeper)] == [number]
    assert [one.id for one in opendata.openings(circle.approver)] == [number]
    assert opendata.openings(circle.steward) == []
    assert [one.id for one in opendata.waiting(circle.approver)] == [number]
    assert opendata.waiting(circle.chief) == []
    assert state(number) == "approved"


def test_acts_have_their_place(opening: Opening) -> None:
    number = opening.proposed()
    common: dict[str, Any] = {"number": number, "now": NOW}
    for act, actor in ((opendata.publish, opening.circle.approver),):
        with pytest.raises(opendata.WrongState):
            act(actor=actor, **common)
    with pytest.raises(opendata.WrongState):
        opening.proposed()
    with pytest.raises(opendata.ReasonMissing):
        opendata.send_back(actor=opening.circle.chief, reason=" ", **common)
    opendata.send_back(actor=opening.circle.chief, reason="补充人口口径", **common)
    assert opendata.opening(number, actor=opening.circle.keeper).reason == "补充人口口径"
    assert "退回" in str(notices.notices(opening.circle.keeper)[0].text)
    assert opening.proposed(summary="全市各区的代码、名称和户籍人口") == number
    assert state(number) == "measured"
    with pytest.raises(IntegrityError), transaction.atomic():
        Dataset.objects.filter(pk=number).update(state="open")


def test_people_in_the_rows_hold_it_back_until_the_bureau_says_why(opening: Opening) -> None:
    circle = opening.circle
    number = opening.proposed(items={"dm": "none", "mc": "none", "lxr": "none"})
    [found] = opendata.findings(number, {"lxr": "联系人姓名"}, actor=circle.chief)
    assert (found.finding.gate, found.finding.count, found.column_name) == ("personal-name", 12, "联系人姓名")
    assert found.finding.examples[0] == "王**"
    assert not found.may_pass
    common: dict[str, Any] = {"number": number, "now": NOW}
    passing: dict[str, Any] = {**common, "gate": "personal-name", "column": "lxr"}
    with pytest.raises(opendata.NotAllowed, match="主管部门"):
        opendata.overrule(actor=circle.chief, reason="依法公示", **passing)
    opendata.approve(actor=circle.chief, **common)
    with pytest.raises(opendata.Blocked):
        opendata.publish(actor=circle.approver, **common)
    with pytest.raises(opendata.ReasonMissing):
        opendata.overrule(actor=circle.approver, reason="", **passing)
    with pytest.raises(Invalid):
        opendata.overrule(actor=circle.approver, reason="依法公示", **{**passing, "column": "mc"})
    opendata.overrule(actor=circle.approver, reason="联系人依法公示", **passing)
    opendata.publish(actor=circle.approver, **common)
    assert opening.build() is opendata.BuildState.DONE
    view = opendata.dataset(number, now=NOW)
    assert view.version.passed == [{"gate": "personal-name", "column": "lxr", "count": 12, "reason": "联系人依法公示"}]
    assert "opendata:dataset:overruled" in events()


def test_a_masked_column_names_nobody(opening: Opening) -> None:
    number = opening.opened(items={"dm": "none", "lxr": "name"})
    assert opendata.findings(number, {}, actor=opening.circle.chief) == []
    assert {row[1] for row in opendata.dataset(number, now=NOW).version.preview} == {"王**"}


def test_an_identity_number_never_passes(opening: Opening) -> None:
    opening.change("update civil.division set name = '证件11010519491231002X' where code = '370103'")
    number = opening.proposed()
    circle = opening.circle
    [found] = opendata.findings(number, {}, actor=circle.approver)
    assert (found.finding.gate, found.may_pass) == ("identity-number", False)
    assert "11010519491231002X" not in str(Dataset.objects.get(pk=number).findings)
    with pytest.raises(opendata.Blocked):
        opendata.approve(actor=circle.chief, number=number, now=NOW)
    with pytest.raises(opendata.NotPassable):
        opendata.overrule(actor=circle.approver, number=number, gate="identity-number", column="mc", reason="必须", now=NOW)
    assert not Overruling.objects.exists()


def test_what_came_between_measuring_and_publishing_is_measured_again(opening: Opening) -> None:
    number = opening.approved()
    opendata.publish(actor=opening.circle.approver, number=number, now=NOW)
    opening.change("update civil.division set name = '电话13800001234' where code = '370103'")
    assert opening.build() is opendata.BuildState.BLOCKED
    assert state(number) == "returned"
    with pytest.raises(opendata.DatasetUnknown):
        opendata.dataset(number, now=NOW)
    assert "没有通过检测" in str(notices.notices(opening.circle.keeper)[0].text)


def test_withdrawal_works_at_once_and_throws_running_work_away(opening: Opening) -> None:
    number = opening.opened()
    circle = opening.circle
    opening.change("update civil.division set people = 1 where code = '370103'")
    assert opendata.follow(now=NOW) == 1
    waiting = opening.open_build()
    opendata.withdraw(actor=circle.approver, number=number, reason="区划调整", now=NOW)
    with pytest.raises(opendata.DatasetGone, match="区划调整"):
        opendata.dataset(number, now=NOW)
    with pytest.raises(opendata.DatasetGone):
        opendata.file(number, 1, "data.csv")
    assert opendata.search(opendata.Question()) == []
    assert opendata.carry_out(waiting) is opendata.BuildState.FAILED
    assert Dataset.objects.get(pk=number).current is not None
    assert opening.opened() == number
    assert [one[0] for one in opendata.dataset(number, now=NOW).versions] == [2, 1]


def test_what_was_withdrawn_is_opened_again_as_it_was(opening: Opening) -> None:
    number = opening.opened()
    opendata.withdraw(actor=opening.circle.chief, number=number, reason="核对", now=NOW)
    opening.approved()
    opendata.publish(actor=opening.circle.approver, number=number, now=NOW)
    assert opening.build() is opendata.BuildState.UNCHANGED
    assert opendata.dataset(number, now=NOW).version.number == 1


def test_a_build_that_cannot_read_says_so(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError

    number = opendata.propose(actor=opening.circle.keeper, resource_id=opening.resource, proposal=opening.proposal(), now=NOW)
    monkeypatch.setattr(exchange, "snapshot", broken)
    assert opening.build() is opendata.BuildState.FAILED
    view = opendata.last_build(number, actor=opening.circle.keeper)
    assert view is not None
    assert view.failure["code"] == "build-broken"
    assert state(number) == "returned"


def test_two_proposals_at_once_make_one(opening: Opening) -> None:
    opening.proposed()
    with pytest.raises(ZhengtongError):
        opendata.propose(actor=opening.circle.keeper, resource_id=opening.resource, proposal=opening.proposal(), now=NOW)
    assert (Dataset.objects.count(), Build.objects.count(), DatasetEvent.objects.count()) == (1, 1, 2)


def test_another_office_of_the_region_has_no_part(opening: Opening) -> None:
    number = opening.opened()
    other = world.official(world.identity.Role.SHARING_HEAD)
    with pytest.raises(opendata.DatasetUnknown):
        opendata.withdraw(actor=other, number=number, reason="不妥", now=NOW)


def test_words_of_an_open_dataset_change_without_closing_it(opening: Opening) -> None:
    number = opening.opened()
    words = opendata.Words("行政区划代码表", "各区的代码和人口,每年更新", "living", "0531-86000001")
    for actor in (opening.circle.chief, opening.circle.approver):
        with pytest.raises(opendata.NotAllowed):
            opendata.reword(actor=actor, number=number, words=words, now=NOW)
    leak = replace(words, contact=f"王某 {identity(7)}")
    with pytest.raises(Invalid) as refusal:
        opendata.reword(actor=opening.circle.keeper, number=number, words=leak, now=NOW)
    assert refusal.value.field == "contact"
    opendata.reword(actor=opening.circle.keeper, number=number, words=words, now=NOW)
    view = opendata.opening(number, actor=opening.circle.keeper)
    assert (view.state, view.title, view.theme) == (opendata.State.OPEN, words.title, words.theme)
    assert "reworded" in {one.kind for one in opendata.timeline(number, actor=opening.circle.keeper)}
    assert opening.build() is opendata.BuildState.DONE
    shown = opendata.dataset(number, now=NOW)
    assert (shown.version.number, shown.version.facts["title"]) == (2, words.title)
    # the same words again change nothing
    opendata.reword(actor=opening.circle.keeper, number=number, words=words, now=NOW)
    assert opendata.last_build(number, actor=opening.circle.keeper).is_open is False  # type: ignore[union-attr]


def test_words_of_what_is_not_open_do_not_change(opening: Opening) -> None:
    number = opening.proposed()
    with pytest.raises(opendata.WrongState):
        opendata.reword(actor=opening.circle.keeper, number=number, words=opendata.Words("甲", "乙", "living", "丙"), now=NOW)
