"""What every answer of a source does to a field, to a filing and to the decision; through real HTTP."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from factories import sharing, world
from factories.filing import GARBAGE, NOTHING, NOW, PURPOSE, SLOW, Gateway, Town, answered, filer, person, simple_form, source
from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.filing import api as filing
from zhengtong.apps.affairs.filing.models import Draft, DraftField, SourceHealth
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel.actors import Duty

pytestmark = pytest.mark.django_db
State, Meaning = filing.FieldState, filing.Meaning
ROW = {"sfzh": "1", "xm": "张小明", "sjh": "13812345678"}
LATER = NOW + timedelta(minutes=5)


def decided(number: str, town: Town, *, at: Any = LATER) -> cases.Done:
    """Take a case to the approver's word."""
    staff = town.staff()
    for step, who, outcome in (("accept", "clerk", "agree"), ("review", "handler", "reviewed"), ("decide", "approver", "agree")):
        view = cases.case(number, actor=staff["clerk"], now=at)
        visit = next((one.number for one in view.open if one.step == step), None)
        if visit is not None:
            act = f"{step}-{at.isoformat()}"
            done = cases.complete(actor=staff[who], number=number, visit=visit, outcome=outcome, act_id=act, now=at)
    return done


def test_one_call_for_all_items_of_a_resource_with_purpose_and_case(town: Town, gateway: Gateway) -> None:
    code = town.source("人口信息")
    gateway.rows[code] = [ROW]
    who = filer(person())
    item = town.item(simple_form(code))
    public = filing.begin(filer=who, item_code=item.code, now=NOW)
    [(asked, query, purpose)] = gateway.asked
    assert asked == code
    assert query["sfzh"] == [who.party.code]
    assert set(query["fields"][0].split(",")) == {"xm", "sjh"}
    assert purpose == f"{PURPOSE};case=draft-{public.hex[:12]}"
    view = filing.draft(who, public)
    name = view.fields["name"]
    assert (name.value, name.state, name.provider, name.fetched_at) == ("张小明", State.OK, "市公安局", NOW)
    assert name.evidence == "r000001"


def test_what_is_kept_is_sealed(town: Town, gateway: Gateway) -> None:
    code = town.source("人口信息")
    gateway.rows[code] = [ROW]
    who = filer(person())
    answered(who, town.item(simple_form(code)).code)
    rows = [str(vars(row)) for row in (*Draft.objects.all(), *DraftField.objects.all())]
    assert not [row for row in rows for secret in (who.party.code, "13812345678", "行动不便") if secret in row]


@pytest.mark.parametrize(
    ("says", "meaning", "goes_on"),
    [
        (404, Meaning.MISSING, False),
        (429, Meaning.FAILED, True),
        (500, Meaning.FAILED, True),
        (403, Meaning.REFUSED, True),
        (401, Meaning.REFUSED, True),
        (GARBAGE, Meaning.FAILED, True),
        (NOTHING, Meaning.FAILED, True),
        (SLOW, Meaning.FAILED, True),
    ],
)
def test_only_the_word_of_the_register_stops_a_filing(
    town: Town, gateway: Gateway, says: int | str, meaning: Meaning, *, goes_on: bool
) -> None:
    code = town.source("人口信息")
    gateway.says[code] = says
    who, item = filer(person()), town.item(simple_form(code))
    public = filing.begin(filer=who, item_code=item.code, now=NOW)
    name = filing.draft(who, public).fields["name"]
    assert (name.meaning, name.value) == (meaning, None)
    assert name.state is (State.DEGRADED if goes_on else State.DECLARED)
    if not goes_on:
        with pytest.raises(filing.FieldLocked):
            filing.save(filer=who, public=public, values={"name": "张小明"}, now=NOW)
        with pytest.raises(filing.NotComplete) as refused:
            filing.submit(filer=who, public=public, now=NOW)
        assert "没有您的“姓名”登记" in refused.value.sentence
        return
    filing.save(filer=who, public=public, values={"name": "张小明", "phone": "13812345678", "why": "行动不便"}, now=NOW)
    assert filing.draft(who, public).fields["name"].state is State.DECLARED
    number = filing.submit(filer=who, public=public, now=NOW)
    # what the law takes from the register is owed; the decision waits for it and names the source
    with pytest.raises(cases.CaseHeld) as held:
        decided(number, town)
    assert "姓名(市公安局)" in held.value.sentence
    # it heals by itself
    gateway.says.clear()
    gateway.rows[code] = [ROW]
    assert filing.heal(now=NOW) == 0
    assert filing.heal(now=LATER) == 1
    assert gateway.asked[-1][2] == f"{PURPOSE};case={number}"
    assert filing.draft(who, public).fields["name"].state is State.OK
    assert filing.heal(now=LATER + timedelta(days=1)) == 0
    assert decided(number, town, at=LATER + timedelta(minutes=1)).repeated is False


def test_a_refusal_of_our_own_key_reaches_the_operator_once_an_hour(town: Town, gateway: Gateway) -> None:
    operator = world.official(duty=Duty.SYSTEM)
    code = town.source("人口信息")
    gateway.says[code] = 403
    item = town.item(simple_form(code))
    for minutes in (0, 10, 20, 90):
        filing.begin(filer=filer(person()), item_code=item.code, now=NOW + timedelta(minutes=minutes))
    told = [one for one in notices.notices(operator, limit=10) if "grant-suspended" in str(one.text)]
    assert len(told) == 2
    assert len(security.entries(security.EntryFilter(event="filing:source:refused"), limit=10)) in {0, 2}
    assert SourceHealth.objects.get().silent_since == NOW


def test_a_failure_of_a_provider_is_not_the_operators_fault(town: Town, gateway: Gateway) -> None:
    operator = world.official(duty=Duty.SYSTEM)
    code = town.source("人口信息")
    gateway.says[code] = 500
    filing.begin(filer=filer(person()), item_code=town.item(simple_form(code)).code, now=NOW)
    assert not notices.notices(operator, limit=10)
    [row] = filing.sources(now=NOW)
    assert (row.silent, row.silent_since) == (True, NOW)


def test_nobody_waits_for_what_somebody_has_just_waited_for(town: Town, gateway: Gateway) -> None:
    code = town.source("人口信息")
    gateway.says[code] = 500
    item = town.item(simple_form(code))
    for seconds in (0, 5, 10):
        filing.begin(filer=filer(person()), item_code=item.code, now=NOW + timedelta(seconds=seconds))
    assert gateway.count(code) == 1
    filing.begin(filer=filer(person()), item_code=item.code, now=NOW + timedelta(seconds=30))
    assert gateway.count(code) == 2


def test_a_resource_that_is_not_granted_is_never_asked_for(town: Town, gateway: Gateway) -> None:
    town.source("人口信息")
    other = catalog.resource(sharing.resource(town.circle.provider, name="社会保险信息")).code
    who = filer(person())
    public = filing.begin(filer=who, item_code=town.item(simple_form(other)).code, now=NOW)
    assert not gateway.asked
    assert filing.draft(who, public).fields["name"].meaning is Meaning.REFUSED


def test_a_grant_for_another_purpose_opens_nothing(town: Town, gateway: Gateway) -> None:
    code = town.source("人口信息", purpose_code="enrol")
    filing.begin(filer=filer(person()), item_code=town.item(simple_form(code)).code, now=NOW)
    assert not gateway.asked


def test_six_sources_take_about_as_long_as_one(town: Town, gateway: Gateway) -> None:
    codes = [town.source(f"信息{number}") for number in range(6)]
    gateway.rows |= {code: [ROW] for code in codes}
    gateway.delay = 0.3
    fields = {f"f{number}": {"type": "string", "title": f"项{number}", **source(code, "xm")} for number, code in enumerate(codes)}
    item = town.item({"type": "object", "title": "六个来源", "properties": fields})
    begun = time.perf_counter()
    filing.begin(filer=filer(person()), item_code=item.code, now=NOW)
    assert len(gateway.asked) == 6
    assert time.perf_counter() - begun < 6 * 0.3


def test_rows_that_disagree_are_the_applicants_to_choose(town: Town, gateway: Gateway) -> None:
    code = town.source("人口信息")
    gateway.rows[code] = [ROW, {**ROW, "sjh": "13912345678"}]
    who = filer(person())
    public = filing.begin(filer=who, item_code=town.item(simple_form(code)).code, now=NOW)
    view = filing.draft(who, public)
    assert (view.fields["phone"].meaning, view.fields["phone"].value) == (Meaning.AMBIGUOUS, None)
    assert view.fields["name"].state is State.OK


def test_what_changed_at_the_source_is_shown_before_it_is_filed(town: Town, gateway: Gateway) -> None:
    code = town.source("人口信息")
    gateway.rows[code] = [ROW]
    who = filer(person())
    public = answered(who, town.item(simple_form(code)).code)
    gateway.rows[code] = [{**ROW, "xm": "张晓明"}]
    with pytest.raises(filing.SourceChanged) as changed:
        filing.submit(filer=who, public=public, now=NOW)
    assert "姓名" in changed.value.sentence
    assert filing.submit(filer=who, public=public, now=NOW)


def test_a_source_that_dies_before_submission_leaves_a_stale_value_and_a_hold(town: Town, gateway: Gateway) -> None:
    code = town.source("人口信息")
    gateway.rows[code] = [ROW]
    who = filer(person())
    public = answered(who, town.item(simple_form(code)).code)
    gateway.says[code] = 500
    number = filing.submit(filer=who, public=public, now=NOW)
    assert filing.draft(who, public).fields["name"].state is State.STALE
    with pytest.raises(cases.CaseHeld):
        decided(number, town)
    # a source that comes back and says something else lifts the hold; the office sees both
    gateway.says.clear()
    gateway.rows[code] = [{**ROW, "xm": "张晓明"}]
    filing.heal(now=LATER)
    name = filing.draft(who, public).fields["name"]
    assert (name.value, name.said, name.state) == ("张小明", "张晓明", State.DECLARED)
    found = filing.provenance(number)
    assert found is not None
    assert [one.title for one in found.origins if one.contradicted] == ["姓名"]
    assert decided(number, town, at=LATER + timedelta(minutes=1))


def test_a_value_found_by_another_answer_follows_it(town: Town, gateway: Gateway) -> None:
    code = town.source("企业信息")
    fields = {
        "spouse": {"type": "string", "format": "cn-identity", "title": "配偶号码"},
        "spouse_name": {"type": "string", "format": "cn-name", "title": "配偶姓名", **source(code, "xm", by="spouse")},
    }
    item = town.item({"type": "object", "title": "配偶", "properties": fields})
    who = filer(person())
    public = filing.begin(filer=who, item_code=item.code, now=NOW)
    assert not gateway.asked
    for number, name in (("11010519491231002X", "李四"), ("440524188001010014", "王五")):
        gateway.rows[code] = [{"xm": name}]
        filing.save(filer=who, public=public, values={"spouse": number}, now=NOW)
        view = filing.refresh(filing.draft(who, public), filer=who, now=NOW)
        assert gateway.asked[-1][1]["sfzh"] == [number]
        assert view.fields["spouse_name"].value == name
