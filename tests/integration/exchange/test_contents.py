"""Values of bound tables compared by samples, on real tables: what is found, who sees it, and that no value is kept."""

from __future__ import annotations

import hmac
import json
from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg import sql

from factories import world
from factories.exchange import addressed
from factories.sharing import NOW, Circle, resource
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality import api as quality
from zhengtong.apps.resources.quality.models import ContentPair, EntrySample, ItemSample, ItemUse
from zhengtong.kernel import clock
from zhengtong.toolkit.keys import node_keys

pytestmark = pytest.mark.usefixtures("hub")
Table = tuple[tuple[str, str, str, list[str]], ...]
PHONES = [f"138{number * 12_347 % 10**8:08d}" for number in range(1000)]
LICENCES = [f"370102{number * 7919 % 10**8:08d}JY" for number in range(1000)]
WIDE = {ord("A"): "\N{FULLWIDTH LATIN CAPITAL LETTER A}"}
ALIKE, APART = quality.ContentFilter(quality.Content.ALIKE), quality.ContentFilter(quality.Content.APART)


def bound(url: str, keeper: identity.Actor, office: organisations.OfficeView, name: str, table: Table) -> int:
    """An entry of an office, bound to a real table and collected; ``table`` is key, name, type and values of each item."""
    items = tuple((key, label, kind, place == 0, False, "") for place, (key, label, kind, _values) in enumerate(table))
    number = resource(office, name=name, items=items)
    keys = [key for key, *_rest in table]
    with psycopg.connect(url) as source:
        source.execute("create schema if not exists civil")
        place = sql.Identifier("civil", f"t{number}")
        declared = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(key)) for key in keys)
        source.execute(sql.SQL("create table {} ({})").format(place, declared))
        source.execute(sql.SQL("alter table {} add primary key ({})").format(place, sql.Identifier(keys[0])))
        rows = list(zip(*(values for *_names, values in table), strict=True))
        marks = sql.SQL(", ").join([sql.Placeholder()] * len(keys))
        with source.cursor() as cursor:
            cursor.executemany(sql.SQL("insert into {} values ({})").format(place, marks), rows)
    wanted = exchange.TableBinding(url=addressed(url), schema="civil", table=f"t{number}", mapping={key: key for key in keys}, rules=[])
    exchange.bind_table(by=keeper, resource_id=number, wanted=wanted, now=NOW)
    collect(keeper, number)
    return number


def collect(keeper: identity.Actor, number: int) -> None:
    run = exchange.request_collect(by=keeper, resource_id=number, now=NOW)
    assert exchange.carry_out(run) is exchange.RunState.FINISHED, exchange.run(run, actor=keeper).failure


def sampled(now: datetime = NOW) -> int:
    """Follow what changed and sample all that waits; returns how many entries were sampled."""
    while quality.follow(now=clock.now()):
        pass
    count = 0
    while quality.sample_next(now=now):
        count += 1
    return count


def numbers(begin: str) -> list[str]:
    return [f"{begin}{number:04d}" for number in range(1000)]


def city(url: str) -> tuple[Circle, int, int]:
    """Two offices: phones under two names, and 许可证编号 for two things."""
    circle = Circle()
    first = bound(
        url,
        circle.keeper,
        circle.provider,
        "低保对象",
        (
            ("no", "登记流水", "C", numbers("A")),
            ("tel", "联系电话", "C", PHONES),
            ("xkz", "许可证编号", "C", LICENCES),
            ("lb", "救助类别", "C", [str(number % 3) for number in range(1000)]),
            ("rq", "核定日", "D", [f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}" for number in range(1000)]),
        ),
    )
    second = bound(
        url,
        circle.steward,
        circle.consumer,
        "学生名册",
        (
            ("no", "学籍流水", "C", [f"{one}-{one}" for one in numbers("B")]),
            ("jzdh", "家长手机", "C", [f" {one[:3]} {one[3:]}" for one in PHONES[:700]] + numbers("1990000")[:300]),
            ("xkz", "许可证编号", "C", [f"鲁教办学字{number}号" for number in range(10_000, 11_000)]),
        ),
    )
    assert sampled() == 2
    return circle, first, second


def test_the_same_content_under_another_name_and_another_content_under_the_same_name(hub: str, database_url: str) -> None:
    circle, first, second = city(database_url)
    [alike] = quality.comparisons(circle.approver, ALIKE)
    assert {alike.first.name, alike.second.name} == {"联系电话", "家长手机"}
    assert (alike.first.resource, alike.second.resource) == (first, second)
    assert alike.there is not None
    assert alike.back is not None
    assert abs(alike.there - 70) < 10
    assert abs(alike.back - 70) < 10
    [apart] = quality.comparisons(circle.approver, APART)
    assert (apart.first.name, apart.second.name, apart.there, apart.forms) == ("许可证编号", "许可证编号", 0, 0)
    whys = {(row.use.resource_id, row.use.key): row.why for row in ItemSample.objects.select_related("use")}
    assert (whys[first, "lb"], whys[first, "rq"], whys[first, "tel"]) == ("few", "dense", "")


def test_no_value_is_kept_and_hashes_are_those_of_this_installations_key(hub: str, database_url: str) -> None:
    _circle, first, _second = city(database_url)
    with connection.cursor() as cursor:
        cursor.execute("select row_to_json(s)::text from quality_itemsample s")
        kept = " ".join(text for (text,) in cursor.fetchall())
    assert not [one for one in (*PHONES, *LICENCES) if one in kept]
    assert "鲁教" not in kept
    key = hmac.digest(node_keys().subject, b"zhengtong:samples:1", "sha256")
    expected = sorted(int(hmac.digest(key, one.encode(), "sha256").hex()[:15], 16) for one in PHONES)[:512]
    assert ItemSample.objects.get(use__resource=first, use__key="tel").hashes == expected


def test_who_sees_a_comparison_and_who_settles_it(hub: str, database_url: str) -> None:
    circle, _first, _second = city(database_url)
    [alike] = quality.comparisons(circle.approver, ALIKE)
    one, other = alike.first.use, alike.second.use
    assert quality.comparisons(circle.keeper, ALIKE)
    assert quality.comparisons(circle.stranger, ALIKE) == []
    with pytest.raises(quality.ComparisonUnknown):
        quality.comparison(circle.stranger, one, other)
    for actor in (circle.keeper, circle.stranger):
        with pytest.raises(quality.NotAllowed):
            quality.settle_content(actor=actor, one=one, other=other, reason="同一批人", now=NOW)
    with pytest.raises(quality.ContentInvalid):
        quality.settle_content(actor=circle.approver, one=one, other=other, reason=" ", now=NOW)
    quality.settle_content(actor=circle.approver, one=one, other=other, reason="同一批家庭", now=NOW)
    assert quality.comparisons(circle.approver, ALIKE) == []
    later = NOW + timedelta(hours=7)
    EntrySample.objects.update(done=0)
    assert sampled(later) == 2
    assert quality.comparisons(circle.approver, ALIKE) == []
    [settled] = quality.comparisons(circle.approver, quality.ContentFilter(settled=True))
    with pytest.raises(quality.NotAllowed):
        quality.reopen_content(actor=circle.keeper, one=one, other=other, now=NOW)
    quality.reopen_content(actor=circle.approver, one=settled.second.use, other=settled.first.use, now=NOW)
    assert quality.comparisons(circle.approver, ALIKE)
    with pytest.raises(quality.ContentInvalid):
        quality.reopen_content(actor=circle.approver, one=one, other=other, now=NOW)


def test_the_pages(hub: str, database_url: str) -> None:
    circle, _first, _second = city(database_url)
    [alike] = quality.comparisons(circle.approver, ALIKE)
    [apart] = quality.comparisons(circle.approver, APART)
    place = f"/work/contents/{alike.first.use}/{alike.second.use}/"
    bureau, keeper, stranger = (world.signed_in(one) for one in (circle.approver, circle.keeper, circle.stranger))
    with CaptureQueriesContext(connection) as few:
        listed = bureau.get("/work/contents/").content.decode()
    assert "家长手机" in listed
    assert len(few) <= 12, [one["sql"] for one in few]
    assert not [one for one in few if "hashes" in one["sql"]]
    assert "许可证编号" in bureau.get("/work/contents/", {"kind": "apart"}).content.decode()
    assert "家长手机" in keeper.get(place).content.decode()
    assert "家长手机" not in stranger.get("/work/contents/").content.decode()
    assert stranger.get(place).status_code == 404
    assert bureau.get("/work/contents/", {"after": "x"}).status_code == 422
    source = f"/work/sources/{apart.first.group}/"
    assert "内容不同" in keeper.get(source).content.decode()
    assert "没有您能看到的比对结果" in stranger.get(source).content.decode()
    for client, code in ((stranger, 403), (keeper, 403)):
        assert client.post(f"{place}decide/", {"reason": "同一批人"}).status_code == code
    assert bureau.post(f"{place}decide/", {"reason": ""}).status_code == 422
    assert bureau.post(f"{place}decide/", {"reason": "同一批人"}).status_code == 302
    assert "同一批人" in bureau.get(place).content.decode()
    assert bureau.post(f"{place}decide/", {"act": "reopen"}).status_code == 302


def test_sampling_again_changes_nothing_waits_and_follows_new_rows(hub: str, database_url: str) -> None:
    circle, first, second = city(database_url)

    def kept() -> str:
        samples = list(ItemSample.objects.order_by("use").values_list("use", "why", "values", "hashes", "forms"))
        return json.dumps([samples, list(ContentPair.objects.order_by("first", "second").values_list("first", "second", "there", "back"))])

    before = kept()
    collect(circle.keeper, first)
    assert sampled(NOW + timedelta(hours=5)) == 0
    assert sampled(NOW + timedelta(hours=6)) == 1
    assert kept() == before
    with psycopg.connect(database_url) as source:
        source.execute(sql.SQL("update {} set jzdh = 'X' || no").format(sql.Identifier("civil", f"t{second}")))
    collect(circle.steward, second)
    assert sampled(NOW + timedelta(hours=6)) == 1
    assert quality.comparisons(circle.approver, ALIKE) == []


def test_samples_go_with_their_entry(hub: str, database_url: str) -> None:
    circle, first, second = city(database_url)
    catalog.withdraw(actor=circle.chief, resource_id=first, reason="职责已划转", now=NOW)
    sampled()
    assert not ItemUse.objects.filter(resource=first).exists()
    assert not EntrySample.objects.filter(pk=first).exists()
    assert set(ItemSample.objects.values_list("use__resource", flat=True)) == {second}
    assert not ContentPair.objects.exists()


def test_a_table_too_large_and_an_item_without_a_column_say_so(hub: str, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _circle, first, _second = city(database_url)
    assert exchange.samples(first, ["nothing"]) == {"nothing": quality.Why.ABSENT}
    monkeypatch.setattr(quality, "MOST_ROWS", 999)
    assert exchange.samples(first, ["tel"]) == {"tel": quality.Why.LARGE}
    assert exchange.samples(0, ["tel"]) is None


def test_one_value_is_one_however_it_is_written(hub: str, database_url: str) -> None:
    circle = Circle()
    days = [(1990 + number % 30, 1 + number % 12, 1 + number % 28) for number in range(300)]
    plain = [f"{year}-{month:02d}-{day:02d}" for year, month, day in days]
    number = bound(
        database_url,
        circle.keeper,
        circle.provider,
        "婚姻登记",
        (
            ("no", "登记流水", "C", numbers("Ab")[:300]),
            (
                "wide",
                "登记流水二",
                "C",
                [f"{one[:1].translate(WIDE)}B {one[2:]}" for one in numbers("Ab")[:300]],
            ),
            ("d", "日期甲", "D", plain),
            ("dash", "日期乙", "C", [f"{year}/{month}/{day}" for year, month, day in days]),
            ("han", "日期丙", "C", [f"{year}年{month}月{day}日" for year, month, day in days]),
            ("tight", "日期丁", "C", [one.replace("-", "") for one in plain]),
        ),
    )
    found = exchange.samples(number, ["no", "wide", "d", "dash", "han", "tight"])
    assert found is not None
    columns = {key: column for key, column in found.items() if isinstance(column, quality.Column)}
    assert len(columns) == 6
    assert columns["no"].hashes == columns["wide"].hashes
    assert len(columns["no"].hashes) == 300
    assert columns["d"].hashes == columns["dash"].hashes == columns["han"].hashes == columns["tight"].hashes
    assert {columns[key].values for key in ("d", "dash", "han", "tight")} == {len(set(days))}
