"""An item's way from a draft to the guide, and who is turned away on it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from factories import catalog as entries
from factories import services as factory
from factories import world
from zhengtong.apps.affairs.services import api as services
from zhengtong.apps.affairs.services.models import ItemVersion, ServiceItem
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security

pytestmark = pytest.mark.django_db
Act = services.Act


def recorded(event: str) -> int:
    security.unfold()
    auditor = world.official(duty=identity.Duty.AUDIT)
    return len(security.search(auditor, security.EntryFilter(event=event), limit=50))


def test_a_version_stays_in_force_until_the_next_is_published() -> None:
    desk = factory.desk()
    first = desk.published()
    assert first.version == 1
    assert services.item(first.code).may_be_filed
    changed = desk.saved(first.id, promise_day=8)
    assert (changed.version, changed.version_state, changed.served) == (2, "draft", 1)
    assert services.item(first.code).promised_days == 5
    assert [(one.label, one.before, one.after) for one in services.pending_changes(changed)] == [("承诺办结时限", "5", "8")]
    desk.act(first.id, Act.SUBMIT)
    desk.act(first.id, Act.PUBLISH)
    assert services.item(first.code).promised_days == 8
    assert services.item_version(first.code, 1).promised_days == 5
    assert not services.item_version(first.code, 1).may_be_filed
    assert [one.state_label for one in services.versions(first.id)] == ["已发布", "已被替换"]
    assert recorded("services:item:published") == 2


def test_what_has_errors_is_neither_handed_in_nor_published() -> None:
    desk = factory.desk()
    draft = desk.draft(promise_day=60)
    with pytest.raises(services.Incomplete) as caught:
        desk.act(draft.id, Act.SUBMIT)
    assert caught.value.field == "promise_day"
    assert caught.value.findings[0].rule == "promise"
    assert services.own_item(draft.id, desk.steward).version_state == "draft"


def test_the_bureau_returns_with_a_reason_and_the_office_mends_it() -> None:
    desk = factory.desk()
    draft = desk.draft()
    desk.act(draft.id, Act.SUBMIT)
    assert [one.id for one in services.waiting(desk.approver)] == [draft.id]
    with pytest.raises(services.ItemState):
        desk.saved(draft.id, promise_day=2)
    with pytest.raises(Exception, match="理由"):
        desk.act(draft.id, Act.RETURN)
    desk.act(draft.id, Act.RETURN, reason="写明优待内容")
    back = services.own_item(draft.id, desk.steward)
    assert (back.version_state, back.return_reason) == ("returned", "写明优待内容")
    assert [one.id for one in services.waiting(desk.steward)] == [draft.id]
    desk.saved(draft.id, summary="凭证免费乘车、免费进公园。")
    desk.act(draft.id, Act.SUBMIT)
    desk.act(draft.id, Act.PUBLISH)
    assert services.public_item(draft.code).content.summary.startswith("凭证")


def test_suspended_is_undone_and_cancelled_is_final() -> None:
    desk = factory.desk()
    item = desk.published()
    desk.act(item.id, Act.SUSPEND, reason="窗口搬迁")
    assert not services.item(item.code).may_be_filed
    assert services.guide_count(services.GuideQuestion(text="老年人")) == 0
    desk.act(item.id, Act.RESUME)
    assert services.item(item.code).may_be_filed
    desk.act(item.id, Act.CANCEL, reason="法规已废止")
    for act in (Act.RESUME, Act.SUSPEND):
        with pytest.raises(services.ItemState):
            desk.act(item.id, act, reason="再试")
    with pytest.raises(services.ItemState):
        desk.saved(item.id, promise_day=2)


@pytest.mark.parametrize("act", [Act.PUBLISH, Act.RETURN])
def test_the_office_does_not_decide_its_own_review(act: services.Act) -> None:
    desk = factory.desk()
    draft = desk.draft()
    desk.act(draft.id, Act.SUBMIT)
    with pytest.raises(services.ItemNotAllowed):
        desk.act(draft.id, act, by=desk.steward, reason="自己审核")


def test_strangers_learn_nothing_of_a_draft() -> None:
    desk, other = factory.desk(), entries.city("44", "广东省")
    draft = desk.draft()
    strangers = [other.steward, other.approver, desk.city.head, world.official(identity.Role.STEWARD)]
    for stranger in strangers:
        with pytest.raises(services.ItemUnknown):
            services.own_item(draft.id, stranger)
        with pytest.raises(services.ItemUnknown):
            services.act_on_item(actor=stranger, item_id=draft.id, act=Act.SUBMIT, now=world.NOW)
        with pytest.raises(services.ItemUnknown):
            services.save_item(actor=stranger, item_id=draft.id, content=draft.content, revision=1, now=world.NOW)
        with pytest.raises(services.ItemUnknown):
            services.discard_item(actor=stranger, item_id=draft.id, now=world.NOW)
        assert services.work_count(stranger, services.WorkFilter(text=draft.code)) == 0
    with pytest.raises(services.ItemUnknown):
        services.public_item(draft.code)
    with pytest.raises(services.ItemNotAllowed):
        services.create_item(actor=other.steward, office=desk.office.code, basic=factory.basic_code(), content=draft.content, now=world.NOW)


def test_the_second_of_two_writers_is_told() -> None:
    desk = factory.desk()
    draft = desk.draft()
    desk.saved(draft.id, promise_day=4)
    with pytest.raises(services.ItemChangedMeanwhile):
        services.save_item(actor=desk.steward, item_id=draft.id, content=draft.content, revision=draft.revision, now=world.NOW)


def test_discarding_a_new_version_leaves_the_published_one() -> None:
    desk = factory.desk()
    item = desk.published()
    desk.saved(item.id, promise_day=1)
    assert services.discard_item(actor=desk.steward, item_id=item.id, now=world.NOW)
    assert services.own_item(item.id, desk.steward).version == 1
    draft = desk.draft()
    assert not services.discard_item(actor=desk.steward, item_id=draft.id, now=world.NOW)
    assert not ServiceItem.objects.filter(pk=draft.id).exists()


def test_several_are_done_each_by_itself() -> None:
    desk = factory.desk()
    good, bad = desk.draft(), desk.draft(link_way="12345")
    outcome = services.act_on_items(actor=desk.steward, item_ids=[good.id, bad.id], act=Act.SUBMIT, now=world.NOW)
    assert outcome.done == [good.id]
    assert [(number, error.field) for number, error in outcome.refused] == [(bad.id, "supervise_way")]
    outcome = services.act_on_items(actor=desk.approver, item_ids=[good.id], act=Act.PUBLISH, now=world.NOW)
    assert outcome.done == [good.id]


def test_the_database_holds_codes_and_versions_to_their_rules() -> None:
    desk = factory.desk()
    item = desk.published()
    row = ServiceItem.objects.get(pk=item.id)
    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceItem.objects.filter(pk=row.pk).update(code=row.code[:-1] + "9")
    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceItem.objects.filter(pk=row.pk).update(state=9)
    with pytest.raises(IntegrityError), transaction.atomic():
        ItemVersion.objects.create(item=row, number=2, state="published", made_at=world.NOW, made_by="x", published_at=world.NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        ItemVersion.objects.create(item=row, number=2, state="replaced", made_at=world.NOW, made_by="x")


def test_one_code_is_one_item() -> None:
    desk = factory.desk()
    basic = factory.basic_code()
    desk.draft(basic=basic)
    with pytest.raises(services.ItemExists) as caught:
        desk.draft(basic=basic)
    assert caught.value.field == "catalog_code"
    assert desk.draft(basic=basic, handle="01").code.endswith(basic + "01")
