"""Changing everything that a worklist finds: what is reached, refused, reviewed, undone, and by whom."""

from __future__ import annotations

import pytest

from factories import catalog as factory
from factories import world
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.catalog.operations import changing
from zhengtong.kernel.errors import Invalid

pytestmark = pytest.mark.django_db
SAID = {"update_cycle": "4", "contact": "0538-1234567", "tags": ["民生"]}


def started(city: factory.City, said: dict[str, object] = SAID, wanted: catalog.WorkFilter | None = None) -> catalog.BulkView:
    wanted = wanted or catalog.WorkFilter()
    count = catalog.count_editable(city.steward, wanted)
    return catalog.change_many(actor=city.steward, wanted=wanted, said=said, expected=count, now=world.NOW)


def worked_off(city: factory.City, number: int) -> catalog.BulkView:
    assert catalog.work_off_changes(now=world.NOW) == 1
    return catalog.bulk_edit(number, actor=city.steward)


def test_everything_found_is_changed_in_working_copies_and_each_refused_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changing, "_CHUNK", 2)
    city = factory.city()
    published = city.published(name="火化登记信息")
    already = city.draft(name="殡仪馆名录", **{**SAID, "tags": ("民生",)})
    waiting = city.draft(name="公墓名录")
    catalog.submit(actor=city.steward, resource_id=waiting.id, now=world.NOW)
    foreign = factory.city(bureau=city.bureau).published(name="婚姻登记信息")
    made = started(city)
    assert (made.total, made.done, made.percent, made.may_undo) == (3, 0, 0, False)
    done = worked_off(city, made.id)
    assert (done.state, done.changed, done.same, done.refused) == ("done", 1, 1, 1)
    copy = catalog.working_copy(published.id, actor=city.steward)
    assert (copy.state, copy.content.update_cycle, copy.content.tags) == ("draft", "4", ("民生",))
    assert catalog.resource(published.id).content.update_cycle == "2"  # readers see it once it is published again
    assert catalog.working_copy(already.id, actor=city.steward).revision == already.revision
    (refusal,) = catalog.bulk_refusals(made.id, actor=city.steward)
    assert (refusal.resource, refusal.name) == (waiting.id, "公墓名录")
    assert catalog.resource(foreign.id).content.contact == ""
    assert catalog.work_off_changes(now=world.NOW) == 0


def test_a_change_is_undone_once_and_only_where_nobody_changed_it_since() -> None:
    city = factory.city()
    untouched, touched = city.published(name="火化登记信息"), city.published(name="公墓名录")
    made = started(city)
    worked_off(city, made.id)
    view = catalog.working_copy(touched.id, actor=city.steward)
    catalog.save_draft(
        actor=city.steward, resource_id=touched.id, revision=view.revision, content=factory.content(contact="另有专人"), now=world.NOW
    )
    undoing = catalog.undo_change(actor=city.steward, number=made.id, now=world.NOW)
    done = worked_off(city, undoing.id)
    assert (done.changed, done.refused, done.may_undo) == (1, 1, False)
    back = catalog.working_copy(untouched.id, actor=city.steward)
    assert (back.state, back.content) == ("published", catalog.resource(untouched.id).content)
    assert catalog.working_copy(touched.id, actor=city.steward).content.contact == "另有专人"
    assert catalog.bulk_edit(made.id, actor=city.steward).undone_by == undoing.id
    for number in (made.id, undoing.id):
        with pytest.raises(catalog.NotUndoable):
            catalog.undo_change(actor=city.steward, number=number, now=world.NOW)


def test_a_role_that_is_withdrawn_meanwhile_changes_nothing_more() -> None:
    city = factory.city()
    entry = city.published(name="火化登记信息")
    made = started(city)
    security_admin = world.official(duty=identity.Duty.SECURITY)
    identity.withdraw_role(
        actor=security_admin,
        account_id=city.steward.account_id,
        office=city.office.code,
        role=identity.Role.STEWARD,
        now=world.NOW,
        on=world.TODAY,
    )
    done = worked_off(city, made.id)
    assert (done.changed, done.refused) == (0, 1)
    assert catalog.working_copy(entry.id, actor=city.head).state == "published"


def test_what_may_not_be_changed_is_said_before_anything_is_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    city = factory.city()
    city.published(name="火化登记信息")
    for said in ({}, {"update_cycle": "9"}, {"name": "别的"}, {"data_level": "绝密"}, {"contact": "长" * 201}):
        with pytest.raises(Invalid):
            started(city, said)
    with pytest.raises(Invalid, match="没有您可以修改"):
        started(city, wanted=catalog.WorkFilter(text="没有这样的"))
    with pytest.raises(catalog.SelectionMoved):
        catalog.change_many(actor=city.steward, wanted=catalog.WorkFilter(), said=SAID, expected=7, now=world.NOW)
    with pytest.raises(Invalid, match="没有您可以修改"):  # a head reviews the entry, and may not edit it
        catalog.change_many(actor=city.head, wanted=catalog.WorkFilter(), said=SAID, expected=1, now=world.NOW)
    monkeypatch.setattr(changing, "MOST_CHANGED", 0)
    with pytest.raises(Invalid, match="一次最多"):
        started(city)


def test_the_pages_lead_from_the_worklist_to_the_outcome_and_back() -> None:
    city = factory.city()
    city.published(name="火化登记信息")
    waiting = city.draft(name="火化设备名录")
    catalog.submit(actor=city.steward, resource_id=waiting.id, now=world.NOW)
    client = world.signed_in(city.steward)
    assert "/work/catalog/change/?q=%E7%81%AB%E5%8C%96" in client.get("/work/catalog/?q=火化").content.decode()
    address = "/work/catalog/change/?q=火化"
    assert "修改 2 条" in client.get(address).content.decode()
    assert client.post(address, {"count": "2"}).status_code == 422
    assert client.post(address, {"count": "1", "contact": "电话"}).status_code == 422
    answer = client.post(address, {"count": "2", "contact": "电话", "tags": "民生,殡葬"})
    assert answer.status_code == 302
    path = answer["Location"]
    assert "hx-get" in client.get(path).content.decode()
    catalog.work_off_changes(now=world.NOW)
    assert client.get(path, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    page = client.get(path).content.decode()
    assert "火化设备名录" in page
    assert "民生、殡葬" in page
    assert "撤销这次修改" in page
    other = world.signed_in(city.head)
    assert other.get(address).status_code == 403
    assert other.get(path).status_code == other.post(path).status_code == 404
    answer = client.post(path)
    assert answer.status_code == 302
    catalog.work_off_changes(now=world.NOW)
    assert "这次修改已撤销" in client.get(path).content.decode()
    assert client.post(path).status_code == 409
    assert "撤销" in client.get("/work/catalog/change/").content.decode()


def test_a_tag_is_added_or_taken_away_whatever_else_each_entry_has_and_undone() -> None:
    city = factory.city()
    one = city.published(name="火化登记信息", tags=("民生", "旧"))
    two = city.published(name="公墓名录", tags=("殡葬",), themes=("社会保障", "旧"))
    already = city.published(name="殡仪馆名录", tags=("殡葬", "民生"), themes=())
    made = started(city, {"tags_add": ["民生"], "tags_remove": ["旧"], "themes_remove": ["旧"]})
    done = worked_off(city, made.id)
    assert (done.changed, done.same, done.refused) == (2, 1, 0)
    tags = {number: catalog.working_copy(number, actor=city.steward).content.tags for number in (one.id, two.id, already.id)}
    assert tags == {one.id: ("民生",), two.id: ("殡葬", "民生"), already.id: ("殡葬", "民生")}
    assert catalog.working_copy(two.id, actor=city.steward).content.themes == ("社会保障",)
    undoing = catalog.undo_change(actor=city.steward, number=made.id, now=world.NOW)
    assert worked_off(city, undoing.id).changed == 2
    for entry in (one, two):
        back = catalog.working_copy(entry.id, actor=city.steward)
        assert (back.state, back.content) == ("published", catalog.resource(entry.id).content)


@pytest.mark.parametrize(
    "said",
    [
        {"tags": ["民生"], "tags_add": ["殡葬"]},
        {"tags_add": ["民生"], "tags_remove": ["民生"]},
        {"tags_add": ["长" * 121]},
        {"contact_add": ["电话"]},
    ],
)
def test_a_list_is_replaced_or_added_to_and_not_both(said: dict[str, object]) -> None:
    city = factory.city()
    city.published(name="火化登记信息")
    with pytest.raises(Invalid):
        started(city, said)


def test_what_stopped_by_a_fault_goes_on_when_its_keeper_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    city = factory.city()
    for name in ("火化登记信息", "公墓名录", "殡仪馆名录"):
        city.published(name=name)
    made = started(city)
    monkeypatch.setattr(changing, "_CHUNK", 1)
    change = changing._change

    def broken(*given: object) -> object:
        if catalog.bulk_edit(made.id, actor=city.steward).changed:
            raise RuntimeError
        return change(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(changing, "_change", broken)
        stopped = worked_off(city, made.id)
    assert (stopped.state, stopped.changed, stopped.waiting) == ("failed", 1, 2)
    client, other = world.signed_in(city.steward), world.signed_in(city.head)
    path = f"/work/catalog/change/{made.id}/"
    page = client.get(path).content.decode()
    assert "从断处继续" in page
    assert "还有 2 条没有处理" in page
    assert other.post(path, {"act": "resume"}).status_code == 404
    assert client.post(path, {"act": "resume"}).status_code == 302
    assert client.post(path, {"act": "resume"}).status_code == 409
    done = worked_off(city, made.id)
    assert (done.state, done.changed, done.failure) == ("done", 3, "")
