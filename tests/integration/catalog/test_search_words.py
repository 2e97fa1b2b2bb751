"""Synonyms that the bureau keeps, initials, reasons, and questions that somebody follows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from factories import catalog as factory
from factories import world
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel.errors import ZhengtongError

pytestmark = pytest.mark.django_db
LATER = world.NOW + timedelta(minutes=5)


def found(text: str) -> list[str]:
    return [hit.name for hit in catalog.search(catalog.SearchQuestion(text)).hits]


def add(actor: identity.Actor, text: str) -> int:
    return catalog.add_synonyms(actor=actor, text=text, note="", now=world.NOW)


def test_a_synonym_finds_at_once_what_its_word_does_not_hold() -> None:
    city = factory.city(office="山东省民政厅", short_name="民政厅")
    city.published(name="最低生活保障对象", summary="困难家庭")
    city.published(name="低保边缘户名册", summary="困难家庭")
    catalog.rebuild()
    assert found("低保") == ["低保边缘户名册"]
    assert add(city.approver, "低保、最低生活保障\n城乡、乡镇") == 2
    assert found("低保") == ["低保边缘户名册", "最低生活保障对象"]
    assert found("低保 对象") == ["最低生活保障对象"]
    hit = catalog.search(catalog.SearchQuestion("低保")).hits[1]
    assert [(one.asked, one.found, one.place) for one in hit.reasons] == [("低保", "最低生活保障", "name")]
    [group] = catalog.synonym_groups(text="低保")
    catalog.change_synonyms(actor=city.approver, group_id=group.id, line="低保、救助", note="改", now=LATER)
    assert found("低保") == ["低保边缘户名册"]
    assert catalog.remove_synonyms(actor=city.approver, group_id=group.id, now=LATER) == ("低保", "救助")
    with pytest.raises(catalog.SynonymsUnknown):
        catalog.synonym_group(group.id)
    security.unfold()
    events = [row.event for row in security.entries(security.EntryFilter(event="catalog:synonyms:"))]
    assert sorted(events) == [f"catalog:synonyms:{event}" for event in ("added", "added", "changed", "removed")]


def test_initials_of_names_and_offices_find() -> None:
    city = factory.city(office="山东省民政厅", short_name="民政厅")
    city.published(name="殡葬火化信息")
    catalog.rebuild()
    for text in ("bzhh", "hhxx", "mzt", "sdsmzt"):
        assert found(text) == ["殡葬火化信息"], text
    assert found("zhh") == []


def test_a_word_belongs_to_one_group_and_half_a_text_is_not_taken() -> None:
    city = factory.city()
    add(city.approver, "低保、最低生活保障")
    with pytest.raises(catalog.SynonymTaken, match="最低生活保障"):
        add(city.approver, "社保、社会保险\n救助、最低生活保障")
    with pytest.raises(catalog.SynonymsInvalid, match="第 2 行"):
        add(city.approver, "社保、社会保险\n救助")
    assert [one.words for one in catalog.synonym_groups()] == [("低保", "最低生活保障")]


def test_only_the_bureaus_approvers_keep_words() -> None:
    city = factory.city()
    add(city.approver, "低保、最低生活保障")
    [group] = catalog.synonym_groups()
    for actor in (city.steward, city.head, world.official()):
        acts = (
            lambda: add(actor, "甲、乙"),  # noqa: B023 - called at once
            lambda: catalog.change_synonyms(actor=actor, group_id=group.id, line="甲、乙", note="", now=LATER),  # noqa: B023
            lambda: catalog.remove_synonyms(actor=actor, group_id=group.id, now=LATER),  # noqa: B023
        )
        for act in acts:
            with pytest.raises(catalog.NotAllowed):
                act()
    assert len(catalog.synonym_groups()) == 1


def test_groups_are_paged_by_key_and_narrowed() -> None:
    city = factory.city()
    add(city.approver, "\n".join(f"词{number}、语{number}" for number in range(7)))
    first = catalog.synonym_groups(limit=3)
    rest = catalog.synonym_groups(after=str(first[-1].id), limit=10)
    assert [one.line for one in [*first, *rest]] == [f"词{number}、语{number}" for number in reversed(range(7))]
    assert [one.line for one in catalog.synonym_groups(text="语3")] == ["词3、语3"]


# --------------------------------------------------------------------------- followed
def told(actor: identity.Actor) -> list[str]:
    return [one.text for one in notices.notices(actor)]


def test_who_follows_a_question_is_told_once_of_what_is_published_afterwards() -> None:
    city = factory.city()
    city.published(name="火化登记旧目录")
    catalog.rebuild()
    reader = world.official()
    catalog.keep_search(actor=reader, text="火化", chosen={}, now=LATER)
    assert catalog.keep_search(actor=reader, text=" 火化 ", chosen={}, now=LATER) == catalog.saved_searches(reader)[0].id
    after = LATER + timedelta(minutes=1)
    city.published(name="婚姻登记信息", summary="结婚和离婚", now=after)
    fresh = city.published(name="火化证信息", now=after)
    assert catalog.tell_of_new_hits(now=after) == 0  # the index has not seen them yet; they are read again
    while catalog.index_once():
        pass
    assert catalog.tell_of_new_hits(now=after) == 1
    assert told(reader) == ["您关注的“火化”有 1 条新目录:火化证信息"]
    catalog.submit(
        actor=city.steward,
        resource_id=catalog.save_draft(
            actor=city.steward,
            resource_id=fresh.id,
            revision=catalog.working_copy(fresh.id, actor=city.steward).revision,
            content=factory.content(name="火化证明信息"),
            now=after,
        ).id,
        now=after,
    )
    catalog.approve(actor=city.head, resource_id=fresh.id, now=after)
    catalog.publish(actor=city.approver, resource_id=fresh.id, now=after)
    while catalog.index_once():
        pass
    assert catalog.tell_of_new_hits(now=after) == 0
    [kept] = catalog.saved_searches(reader)
    assert (kept.text, kept.told) == ("火化", 1)
    with pytest.raises(catalog.SavedSearchUnknown):
        catalog.forget_search(actor=city.steward, search_id=kept.id)
    catalog.forget_search(actor=reader, search_id=kept.id)
    assert catalog.saved_searches(reader) == []


def test_a_followed_facet_narrows_and_everything_cannot_be_followed() -> None:
    city = factory.city()
    catalog.rebuild()
    reader = world.official()
    catalog.keep_search(actor=reader, text="", chosen={"office": city.office.code}, now=world.NOW)
    catalog.keep_search(actor=reader, text="", chosen={"office": "11370000MB0000000X"}, now=world.NOW)
    city.published(now=LATER)
    while catalog.index_once():
        pass
    assert catalog.tell_of_new_hits(now=LATER) == 1
    assert len(told(reader)) == 1
    for text, chosen in (("", {}), ("  ", {"nonsense": "x"})):
        with pytest.raises(catalog.SearchNotKept):
            catalog.keep_search(actor=reader, text=text, chosen=chosen, now=world.NOW)


def test_there_is_a_limit_to_following() -> None:
    catalog.rebuild()
    reader = world.official()
    for number in range(catalog.MOST_SEARCHES):
        catalog.keep_search(actor=reader, text=f"词{number}", chosen={}, now=world.NOW)
    with pytest.raises(catalog.SearchNotKept, match=str(catalog.MOST_SEARCHES)):
        catalog.keep_search(actor=reader, text="还有", chosen={}, now=world.NOW)
    assert len(catalog.saved_searches(reader)) == catalog.MOST_SEARCHES
    assert catalog.keep_search(actor=reader, text="词0", chosen={}, now=world.NOW)  # kept already


# --------------------------------------------------------------------------- pages
def test_the_pages_keep_words_and_questions() -> None:
    city = factory.city()
    entry = city.published()
    catalog.rebuild()
    bureau, steward = world.signed_in(city.approver), world.signed_in(city.steward)
    assert bureau.post("/share/synonyms/", {"words": "火化"}).status_code == 422
    assert bureau.post("/share/synonyms/", {"words": "火化、遗体处置", "note": "口语"}).status_code == 302
    [group] = catalog.synonym_groups()
    assert "火化、遗体处置" in steward.get("/share/synonyms/").content.decode()
    assert "火化、遗体处置" in steward.get("/share/synonyms.csv").content.decode("utf-8-sig")
    shown = steward.get("/share/?q=遗体处置").content.decode()
    assert entry.name in shown.replace("<mark>", "").replace("</mark>", "")
    assert "(即“遗体处置”)" in shown
    for client, status in ((steward, 403), (bureau, 200)):
        assert client.get(f"/share/synonyms/{group.id}/").status_code == status
    assert steward.post("/share/synonyms/", {"words": "甲、乙"}).status_code == 403
    assert steward.post(f"/share/synonyms/{group.id}/remove/").status_code == 403
    assert bureau.post(f"/share/synonyms/{group.id}/", {"words": "火化、火葬"}).status_code == 302
    removed = bureau.post(f"/share/synonyms/{group.id}/remove/")
    assert "火化、火葬" in bureau.get(removed["Location"]).content.decode()
    assert bureau.get(f"/share/synonyms/{group.id}/").status_code == 404
    assert steward.post("/share/followed/add/", {"q": "火化", "sharing": "2"}).status_code == 302
    page = steward.get("/share/followed/").content.decode()
    assert "火化" in page
    [kept] = catalog.saved_searches(city.steward)
    assert bureau.post(f"/share/followed/{kept.id}/remove/").status_code == 404
    assert steward.post(f"/share/followed/{kept.id}/remove/").status_code == 302
    assert steward.post("/share/followed/add/", {"q": ""}).status_code == 302
    assert catalog.saved_searches(city.steward) == []


def test_errors_of_words_are_said_in_english_too() -> None:
    city = factory.city()
    client = world.signed_in(city.approver)
    client.cookies["zhengtong_language"] = "en"
    answer = client.post("/share/synonyms/", {"words": "甲、乙\n丙"}).content.decode()
    assert "Line 2" in answer
    assert isinstance(catalog.SynonymsInvalid("x"), ZhengtongError)
