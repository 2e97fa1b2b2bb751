"""What a connected source can supply is not asked for again without a reason."""

from __future__ import annotations

import pytest

from factories import catalog as entries
from factories import services as factory
from factories import world
from zhengtong.apps.affairs.services import api as services
from zhengtong.apps.affairs.services.operations.naming import NamedSourceUnknown
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.kernel.errors import Invalid

pytestmark = pytest.mark.django_db
Act = services.Act
PHOTO = services.Material(material_name="死亡日期证明", source="upload")


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Resources behind which data is said to stand: what binding them takes is tested with exchange."""
    numbers: list[int] = []
    monkeypatch.setattr(exchange, "bound_resources", lambda: numbers)
    return numbers


def test_an_upload_that_a_bound_resource_supplies_needs_a_reason(bound: list[int]) -> None:
    desk = factory.desk()
    resource = desk.city.published()
    draft = desk.draft(materials=(PHOTO,))
    assert not services.findings(draft)
    bound.append(resource.id)
    with pytest.raises(services.Incomplete) as caught:
        desk.act(draft.id, Act.SUBMIT)
    assert (caught.value.field, caught.value.findings[0].rule) == ("materials-0-reason", "avoidable")
    reasoned = services.Material(material_name="死亡日期证明", source="upload", reason="历史档案没有数字化")
    saved = desk.saved(draft.id, materials=(reasoned,))
    (kept,) = saved.content.materials
    assert (kept.reason_by, kept.reason_at) == (desk.steward.name, world.NOW.isoformat())
    desk.act(draft.id, Act.SUBMIT)
    desk.act(draft.id, Act.PUBLISH)
    assert services.public_item(draft.code).content.materials[0].reason_by == desk.steward.name


def test_a_source_that_comes_while_an_item_is_in_review_stops_it(bound: list[int]) -> None:
    desk = factory.desk()
    resource = desk.city.published()
    draft = desk.draft(materials=(PHOTO,))
    desk.act(draft.id, Act.SUBMIT)
    bound.append(resource.id)
    with pytest.raises(services.Incomplete):
        desk.act(draft.id, Act.PUBLISH)
    assert services.own_item(draft.id, desk.approver).version_state == "submitted"


def test_what_the_bureau_names_counts_from_then_on() -> None:
    desk = factory.desk()
    resource = desk.city.published()
    item = desk.published(materials=(services.Material(material_name="火化证(复印件)", source="upload"),))
    assert not services.avoidable(desk.approver)
    named = {"source": "shared", "resource": resource.code, "resource_item": "死亡日期"}
    services.name_source(actor=desk.approver, name="火化证", now=world.NOW, **named)
    (found,) = services.avoidable(desk.approver)
    assert (found.item_id, found.material, found.supply.item) == (item.id, "火化证(复印件)", "死亡日期")
    (share,) = services.shares(desk.approver)
    assert (share.share.avoided, share.share.total, share.could) == (0, 1, 1)
    changed = desk.saved(item.id, promise_day=6)
    with pytest.raises(services.Incomplete):
        desk.act(changed.id, Act.SUBMIT)
    (line,) = services.named_sources()
    services.remove_source(actor=desk.approver, source_id=line.id, now=world.NOW)
    desk.act(changed.id, Act.SUBMIT)
    with pytest.raises(NamedSourceUnknown):
        services.remove_source(actor=desk.approver, source_id=line.id, now=world.NOW)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"name": ""}, "name"),
        ({"source": "upload"}, "source"),
        ({"resource": "999999/1"}, "resource"),
        ({"resource_item": "没有的项"}, "resource_item"),
        ({"source": "licence", "licence_type": " "}, "licence_type"),
    ],
)
def test_a_source_that_is_none_is_refused_by_field(told: dict[str, str], field: str) -> None:
    desk = factory.desk()
    resource = desk.city.published()
    good = {"name": "火化证", "source": "shared", "resource": resource.code, "resource_item": "死亡日期"}
    with pytest.raises(Invalid) as caught:
        services.name_source(actor=desk.approver, now=world.NOW, **{**good, **told})
    assert caught.value.field == field


def test_others_name_no_sources_and_see_only_their_own_ledger() -> None:
    desk, other = factory.desk(), entries.city("44", "广东省")
    for stranger in (desk.city.head, world.official()):
        with pytest.raises(services.ItemNotAllowed):
            services.name_source(actor=stranger, name="火化证", source="licence", licence_type="X", now=world.NOW)
        with pytest.raises(services.ItemNotAllowed):
            services.remove_source(actor=stranger, source_id=1, now=world.NOW)
    services.name_source(actor=desk.steward, name="近期照片", source="licence", licence_type="X1", now=world.NOW)
    draft = desk.draft()
    assert [one.item_id for one in services.avoidable(desk.steward)] == [draft.id]
    assert not services.avoidable(other.steward)
    assert not services.avoidable(other.approver)
    assert not services.shares(other.approver)


def test_the_door_hands_materials_on_with_their_sources() -> None:
    desk = factory.desk()
    shared = services.Material(material_name="身份证明", source="shared", resource="101001/000001", resource_item="公民身份号码")
    view = desk.published(materials=(shared,), process="joint-1", form=factory.FORM)
    found = services.item(view.code)
    assert [(one.name, one.source, one.resource, one.resource_item) for one in found.materials] == [
        ("身份证明", "shared", "101001/000001", "公民身份号码")
    ]
    assert (found.promised_days, found.statutory_days, found.office) == (5, 20, desk.office.code)
    assert (found.process, found.form) == ("joint-1", factory.FORM)
    assert list(found.form["properties"]) == ["reason", "age"], "fields keep their order"
    assert set(services.items([view.code, "none"])) == {view.code}
