"""Look-ups, pages and streams: what leaves is what the grant lets out."""

from __future__ import annotations

import asyncio
import csv
import io
import json

import asyncpg
import pytest

from factories.gateway import ITEMS, TABLE, Purpose, Quota, district, identity, make_grant, national, sign
from zhengtong.contracts.grants import GrantState
from zhengtong.contracts.routing import Table

from .conftest import ROWS

IN_SCOPE = [number for number in range(100) if district(number).startswith("1101")]


def test_looks_up_one_row_under_its_masks(play):
    async def scenario(service):
        answer = await service.get(f"sfzh={identity(3)}")
        assert answer.status_code == 200
        body = answer.json()
        assert body["data"] == [
            {
                "sfzh": "110105********0003",
                "xm": "李*****",
                "sjh": "138****0003",
                "dz": "北京市朝阳区****",
                "qh": "110103",
                "csrq": "1990-01-04",
                "nl": 3,
            }
        ]
        assert body["next"] is None
        assert answer.headers["ratelimit-limit"] == "1000000"
        assert answer.headers["ratelimit-remaining"] == "999999"
        [entry] = await service.entries()
        assert (entry.id, entry.event, entry.outcome, entry.rows) == (body["request_id"], "gateway:rows:read", "ok", 1)
        assert (entry.actor, entry.office, entry.grant, entry.purpose) == ("caller:mz-app", "11110105000000002B", "G-0001", "dibao")
        assert entry.items == tuple(item.key for item in ITEMS)
        assert len(entry.subjects) == 1
        assert identity(3) not in repr(entry)

    play(scenario)


def test_a_row_out_of_scope_is_no_row(play):
    async def scenario(service):
        answer = await service.get(f"sfzh={identity(9)}")
        assert answer.json()["data"] == []
        [entry] = await service.entries()
        assert entry.rows == 0

    play(scenario)


def test_fields_choose_and_order_what_comes(play):
    async def scenario(service):
        answer = await service.get(f"sfzh={identity(3)}&fields=nl,xm")
        assert answer.json()["data"] == [{"nl": 3, "xm": "李*****"}]
        [entry] = await service.entries()
        assert entry.items == ("nl", "xm")

    play(scenario)


async def walk(service, query: str) -> list[dict]:
    """Follow the cursors to the end."""
    found, after = [], ""
    while True:
        answer = await service.get(query + (f"&after={after}" if after else ""))
        assert answer.status_code == 200, answer.text
        found += answer.json()["data"]
        after = answer.json()["next"]
        if not after:
            return found


@pytest.mark.parametrize("query", ["limit=7", "limit=20&nl__gte=0", "limit=9&nl__lte=89&fields=nl,qh,sfzh"])
def test_pages_reach_every_row_in_scope_once(play, query):
    async def scenario(service):
        rows = await walk(service, query)
        assert [row["nl"] for row in rows] == [number % 90 for number in IN_SCOPE]

    play(scenario)


def test_an_indexed_item_is_looked_up_in_batches_and_pages_on(play):
    async def scenario(service):
        rows = await walk(service, "qh=110101")
        assert [row["nl"] for row in rows] == [number % 90 for number in IN_SCOPE if district(number) == "110101"]

    play(scenario, grant={"quota": Quota(page_rows=5)})


def test_a_table_without_unique_key_gives_one_page(play):
    table = Table(TABLE.schema, TABLE.name, TABLE.columns, unique=(), indexed=())

    async def scenario(service):
        answer = await service.get("limit=20&nl__gte=0")
        assert len(answer.json()["data"]) == 20
        assert answer.json()["next"] is None

    play(scenario, route={"table": table})


def test_in_and_ranges_on_types(play):
    async def scenario(service):
        many = await service.get("nl__in=1,2,3&fields=nl")
        assert [row["nl"] for row in many.json()["data"]] == [1, 2, 3, 1, 2, 3][: len(many.json()["data"])]
        dates = await service.get("csrq__gte=1990-01-03&csrq__lte=1990-01-05&fields=csrq")
        assert {row["csrq"] for row in dates.json()["data"]} == {"1990-01-03", "1990-01-04", "1990-01-05"}

    play(scenario)


def test_a_longer_value_is_never_cut_to_fit_the_column(play):
    async def scenario(service):
        answer = await service.get(f"sfzh={identity(3)}99")
        assert answer.json()["data"] == []
        answer = await service.get("qh=1101031")
        assert answer.json()["data"] == []

    play(scenario)


@pytest.mark.parametrize("kind", ["application/x-ndjson", "text/csv"])
def test_streams_carry_every_row_in_scope_under_masks(play, kind):
    async def scenario(service):
        target = ROWS + "?fields=sfzh,xm,nl"
        answer = await service.client.get(target, headers=sign(target, extra={"accept": kind}))
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
        if kind == "text/csv":
            rows = list(csv.DictReader(io.StringIO(answer.text)))
        else:
            rows = [json.loads(line) for line in answer.text.splitlines()]
        assert [int(row["nl"]) for row in rows] == [number % 90 for number in IN_SCOPE]
        assert all(row["sfzh"][6:14] == "********" for row in rows)
        assert all(set(row["xm"][1:]) == {"*"} for row in rows)
        begun, completed = await service.entries()
        assert (begun.event, begun.rows) == ("gateway:rows:read", 0)
        assert (completed.event, completed.rows, completed.outcome) == ("gateway:rows:completed", len(IN_SCOPE), "ok")
        assert completed.detail == {"call": begun.id}

    play(scenario)


def test_csv_counts_rows_with_line_ends_inside_values(play):
    async def scenario(service):
        connection = await asyncpg.connect(service.world.url)
        await connection.execute("update hub.resident set district = E'110\"\\n1', name = E'a\\n\"b\"'")
        await connection.close()
        target = ROWS + "?fields=qh,nl&nl__in=1,2"
        answer = await service.client.get(target, headers=sign(target, extra={"accept": "text/csv"}))
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert {row["qh"] for row in rows} == {'110"\n1'}
        assert (await service.entries())[-1].rows == len(rows) == 4

    play(scenario, grant={"scope": ()})


def test_a_stream_ends_when_its_grant_is_suspended(play):
    async def scenario(service):
        await service.publish(service.world.route(make_grant()))
        route = service.gateway.watch.current.routes["mz-app", make_grant().resource][0]
        await service.publish(service.world.route(make_grant(), state=GrantState.SUSPENDED))
        assert not service.gateway.watch.current.in_service(route, service.gateway.moments.time_ns())

    play(scenario)


def test_concurrent_look_ups_share_round_trips_and_never_mix_answers(play):
    async def scenario(service):
        async def ask(number: int) -> None:
            body = (await service.get(f"sfzh={identity(number)}&fields=sfzh,nl")).json()
            expected = [{"sfzh": f"110105********{number:04d}", "nl": number % 90}] if number in IN_SCOPE else []
            assert body["data"] == expected

        await asyncio.gather(*(ask(number % 100) for number in range(400)))
        entries = await service.entries()
        assert len(entries) == 400
        batches = service.gateway.metrics.batches
        assert sum(batches.counts) < 400
        assert len({entry.id for entry in entries}) == 400

    play(scenario)


def test_concurrent_pages_of_one_plan_keep_their_own_values_limits_and_cursors(play):
    async def scenario(service):
        questions = [f"nl__gte={least}&limit={limit}&fields=nl,sfzh" for least in (0, 3, 40) for limit in (1, 2, 7)]
        questions += [f"nl__in={values}&limit=4&fields=nl" for values in ("1", "2,3", "5,60,7")]
        alone = [(await service.get(question)).json() for question in questions]
        questions += [f"{question}&after={page['next']}" for question, page in zip(questions, alone, strict=True) if page["next"]]
        alone += [(await service.get(question)).json() for question in questions[len(alone) :]]
        together = await asyncio.gather(*(service.get(question) for question in questions * 3))
        for answer, expected in zip(together, alone * 3, strict=True):
            assert answer.json()["data"] == expected["data"]
            assert (answer.json()["next"] is None) == (expected["next"] is None)
        assert len({str(page["data"]) for page in alone}) > len(alone) / 2

    play(scenario)


def test_a_value_that_only_the_database_refuses_costs_nobody_else_an_answer(play):
    """The view divides by zero for one person: nothing that a check of the value could have seen."""

    async def scenario(service):
        connection = await asyncpg.connect(service.world.url)
        await connection.execute(
            "create view hub.touchy as select id_no, name, phone, address, district, birth, remark, "
            "case when id_no = '110105199000000007' then 1 / (age - 7) else age end as age from hub.resident"
        )
        await connection.close()
        table = Table("hub", "touchy", TABLE.columns, unique=("sfzh",), indexed=(), subjects={"sfzh": "person"})
        await service.publish(service.world.route(make_grant(), table=table))
        answers = await asyncio.gather(*(service.get(f"sfzh={identity(number)}&fields=nl") for number in range(5, 9)))
        assert [answer.status_code for answer in answers] == [200, 200, 503, 200]
        assert answers[0].json()["data"] == [{"nl": 5}]

    play(scenario)


def test_the_national_convention_answers_in_its_own_envelope(play):
    async def scenario(service):
        answer = await service.get(f"sfzh={identity(3)}&fields=nl", headers=national())
        body = answer.json()
        assert (body["code"], body["message"], body["data"]) == ("200", "ok", [{"nl": 3}])
        refused = await service.get("nl=abc", headers=national(rtime=1_700_000_000_000))
        assert refused.json()["code"] == "300"
        assert refused.json()["data"]["code"] == "signature-expired"
        assert (await service.entries())[0].purpose == "dibao"

    play(scenario, grant={"purposes": (Purpose("dibao", "低保核查"),)})
