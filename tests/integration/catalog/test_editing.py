"""From draft to publication and back: who may, what is kept, what readers see."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from factories import catalog as factory
from factories import world
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.catalog.models import Resource
from zhengtong.apps.resources.catalog.operations.numbering import take_codes
from zhengtong.toolkit.outbox import api as outbox

pytestmark = pytest.mark.django_db


def test_an_entry_goes_from_draft_to_readers() -> None:
    city = factory.city()
    draft = city.draft()
    with pytest.raises(catalog.ResourceUnknown):
        catalog.resource(draft.id)
    catalog.submit(actor=city.steward, resource_id=draft.id, now=world.NOW)
    approved = catalog.approve(actor=city.head, resource_id=draft.id, now=world.NOW)
    assert approved.code == "307001/000001"
    assert approved.review_began_at == world.NOW
    published = catalog.publish(actor=city.approver, resource_id=draft.id, now=world.NOW)
    seen = catalog.resource("307001/000001")
    assert (seen.name, seen.state, seen.version, seen.review_began_at) == ("殡葬火化信息", "published", 1, None)
    assert seen.content == published.content == factory.content()
    assert seen.published_on == world.TODAY
    events = [event.event for event in catalog.timeline(draft.id, actor=city.approver)]
    assert events == ["published", "approved", "submitted", "created"]
    security.unfold()
    recorded = {row.event for row in security.entries(security.EntryFilter(event="catalog:resource:"))}
    assert recorded == {f"catalog:resource:{event}" for event in events}
    with outbox.batch("test", topics=(catalog.CHANGED,)) as told:
        assert [message.body for message in told] == [{"resource": draft.id}] * len(events)


def test_an_edit_stays_unseen_until_the_next_publication_and_can_be_undone() -> None:
    city = factory.city()
    entry = city.published()
    edited = catalog.save_draft(
        actor=city.steward,
        resource_id=entry.id,
        revision=catalog.working_copy(entry.id, actor=city.steward).revision,
        content=replace(entry.content, name="火化登记信息", items=(entry.items[1], replace(entry.items[0], length=20))),
        now=world.NOW,
    )
    assert edited.state == "draft"
    assert catalog.resource(entry.code).name == "殡葬火化信息"
    changes = catalog.pending_changes(entry.id, actor=city.steward)
    assert [(one.label, one.before, one.after) for one in changes.fields] == [("信息资源名称", "殡葬火化信息", "火化登记信息")]
    assert [(one.kind, one.key) for one in changes.items] == [("moved", "name"), ("changed", "id_no"), ("removed", "died_on")]
    undone = catalog.discard_changes(actor=city.steward, resource_id=entry.id, now=world.NOW)
    assert (undone.state, undone.content) == ("published", entry.content)
    again = catalog.save_draft(
        actor=city.steward,
        resource_id=entry.id,
        revision=undone.revision,
        content=replace(entry.content, name="火化登记信息"),
        now=world.NOW,
    )
    second = city.publish(again.id, now=world.NOW + timedelta(days=1))
    assert (second.version, second.code, catalog.resource(entry.code).name) == (2, entry.code, "火化登记信息")
    assert [one.after for one in catalog.difference(entry.code, 1, 2).fields] == ["火化登记信息"]
    assert catalog.version(entry.code, 1).content.name == "殡葬火化信息"


def test_two_editors_cannot_overwrite_each_other_unseen() -> None:
    city = factory.city()
    draft = city.draft()
    catalog.save_draft(actor=city.steward, resource_id=draft.id, revision=draft.revision, content=factory.content(name="甲"), now=world.NOW)
    with pytest.raises(catalog.ChangedMeanwhile):
        catalog.save_draft(
            actor=city.steward, resource_id=draft.id, revision=draft.revision, content=factory.content(name="乙"), now=world.NOW
        )


def test_every_gap_is_named_at_once() -> None:
    city = factory.city()
    draft = catalog.create_draft(
        actor=city.steward,
        office=city.office.code,
        content=catalog.Content(name="只有名称", format_class="3", sharing_type="2", is_open=True),
        now=world.NOW,
    )
    with pytest.raises(catalog.Incomplete) as refused:
        catalog.submit(actor=city.steward, resource_id=draft.id, now=world.NOW)
    assert [finding.field for finding in refused.value.findings] == [
        *("summary", "class_code", "legal_basis", "data_level", "items", "sharing_condition", "sharing_scope", "sharing_purpose"),
        *("sharing_modes", "open_condition", "update_cycle"),
    ]
    assert all(finding.remedy for finding in refused.value.findings)


def test_a_return_gives_reasons_and_the_next_submission_clears_them() -> None:
    city = factory.city()
    draft = city.draft()
    catalog.submit(actor=city.steward, resource_id=draft.id, now=world.NOW)
    with pytest.raises(catalog.ReasonMissing):
        catalog.send_back(actor=city.head, resource_id=draft.id, reason=" ", now=world.NOW)
    catalog.send_back(actor=city.head, resource_id=draft.id, reason="摘要太短", now=world.NOW)
    assert catalog.working_copy(draft.id, actor=city.steward).return_reason == "摘要太短"
    catalog.submit(actor=city.steward, resource_id=draft.id, now=world.NOW)
    catalog.approve(actor=city.head, resource_id=draft.id, now=world.NOW)
    back = catalog.send_back(actor=city.approver, resource_id=draft.id, reason="依据不对", now=world.NOW)
    assert (back.state, back.review_began_at, back.code) == ("draft", None, "307001/000001")


def test_each_act_is_refused_to_everybody_else() -> None:
    city, other = factory.city(), factory.city("34", "安徽省")
    draft = city.draft()
    strangers = [other.steward, other.head, other.approver, world.official()]

    def refuse(act: catalog.Act, *people: identity.Actor) -> None:
        for person in [*people, *strangers]:
            with pytest.raises(catalog.NotAllowed):
                _act(act, person, draft.id)

    with pytest.raises(catalog.NotAllowed):
        catalog.create_draft(actor=city.head, office=city.office.code, content=factory.content(), now=world.NOW)
    for act in (catalog.Act.EDIT, catalog.Act.SUBMIT, catalog.Act.DELETE, catalog.Act.RECALL, catalog.Act.DISCARD):
        refuse(act, city.head, city.approver)
    catalog.submit(actor=city.steward, resource_id=draft.id, now=world.NOW)
    refuse(catalog.Act.APPROVE, city.steward, city.approver)
    refuse(catalog.Act.RETURN, city.steward, city.approver)
    catalog.approve(actor=city.head, resource_id=draft.id, now=world.NOW)
    refuse(catalog.Act.PUBLISH, city.steward, city.head)
    refuse(catalog.Act.RETURN, city.steward, city.head)
    catalog.publish(actor=city.approver, resource_id=draft.id, now=world.NOW)
    refuse(catalog.Act.WITHDRAW, city.steward)
    for person in strangers:
        with pytest.raises(catalog.NotAllowed):
            catalog.working_copy(draft.id, actor=person)
        with pytest.raises(catalog.NotAllowed):
            catalog.timeline(draft.id, actor=person)
        assert catalog.open_acts(catalog.resource(draft.id), actor=person) == frozenset()


def _act(act: catalog.Act, person: identity.Actor, number: int) -> None:
    common = {"actor": person, "resource_id": number, "now": world.NOW}
    match act:
        case catalog.Act.EDIT:
            catalog.save_draft(**common, revision=1, content=factory.content())
        case catalog.Act.RETURN:
            catalog.send_back(**common, reason="不行")
        case catalog.Act.WITHDRAW:
            catalog.withdraw(**common, reason="不行")
        case _:
            name = {catalog.Act.DELETE: "delete_draft", catalog.Act.DISCARD: "discard_changes"}.get(act, act.value)
            getattr(catalog, name)(**common)


def test_a_withdrawn_entry_is_gone_for_readers_and_can_come_back() -> None:
    city = factory.city()
    entry = city.published()
    with pytest.raises(catalog.ReasonMissing):
        catalog.withdraw(actor=city.head, resource_id=entry.id, reason="", now=world.NOW)
    catalog.withdraw(actor=city.head, resource_id=entry.id, reason="职责划转", now=world.NOW)
    with pytest.raises(catalog.ResourceUnknown):
        catalog.resource(entry.code)
    with pytest.raises(catalog.WrongState):
        catalog.withdraw(actor=city.head, resource_id=entry.id, reason="职责划转", now=world.NOW)
    copy = catalog.working_copy(entry.id, actor=city.steward)
    catalog.save_draft(actor=city.steward, resource_id=entry.id, revision=copy.revision, content=copy.content, now=world.NOW)
    assert city.publish(entry.id).version == 2


def test_only_what_was_never_published_can_be_deleted() -> None:
    city = factory.city()
    draft, entry = city.draft(), city.published()
    catalog.delete_draft(actor=city.steward, resource_id=draft.id, now=world.NOW)
    assert not Resource.objects.filter(pk=draft.id).exists()
    with pytest.raises(catalog.WrongState):
        catalog.delete_draft(actor=city.steward, resource_id=entry.id, now=world.NOW)


def test_several_at_once_stand_each_for_itself() -> None:
    city = factory.city()
    good, poor = city.draft(), city.draft(summary="")
    outcome = catalog.act_on_several(actor=city.steward, act=catalog.Act.SUBMIT, resource_ids=[good.id, poor.id], now=world.NOW)
    assert outcome.done == (good.id,)
    assert [(one.id, one.error.code) for one in outcome.refused] == [(poor.id, "catalog-incomplete")]
    assert catalog.act_on_several(actor=city.head, act=catalog.Act.APPROVE, resource_ids=[good.id], now=world.NOW).done == (good.id,)
    assert catalog.act_on_several(actor=city.approver, act=catalog.Act.PUBLISH, resource_ids=[good.id], now=world.NOW).done == (good.id,)


def test_the_worklist_pages_by_key_with_a_fixed_number_of_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    city, other = factory.city(), factory.city("34", "安徽省")
    for name in ("乙", "甲", "丙"):
        city.draft(name=name)
    other.draft(name="别处的")
    with django_assert_num_queries(1):
        first = catalog.worklist(city.steward, catalog.WorkFilter(order="name"), limit=2)
    assert [row.name for row in first] == ["丙", "甲"]
    rest = catalog.worklist(city.steward, catalog.WorkFilter(order="name"), after=first[-1].key, limit=2)
    assert [row.name for row in rest] == ["乙"]
    newest = catalog.worklist(city.approver, catalog.WorkFilter(), limit=2)
    assert [row.name for row in newest] == ["丙", "甲"]
    assert [row.name for row in catalog.worklist(city.approver, catalog.WorkFilter(), after=newest[-1].key)] == ["乙"]
    assert catalog.work_counts(city.steward, catalog.WorkFilter())["draft"] == 3
    with pytest.raises(Exception, match="翻页"):
        catalog.worklist(city.steward, catalog.WorkFilter(), after="nonsense")


def test_the_database_itself_refuses_a_published_entry_without_version_or_law() -> None:
    city = factory.city()
    draft, entry = city.draft(), city.published()
    with pytest.raises(IntegrityError), transaction.atomic():
        Resource.objects.filter(pk=draft.id).update(state="published")
    with pytest.raises(IntegrityError), transaction.atomic():
        Resource.objects.filter(pk=entry.id).update(sharing_type="3", legal_basis="")


@pytest.mark.django_db(transaction=True)
def test_racing_approvals_never_give_one_code_twice() -> None:
    taken: list[list[str]] = []

    def take() -> None:
        try:
            with transaction.atomic():
                taken.append(take_codes("307001", 20))
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = [code for codes in taken for code in codes]
    assert len(codes) == len(set(codes)) == 120
