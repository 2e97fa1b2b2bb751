"""Entries are measured when they change, when what is behind them changes and when time passes; sums always add up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories import catalog as entries
from factories import world
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality import api as quality
from zhengtong.apps.resources.quality.models import EntryFault, EntryScore, ItemGroup, ItemGroupOffice, ItemUse, OfficeTally, RuleTally
from zhengtong.apps.resources.quality.operations import measuring
from zhengtong.apps.resources.quality.queries import neighbours

pytestmark = pytest.mark.django_db


def sums() -> list[object]:
    """Every sum that is kept."""
    return [
        sorted(OfficeTally.objects.filter(entries__gt=0).values_list("office", "entries", "points", "bound", "late")),
        sorted(RuleTally.objects.filter(entries__gt=0).values_list("office", "rule", "entries", "points")),
        sorted(ItemGroupOffice.objects.values_list("group__key", "office", "uses")),
        sorted(ItemGroup.objects.filter(uses__gt=0).values_list("key", "offices", "uses")),
    ]


def follow() -> None:
    while quality.follow(now=world.NOW):
        pass


def test_an_entry_is_measured_when_it_is_published_changed_and_withdrawn() -> None:
    city = entries.city()
    first, second = city.published(), city.published(name="火化证明信息", items=entries.ITEMS[:1])
    follow()
    assert EntryScore.objects.count() == 2
    score = quality.entry_score(first.id)
    assert score is not None
    assert {fault.rule.code for fault in score.faults} == {"contact-unreachable", "unbound", "item-lengths-missing"} - {
        "item-lengths-missing"
    }
    assert score.score == 100 - sum(fault.points for fault in score.faults)
    office = quality.office_score(city.office.code)
    assert office is not None
    assert (office.entries, office.average, office.unbound) == (2, score.score, 2)

    draft = catalog.working_copy(second.id, actor=city.steward)
    catalog.save_draft(
        actor=city.steward,
        resource_id=second.id,
        content=entries.content(name="火化证明信息", contact="0531-8600001"),
        revision=draft.revision,
        now=world.NOW,
    )
    follow()
    assert quality.entry_score(second.id).score == score.score  # type: ignore[union-attr]  # a draft changes nothing
    city.publish(second.id)
    follow()
    assert quality.entry_score(second.id).score == score.score + 5  # type: ignore[union-attr]
    catalog.withdraw(actor=city.head, resource_id=first.id, reason="停办", now=world.NOW)
    follow()
    assert quality.entry_score(first.id) is None
    assert not EntryFault.objects.filter(resource=first.id).exists()
    assert not ItemUse.objects.filter(resource=first.id).exists()
    kept = sums()
    measuring.recount()
    assert sums() == kept


def test_what_is_bound_is_asked_of_whoever_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    city = entries.city()
    one = city.published(contact="0531-8600001")
    follow()
    monkeypatch.setattr(neighbours, "_bindings", {"test": lambda ids: dict.fromkeys(ids, quality.Bound(world.TODAY))})
    quality.binding_changed(one.id, at=world.NOW)
    follow()
    score = quality.entry_score(one.id)
    assert score is not None
    assert (score.score, score.bound, score.due_on) == (100, True, world.TODAY + timedelta(days=1))
    assert quality.recheck(now=world.NOW) == 0
    assert quality.recheck(now=world.NOW + timedelta(days=30)) == 1
    late = quality.entry_score(one.id)
    assert late is not None
    assert late.late
    assert [fault.rule.code for fault in late.faults] == ["collection-late"]


def test_a_rebuild_comes_to_the_same_and_forgets_what_is_gone() -> None:
    city = entries.city()
    kept = [city.published(name=f"目录{number}").id for number in range(3)]
    follow()
    before = sums()
    OfficeTally.objects.update(points=7)
    EntryScore.objects.filter(pk=kept[1]).delete()
    assert quality.rebuild(now=world.NOW) == 3
    assert sums() == before
    catalog.withdraw(actor=city.head, resource_id=kept[1], reason="停办", now=world.NOW)
    quality.rebuild(now=world.NOW)
    assert set(EntryScore.objects.values_list("pk", flat=True)) == {kept[0], kept[2]}


def test_an_installation_that_never_measured_measures_everything() -> None:
    city = entries.city()
    city.published()
    EntryScore.objects.all().delete()
    assert quality.follow(now=world.NOW) == 1


def test_measuring_many_takes_as_many_queries_as_measuring_few() -> None:
    city = entries.city()
    ids = [city.published(name=f"目录{number}").id for number in range(12)]
    quality.rebuild(now=world.NOW)

    def queries(some: list[int]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            measuring.measure(some, now=world.NOW)
        return len(caught)

    assert queries(ids) == queries(ids[:2]) <= 25


def test_the_month_is_written_over_until_it_ends() -> None:
    city = entries.city()
    city.published()
    follow()
    quality.keep_month(now=world.NOW)
    city.published(name="另一条")
    follow()
    quality.keep_month(now=world.NOW)
    quality.keep_month(now=world.NOW + timedelta(days=30))
    assert [(one.month.month, one.entries) for one in quality.months(city.office.code)] == [(7, 2), (6, 2)]
