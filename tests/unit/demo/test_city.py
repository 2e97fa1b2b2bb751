"""The demo city: valid but for its documented dirt, the same every time, and of one mind across departments."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from zhengtong.kernel.codes import credit_code, identity_number, regions
from zhengtong.kernel.codes.faults import InvalidCode, tidy
from zhengtong.kernel.codes.lists import ETHNIC_GROUPS
from zhengtong.kernel.errors import Invalid
from zhengtong.project.demo import dirt
from zhengtong.project.demo.city import DEFAULT_DAY, SCALES, DemoCity
from zhengtong.project.demo.departments import PERSON_NUMBER
from zhengtong.project.demo.draw import Draw
from zhengtong.project.demo.people import People
from zhengtong.project.demo.tables import BY_NAME, TABLES
from zhengtong.project.demo.territory import YUNZHOU, Division, Territory

IDENTITY_COLUMNS = [(table, column.name) for table in TABLES for column in table.columns if column.personal == "identity"]


def gather(city: DemoCity) -> dict[str, pl.DataFrame]:
    parts: dict[str, list[pl.DataFrame]] = {}
    for table, chunk in city.chunks():
        parts.setdefault(table.qualified, []).append(chunk)
    return {name: pl.concat(chunks) for name, chunks in parts.items()}


@pytest.fixture(scope="module")
def city() -> DemoCity:
    return DemoCity(SCALES["small"])


@pytest.fixture(scope="module")
def tables(city: DemoCity) -> dict[str, pl.DataFrame]:
    return gather(city)


def digest(tables: dict[str, pl.DataFrame]) -> str:
    whole = hashlib.sha256()
    for name in sorted(tables):
        whole.update(tables[name].write_csv().encode())
    return whole.hexdigest()


# ---------------------------------------------------------------------- shape
def test_every_table_is_filled_as_specified(tables: dict[str, pl.DataFrame]) -> None:
    assert set(tables) == set(BY_NAME)
    for name, frame in tables.items():
        assert frame.columns == [column.name for column in BY_NAME[name].columns]
        assert frame.height > 0
        if BY_NAME[name].unique:
            assert frame.select(BY_NAME[name].key).is_unique().all()
        if BY_NAME[name].updated:
            assert frame[BY_NAME[name].updated].dt.date().is_between(date(2024, 6, 29), DEFAULT_DAY).all()


def test_the_same_seed_gives_the_same_city(tables: dict[str, pl.DataFrame]) -> None:
    assert digest(gather(DemoCity(SCALES["small"]))) == digest(tables)
    assert digest(gather(DemoCity(SCALES["small"], seed=1))) != digest(tables)


def test_the_size_of_a_chunk_changes_nothing_but_the_order() -> None:
    whole, parts = gather(DemoCity(2_000)), gather(DemoCity(2_000, chunk=300))
    for name, frame in whole.items():
        assert frame.sort(pl.all()).equals(parts[name].sort(pl.all()))


def test_a_second_stream_of_one_city_is_the_same(city: DemoCity) -> None:
    first = gather(city)
    counted = (Counter(city.report.rows), Counter(city.report.faults))
    assert digest(gather(city)) == digest(first)
    assert (city.report.rows, city.report.faults) == counted


# ---------------------------------------------------------------------- validity
def faults(city: DemoCity, table: str, column: str, *kinds: str) -> int:
    return sum(count for (where, what, kind), count in city.report.faults.items() if (where, what) == (table, column) and kind in kinds)


def rule_broken(number: str) -> str:
    try:
        identity_number.parse(number, on=DEFAULT_DAY)
    except InvalidCode as refusal:
        return refusal.rule
    return ""


def without_repeats(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    return frame if BY_NAME[name].unique else frame.unique(maintain_order=True)


@pytest.mark.parametrize(("table", "column"), IDENTITY_COLUMNS)
def test_identity_numbers_are_valid_but_for_the_reported_dirt(
    city: DemoCity, tables: dict[str, pl.DataFrame], table: object, column: str
) -> None:
    name = table.qualified
    broken = Counter(rule_broken(number) for number in without_repeats(name, tables[name])[column])
    assert broken["check"] == faults(city, name, column, dirt.WRONG_CHECK)
    assert broken["length"] == faults(city, name, column, dirt.OLD_NUMBER)
    assert broken["alphabet"] == faults(city, name, column, dirt.FULL_WIDTH)
    assert set(broken) <= {"", "check", "length", "alphabet"}


@pytest.mark.parametrize(("name", "column"), [("market_regulation.company", "uscc"), ("taxation.dj_nsrxx", "NSRSBH")])
def test_credit_codes_are_valid_but_for_the_reported_dirt(city: DemoCity, tables: dict[str, pl.DataFrame], name: str, column: str) -> None:
    codes = tables[name][column].to_list()
    assert len(set(codes)) == len(codes)
    tidied = [tidy(code) for code in codes]
    assert sum(code != neat for code, neat in zip(codes, tidied, strict=True)) == faults(city, name, column, dirt.FULL_WIDTH)
    wrong = sum(not credit_code.is_valid(code) for code in tidied)
    assert wrong == faults(city, name, column, dirt.WRONG_CHECK)
    assert all(credit_code.parse(code).organisation_code_agrees for code in tidied if credit_code.is_valid(code))


def test_every_fault_is_found_in_the_rows_as_often_as_reported(city: DemoCity, tables: dict[str, pl.DataFrame]) -> None:
    for (name, column, kind), reported in city.report.faults.items():
        frame = tables[name]
        if kind == dirt.DUPLICATE:
            assert frame.height - frame.unique().height == reported
            continue
        value = without_repeats(name, frame)[column]
        found = {
            dirt.MISSING: value.is_null(),
            dirt.BLANKS: value.str.contains(r"\s$"),
            dirt.FULL_WIDTH: value.str.contains("[０-９]"),
            dirt.OTHER_DATE: value.str.contains("[/.年]"),
            dirt.OTHER_DOT: value.str.contains(r"[.•‧]"),
            dirt.OLD_NUMBER: value.str.len_chars() == 15,
        }.get(kind)
        if found is not None:
            assert found.sum() == reported, (name, column, kind)


@pytest.mark.usefixtures("tables")  # the report is complete when the stream has ended
def test_the_rates_are_the_documented_ones(city: DemoCity) -> None:
    always = {dirt.WRONG_CHECK, dirt.FULL_WIDTH, dirt.BLANKS, dirt.MISSING, dirt.OTHER_DATE, dirt.DUPLICATE}
    for name, kinds in dirt.FAULTS.items():
        row = pl.int_range(city.report.rows[name], eager=True)
        for fault in kinds:
            meant = dirt.chosen_rows(name, fault, row).sum()
            reported = city.report.faults[name, fault.column, fault.kind]
            assert reported == meant if fault.kind in always else 0 < reported <= meant
            whole = dirt.chosen_rows(name, fault, pl.int_range(10_000, eager=True)).sum()
            assert whole == fault.per_10_000


def test_no_value_has_two_faults() -> None:
    row = pl.int_range(10_000, eager=True)
    for name, kinds in dirt.FAULTS.items():
        for column in {fault.column for fault in kinds}:
            total = sum(dirt.chosen_rows(name, fault, row).cast(pl.Int64) for fault in kinds if fault.column == column)
            assert total.max() == 1


# ---------------------------------------------------------------------- sense
def test_departments_agree_about_a_person(tables: dict[str, pl.DataFrame]) -> None:
    persons = tables["public_security.czrk_jbxx"]
    truth = dict(zip(persons["GMSFHM"], persons["XM"], strict=True))
    assert len(truth) == persons.height == SCALES["small"]
    pairs = [
        ("human_resources.ac01_cbxx", "AAC002", "AAC003"),
        ("housing_fund.gjj_grzh", "ZJHM", "XINGMING"),
        ("health.ehr_resident", "id_card", "full_name"),
        ("natural_resources.不动产登记簿", "证件号码", "权利人"),
        ("civil_affairs.marriage_registration", "groom_id", "groom_name"),
        ("civil_affairs.marriage_registration", "bride_id", "bride_name"),
        ("market_regulation.company", "legal_rep_id", "legal_rep_name"),
        ("taxation.dj_nsrxx", "FDDBRSFZHM", "FDDBRXM"),
    ]
    for name, identity, person in pairs:
        agreed = 0
        for number, written in tables[name].select(identity, person).iter_rows():
            neat = tidy(number)
            if len(neat) == 15:
                neat = identity_number.upgrade(neat)
            if neat in truth:
                agreed += 1
                plain = written.strip().replace(".", "·").replace("•", "·").replace("‧", "·")
                assert truth[neat] == plain
        assert agreed > tables[name].height * 0.98


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("human_resources.ac01_cbxx", "AAC002"),
        ("natural_resources.不动产登记簿", "证件号码"),
        ("housing_fund.gjj_grzh", "ZJHM"),
        ("health.ehr_resident", "id_card"),
    ],
)
def test_the_truth_behind_a_dirty_row_is_known(city: DemoCity, tables: dict[str, pl.DataFrame], name: str, column: str) -> None:
    rows = tables[name].select(PERSON_NUMBER[name].alias("number"), column)
    truth = city.people.at(rows["number"])["identity"]
    clean = (truth == rows[column]).sum()
    assert rows.height * 0.97 < clean < rows.height
    assert (truth.str.slice(0, 6) == rows[column].map_elements(tidy, return_dtype=pl.String).str.slice(0, 6)).all()


def test_cooperatives_are_farmers(city: DemoCity) -> None:
    cooperatives = city.companies.rows.filter(pl.col("form") == "农民专业合作社")
    assert cooperatives.height > 20
    assert set(cooperatives["industry"]) <= {"A0111", "A0313", "C1371"}
    assert city.companies.rows["name"].is_unique().all()


def test_departments_agree_about_a_company(tables: dict[str, pl.DataFrame]) -> None:
    companies = tables["market_regulation.company"]
    names = {tidy(code): name.strip() for code, name in companies.select("uscc", "entity_name").iter_rows()}
    for name, code, company in (("human_resources.ac01_cbxx", "AAB999", "AAB004"), ("taxation.dj_nsrxx", "NSRSBH", "NSRMC")):
        known = [names[text] == written for text, written in tables[name].select(code, company).iter_rows() if text in names]
        assert all(known)
        assert len(known) > tables[name].height * 0.98


def test_the_number_says_what_the_columns_say(tables: dict[str, pl.DataFrame]) -> None:
    for number, sex, born, group, county in (
        tables["public_security.czrk_jbxx"].select("GMSFHM", "XB", "CSRQ", "MZ", "HKSZD_XZQH").head(3_000).iter_rows()
    ):
        parts = identity_number.parse(number)
        assert (parts.sex, f"{parts.birth_date:%Y%m%d}") == (sex, born)
        assert group in ETHNIC_GROUPS
        assert regions.parse(YUNZHOU.city.code).contains(regions.parse(county))


def test_families_make_sense(city: DemoCity) -> None:
    people = city.people.rows(0, 20_000)
    heads = people.select(head="number", head_age="age", head_home="address", head_sex="sex")
    members = people.join(heads, on="head")
    assert (members["address"] == members["head_home"]).all()
    children = members.filter(pl.col("role") == "C")
    assert (children["head_age"] - children["age"]).min() >= 24
    spouses = members.filter(pl.col("role") == "S")
    assert (spouses["sex"] != spouses["head_sex"]).all()
    assert spouses["age"].min() >= 22
    assert (members.filter(pl.col("role") == "P")["age"] > members.filter(pl.col("role") == "P")["head_age"]).all()
    assert people["name"].str.contains("·").sum() > 20
    back = city.people.at(people["spouse"].drop_nulls())["spouse"]
    assert back.to_list() == people.filter(pl.col("spouse").is_not_null())["number"].to_list()


def test_no_two_people_share_a_number_even_where_the_territory_is_full() -> None:
    one_county = Territory(YUNZHOU.city, YUNZHOU.counties[:1], YUNZHOU.towns[:1])
    people = People(Draw(3), one_county, 181_770, DEFAULT_DAY).rows(0, 181_770)
    assert people.height == 181_770 == people["identity"].n_unique()
    assert people["phone"].n_unique() > 150_000  # children answer their parents' telephone


def test_too_many_people_are_refused() -> None:
    small = Territory(YUNZHOU.city, YUNZHOU.counties[:1], YUNZHOU.towns[:1])
    for persons in (0, 15, 181_780):
        with pytest.raises(Invalid) as refusal:
            DemoCity(persons, territory=small)
        assert refusal.value.field == "persons"
    assert DemoCity(10, territory=small).people.count == 10


# ---------------------------------------------------------------------- places and chance
def test_the_city_may_lie_in_real_divisions(shared_data: Path) -> None:
    def rows(name: str) -> list[tuple[str, str]]:
        with (shared_data / "divisions" / name).open(encoding="utf-8", newline="") as file:
            return [(row["code"], row["name"]) for row in csv.DictReader(file)]

    territory = Territory.of(("3708", "云州市"), rows("areas.csv"), rows("streets.csv"))
    assert len(territory.counties) > 8
    assert all(county.code.startswith("3708") for county in territory.counties)
    tables = gather(DemoCity(1_000, territory=territory))
    assert set(tables["public_security.czrk_jbxx"]["HKSZD_XZQH"]) <= {county.code for county in territory.counties}
    assert tables["civil_affairs.admin_division"].height == 1 + len(territory.counties) + sum(map(len, territory.towns))


def test_divisions_that_do_not_fit_are_refused() -> None:
    town = (Division("379902001", "云河街道"),)
    for counties, towns in (
        ((), ()),
        ((Division("370811", "任城区"),), (town,)),
        ((Division("379902", "云城区"),), ((),)),
        ((Division("379903", "东湖区"),), (town,)),
    ):
        with pytest.raises(InvalidCode):
            Territory(YUNZHOU.city, counties, towns)


def test_draws_are_those_of_splitmix() -> None:
    mask, golden = 2**64 - 1, 0x9E3779B97F4A7C15
    offset = int.from_bytes(hashlib.sha256(b"7:stream").digest()[:8], "big")

    def reference(index: int) -> int:
        value = (index * golden + offset) & mask
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & mask
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & mask
        return value ^ (value >> 31)

    drawn = Draw(7).raw("stream", pl.int_range(50, eager=True)).to_list()
    assert drawn == [reference(index) for index in range(50)]
