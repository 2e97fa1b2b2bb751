"""Rows of open datasets: a table beside the files, the same rows, gone with a withdrawal, never half."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import psycopg
import pytest
from django.core.files.storage import default_storage
from django.test import Client

from factories.opening import Opening
from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.models import Build, PublishedTable
from zhengtong.apps.flow.opendata.operations import outcomes, tabling
from zhengtong.engines.rowquery import reading
from zhengtong.engines.rowquery.question import AggregateQuestion, FacetQuestion, Measure, Question, Sort
from zhengtong.engines.rowquery.refusals import BadCursor, RowRefusal, UnknownItem

pytestmark = pytest.mark.usefixtures("hub")


def relations(url: str) -> set[str]:
    with psycopg.connect(url) as server:
        return {str(name) for (name,) in server.execute("select tablename from pg_tables where schemaname = 'opened'")}


def text_of(number: int, form: str = "csv", **asked: object) -> bytes:
    table = opendata.row_schema(number)
    return b"".join(opendata.dump(table, Question(limit=None, **asked), form))  # type: ignore[arg-type]


def test_the_table_has_the_rows_of_the_files(opening: Opening) -> None:
    number = opening.opened()
    table = opendata.row_schema(number)
    assert (table.rows, table.version, table.keys) == (12, 1, ("dm",))
    view, _title = opendata.file(number, 1, "data.csv")
    with default_storage.open(view.stored, "rb") as source:
        assert text_of(number) == source.read().removeprefix(b"\xef\xbb\xbf")
    lines = [json.loads(line) for line in text_of(number, "ndjson").splitlines()]
    view, _title = opendata.file(number, 1, "data.json")
    with default_storage.open(view.stored, "rb") as source:
        assert lines == json.load(source)
    assert opendata.rows(table, Question()).records() == lines


def test_pages_facets_and_measures(opening: Opening) -> None:
    table = opendata.row_schema(opening.opened())
    first = opendata.rows(table, Question(sort=(Sort("rks", descending=True),), limit=5))
    assert [row["rks"] for row in first.records()] == [1011, 1010, 1009, 1008, 1007]
    assert first.total == 12
    after = opendata.rows(table, Question(sort=(Sort("rks", descending=True),), limit=100, after=first.next or ""))
    assert [row["rks"] for row in after.records()] == [1006, 1005, 1004, 1003, 1002, 1001, 1000]
    assert after.next is None
    with pytest.raises(BadCursor):
        opendata.rows(table, Question(after=first.next or ""))
    asked = reading.rows_question(table, [("where", '{"or":[{"item":"rks","op":"lt","value":1002},{"item":"dm","value":"370111"}]}')])
    found = opendata.rows(table, asked)
    assert ([row["dm"] for row in found.records()], found.total) == (["370100", "370101", "370111"], 3)
    (facet,) = opendata.row_facets(table, FacetQuestion(("gx",)))
    assert [(one.value, one.count) for one in facet.values] == [("2026-06-01", 12)]
    measured, more = opendata.row_aggregate(
        table, AggregateQuestion((Measure("count"), Measure("sum", "mj"), Measure("avg", "rks"), Measure("max", "gx")))
    )
    assert measured == [{"count": 12, "sum_mj": "150.00", "avg_rks": 1005.5, "max_gx": "2026-06-01"}]
    assert not more
    with pytest.raises(UnknownItem):
        opendata.rows(table, Question(fields=("lxr",)))


def test_a_withdrawal_counts_from_the_next_question_on(opening: Opening) -> None:
    number = opening.opened()
    opendata.withdraw(actor=opening.circle.approver, number=number, reason="清单调整", now=NOW)
    with pytest.raises(opendata.DatasetGone):
        opendata.row_schema(number)
    with pytest.raises(opendata.DatasetUnknown):
        opendata.row_schema(10**6)


def test_an_older_version_is_read_for_an_hour_and_then_dropped(opening: Opening, hub: str) -> None:
    number = opening.opened()
    old = opendata.row_schema(number)
    page = opendata.rows(old, Question(limit=5))
    before = text_of(number)
    opening.change("update civil.division set people = 1 where code = '370105'")
    opendata.follow(now=NOW)
    assert opening.build() is opendata.BuildState.DONE
    assert opendata.row_schema(number).version == 2
    assert b"".join(opendata.dump(old, Question(limit=None), "csv")) == before
    again = opendata.row_schema(number, version=1)
    assert len(opendata.rows(again, Question(after=page.next or "")).rows) == 7
    with pytest.raises(BadCursor):
        opendata.rows(opendata.row_schema(number), Question(after=page.next or ""))
    retired = PublishedTable.objects.get(version__number=1)
    assert retired.retired_at is not None
    assert opendata.drop_retired(now=retired.retired_at + timedelta(minutes=59)) == 0
    reader = opendata.dump(old, Question(limit=None), "csv")
    assert next(reader)
    next(reader)
    reader.close()
    assert opendata.drop_retired(now=retired.retired_at + timedelta(minutes=61)) == 1
    assert old.relation not in relations(hub)
    with pytest.raises(opendata.RowsUnknown):
        opendata.row_schema(number, version=1)


def test_a_killed_build_leaves_nothing_to_be_seen(opening: Opening, hub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    number = opening.opened()
    before = relations(hub)
    opening.change("update civil.division set people = 1 where code = '370105'")
    opendata.follow(now=NOW)

    def killed(*_args: object, **_facts: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(outcomes, "published", killed)
        with pytest.raises(KeyboardInterrupt):
            opening.build()
    left = relations(hub) - before
    assert len(left) == 1
    assert opendata.row_schema(number).version == 1
    Build.objects.filter(state="running").update(state="queued")
    assert opening.build() is opendata.BuildState.DONE
    assert opendata.row_schema(number).version == 2
    # the build has the name it had, or another; what was left is named now or gone
    assert relations(hub) - before == {PublishedTable.objects.get(version__number=2).relation}


def test_a_version_without_a_table_gets_one(opening: Opening) -> None:
    number = opening.opened()
    PublishedTable.objects.all().delete()
    with pytest.raises(opendata.RowsUnknown):
        opendata.row_schema(number)
    assert opendata.follow(now=NOW) == 1
    assert opening.build() is opendata.BuildState.UNCHANGED
    assert opendata.row_schema(number).version == 1
    assert opendata.follow(now=NOW) == 0


def test_a_large_table_has_indexes_and_counts(opening: Opening, hub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabling, "SMALL", 5)
    monkeypatch.setattr("zhengtong.engines.rowquery.table.SMALL", 5)
    table = opendata.row_schema(opening.opened(indexed=("rks",)))
    assert table.indexed == ("dm", "rks", "gx")
    with psycopg.connect(hub) as server:
        asked = "select indexdef from pg_indexes where schemaname = 'opened' and tablename = %s"
        made = sorted(str(definition).partition(" btree ")[2] for (definition,) in server.execute(asked, [table.relation]))
    assert made == ["(_row)", "(dm, _row)", "(gx, _row) INCLUDE (rks)", "(rks, _row) INCLUDE (gx)"]
    assert table.covered == ("rks", "gx")
    assert table.by_key["gx"].counted == (("2026-06-01", 12),)
    (facet,) = opendata.row_facets(table, FacetQuestion(("gx",)))
    assert facet.values[0].count == 12
    for asked in ([("mc", "第1区")], [("sort", "mc")], [("mc__contains", "1"), ("mc__ne", "x")]):
        with pytest.raises(RowRefusal) as refused:
            opendata.rows(table, reading.rows_question(table, asked))
        assert refused.value.code == "not-indexed"
        assert refused.value.field == "mc"
    found = opendata.rows(
        table, reading.rows_question(table, [("rks__gte", "1003"), ("mc__contains", "1"), ("sort", "-rks"), ("limit", "1")])
    )
    assert [row["rks"] for row in found.records()] == [1011]
    assert found.total is None
    found = opendata.rows(
        table, reading.rows_question(table, [("rks__gte", "1003"), ("gx", "2026-06-01"), ("sort", "-rks"), ("limit", "2")])
    )
    assert ([row["rks"] for row in found.records()], found.total) == ([1011, 1010], 9)
    assert opendata.rows(table, reading.rows_question(table, [("rks__gte", "1003")])).total == 9


def test_formulas_are_neutralised_in_csv_alone(opening: Opening) -> None:
    opening.change("update civil.division set name = '=1+1' where code = '370100'")
    number = opening.opened()
    assert next(csv.DictReader(io.StringIO(text_of(number).decode())))["mc"] == "'=1+1"
    assert json.loads(text_of(number, "ndjson").splitlines()[0])["mc"] == "=1+1"


def test_the_page_sorts_filters_and_pages_on_the_server(opening: Opening, client: Client) -> None:
    number = opening.opened()
    page = f"/open/datasets/{number}/"
    text = client.get(page, {"sort": "-rks", "item": "mc", "op": "contains", "value": "第1"}).content.decode()
    assert [text.index(f">{code}</td>") for code in ("370111", "370110", "370101")] == sorted(
        text.index(f">{code}</td>") for code in ("370111", "370110", "370101")
    )
    assert ">370102</td>" not in text
    assert f"/open/v1/datasets/{number}/rows" in text
    # what an item cannot be asked becomes equality, what cannot be asked at all is said on the page
    assert ">370103</td>" in client.get(page, {"item": "rks", "op": "contains", "value": "1003"}).content.decode()
    refused = client.get(page, {"item": "rks", "op": "eq", "value": "many"})
    assert refused.status_code == 200
    assert 'role="alert"' in refused.content.decode()
    assert 'role="alert"' in client.get(page, {"sort": "lxr"}).content.decode()
    assert 'role="alert"' in client.get(page, {"after": "x"}).content.decode()


def test_an_earlier_version_without_a_table_shows_its_first_rows(opening: Opening, client: Client) -> None:
    number = opening.opened()
    PublishedTable.objects.all().delete()
    text = client.get(f"/open/datasets/{number}/").content.decode()
    assert "<td>370100</td>" in text
    assert "/open/v1/" not in text
