"""Developers' keys: made, named, replaced, ended, blocked; what they raise, what they count, and everybody who may not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from factories.opening import Opening
from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.models import Developer, DeveloperKey
from zhengtong.apps.foundation.security import api as security
from zhengtong.gateway.opendata.fairness import Share
from zhengtong.kernel.errors import Invalid

from .test_granted_rows import Reader

SAID = {"name": "泉城地图工作室", "contact": "13800005678", "purpose": "做一个查学校的小程序"}
FREE = Share(per_second=0.001, burst=2)


class Holder:
    """A developer with the private link's secret."""

    def __init__(self, address: str = "10.0.0.9") -> None:
        self.number, secret = opendata.register(registration=opendata.Registration(**SAID), address=address, now=NOW)
        self.secret, self.proven = secret, opendata.proof(secret)

    def key(self, name: str = "小程序") -> str:
        return opendata.make_developer_key(number=self.number, proven=self.proven, name=name, now=NOW)

    def seen(self) -> opendata.DeveloperView:
        return opendata.own_developer(self.number, self.proven, now=NOW)

    @property
    def mine(self) -> dict[str, Any]:
        return {"number": self.number, "proven": self.proven, "now": NOW}


@pytest.fixture
def holder(hub: str) -> Holder:
    return Holder()


def events() -> list[Any]:
    security.unfold()
    return [one for one in security.entries(security.EntryFilter(), limit=500) if one.event.startswith("opendata:developer:")][::-1]


def test_a_key_raises_the_rate_and_its_use_is_counted(holder: Holder, hub: str) -> None:
    reader = Reader(hub, share=FREE)
    path = "/open/v1/datasets/0/rows?limit=1"
    assert [one.status_code for one in reader.get(*[path] * 4)] == [200, 200, 429, 429]
    key = holder.key()
    answers = reader.get(*[path] * 5, "/open/v1/datasets/0/rows?nothing=1", key=key)
    assert [one.status_code for one in answers] == [200] * 5 + [400]
    assert answers[0].headers["ratelimit-limit"] == "600"
    assert answers[0].headers["ratelimit-policy"] == "600;w=10, 200000;w=86400"
    view = holder.seen()
    (day,) = view.uses.days
    assert (day.answers, day.refused, view.left_today) == (5, 1, 199_995)
    assert view.uses.last_at == NOW


def test_the_quota_is_the_developers_and_the_bureau_sets_it_with_a_reason(holder: Holder, opening: Opening, hub: str) -> None:
    one, other = holder.key("一"), holder.key("二")
    opendata.set_quota(actor=opening.circle.approver, number=holder.number, per_second=5, per_day=3, reason="演示", now=NOW)
    path = "/open/v1/datasets/0/"
    assert [answer.status_code for answer in Reader(hub).get(*[path] * 2, key=one)] == [200, 200]
    # a process that begins anew knows from the record what was used
    answers = Reader(hub).get(*[path] * 2, key=other)
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].json()["code"] == "quota-exhausted"
    assert int(answers[1].headers["retry-after"]) > 1
    assert answers[1].headers["ratelimit-remaining"] == "0"
    assert (holder.seen().quota_reason, holder.seen().left_today) == ("演示", 0)
    for wrong in ({"per_second": 0}, {"per_day": 0}, {"per_second": 10_000}, {"reason": " "}):
        with pytest.raises(Invalid) as refused:
            opendata.set_quota(
                actor=opening.circle.approver, number=holder.number, now=NOW, **{"per_second": 5, "per_day": 3, "reason": "演示", **wrong}
            )
        assert refused.value.field == next(iter(wrong))


def test_what_was_ended_replaced_expired_or_blocked_works_no_more(holder: Holder, opening: Opening, hub: str) -> None:
    def code(key: str, later: timedelta = timedelta()) -> str:
        (answer,) = Reader(hub, at=NOW + later).get("/open/v1/datasets/0/", key=key)
        return "" if answer.status_code == 200 else str(answer.json()["code"])

    approver, key = opening.circle.approver, holder.key()
    row = DeveloperKey.objects.get()
    assert (code(key), code(key, timedelta(days=366)), code(key[:-1])) == ("", "key-refused", "key-refused")
    newer = opendata.replace_developer_key(**holder.mine, key=row.pk)
    assert (code(key), code(newer), code(key, timedelta(days=8)), code(newer, timedelta(days=8))) == ("", "", "key-refused", "")
    opendata.block(actor=approver, number=holder.number, key=row.pk, reason="泄露", now=NOW)
    assert (code(key), code(newer)) == ("key-blocked", "")
    with pytest.raises(opendata.DeveloperBlocked):
        opendata.replace_developer_key(**holder.mine, key=row.pk)
    opendata.unblock(actor=approver, number=holder.number, key=row.pk, now=NOW)
    assert code(key) == ""
    opendata.block(actor=approver, number=holder.number, key=None, reason="滥用", now=NOW)
    assert (code(key), code(newer)) == ("key-blocked", "key-blocked")
    with pytest.raises(opendata.DeveloperBlocked):
        holder.key("又一个")
    opendata.unblock(actor=approver, number=holder.number, key=None, now=NOW)
    opendata.revoke_developer_key(**holder.mine, key=row.pk)
    assert (code(key), code(newer)) == ("key-refused", "")
    with pytest.raises(Invalid):
        opendata.revoke_developer_key(**holder.mine, key=row.pk)


def test_a_developers_key_opens_nothing_that_is_closed(holder: Holder, opening: Opening, hub: str) -> None:
    number = opening.opened(conditions=opendata.Conditions("company", "研究区划沿革", "加密保存", 365, 180))
    (answer,) = Reader(hub).get(f"/open/v1/datasets/{number}/rows", key=holder.key())
    assert (answer.status_code, answer.json()["code"]) == (403, "dataset-conditional")


def test_keys_are_few_named_and_kept_as_digests(holder: Holder) -> None:
    made = [holder.key(f"程序{place}") for place in range(opendata.MOST_KEYS)]
    with pytest.raises(opendata.TooManyKeys):
        holder.key("太多")
    first = holder.seen().keys[-1]
    opendata.rename_developer_key(**holder.mine, key=first.id, name=" 新 名 ")
    assert holder.seen().keys[-1].name == "新 名"
    for name in ("", " ", "长" * 61):
        with pytest.raises(Invalid, match="名称"):
            opendata.rename_developer_key(**holder.mine, key=first.id, name=name)
    kept = str(list(Developer.objects.values())) + str(list(DeveloperKey.objects.values()))
    for secret in (holder.secret, *made):
        assert secret not in kept
    for missing in SAID:
        with pytest.raises(Invalid) as refused:
            opendata.register(registration=opendata.Registration(**{**SAID, missing: " "}), address="10.0.0.8", now=NOW)
        assert refused.value.field == missing
    for _time in range(4):
        Holder()
    with pytest.raises(opendata.TooMany):
        Holder()


def test_another_ones_secret_opens_nothing(holder: Holder) -> None:
    holder.key()
    other = Holder("10.0.0.7")
    key = DeveloperKey.objects.get().pk
    wrong = {"number": holder.number, "proven": other.proven, "now": NOW}
    for act in (
        lambda: opendata.own_developer(holder.number, other.proven, now=NOW),
        lambda: opendata.make_developer_key(**wrong, name="x"),
        lambda: opendata.rename_developer_key(**wrong, key=key, name="x"),
        lambda: opendata.replace_developer_key(**wrong, key=key),
        lambda: opendata.revoke_developer_key(**wrong, key=key),
        lambda: opendata.enter_developer(number=holder.number, proven=other.proven, address="10.0.0.7", now=NOW),
    ):
        with pytest.raises(opendata.DeveloperUnknown):
            act()
    with pytest.raises(Invalid):
        opendata.revoke_developer_key(**other.mine, key=key)


def test_only_the_bureau_oversees(holder: Holder, opening: Opening) -> None:
    circle, number = opening.circle, holder.number
    for name in ("steward", "head", "keeper", "chief", "stranger"):
        actor = getattr(circle, name)
        for act in (
            lambda: opendata.developers(actor, now=NOW),  # noqa: B023 - called at once
            lambda: opendata.developer(number, actor, now=NOW),  # noqa: B023
            lambda: opendata.set_quota(actor=actor, number=number, per_second=9, per_day=9, reason="x", now=NOW),  # noqa: B023
            lambda: opendata.block(actor=actor, number=number, key=None, reason="x", now=NOW),  # noqa: B023
            lambda: opendata.unblock(actor=actor, number=number, key=None, now=NOW),  # noqa: B023
            lambda: opendata.read_developer_contact(actor=actor, number=number, now=NOW),  # noqa: B023
        ):
            with pytest.raises(opendata.NotAllowed):
                act()
    (listed,) = opendata.developers(circle.approver, now=NOW)
    assert (listed.name, listed.contact) == ("泉******", "1******")
    assert opendata.developer(number, circle.approver, now=NOW, opened=True).contact == SAID["contact"]
    with pytest.raises(opendata.DeveloperUnknown):
        opendata.developer("KD2026999999", circle.approver, now=NOW)
    with pytest.raises(Invalid):
        opendata.block(actor=circle.approver, number=number, key=None, reason=" ", now=NOW)


def test_every_act_is_in_the_ledger_and_no_personal_value(holder: Holder, opening: Opening) -> None:
    approver = opening.circle.approver
    holder.key()
    key = DeveloperKey.objects.get().pk
    opendata.rename_developer_key(**holder.mine, key=key, name="新名")
    opendata.set_quota(actor=approver, number=holder.number, per_second=9, per_day=9, reason="演示", now=NOW)
    opendata.block(actor=approver, number=holder.number, key=key, reason="泄露", now=NOW)
    opendata.unblock(actor=approver, number=holder.number, key=key, now=NOW)
    opendata.read_developer_contact(actor=approver, number=holder.number, now=NOW)
    opendata.revoke_developer_key(**holder.mine, key=key)
    found = events()
    kinds = ["registered", "key-made", "key-renamed", "quota-set", "blocked", "unblocked", "contact-read", "key-revoked"]
    assert sorted(one.event.rpartition(":")[2] for one in found) == sorted(kinds)
    for personal in (*SAID.values(), holder.secret):
        assert not [one for one in found if personal in str(one)]


def test_the_pages_from_registration_to_a_key(hub: str) -> None:
    client = Client()
    assert client.post("/open/developers/register/", {**SAID, "name": ""}).status_code == 422
    assert client.post("/open/developers/register/", {**SAID, "website": "x"}).status_code == 422
    page = client.post("/open/developers/register/", SAID).content.decode()
    number = Developer.objects.get().number
    assert number in page
    here = f"/open/developers/keys/{number}/"
    assert "还没有密钥" in client.get(here).content.decode()
    shown = client.post(f"{here}act/", {"act": "make", "name": "小程序"}).content.decode()
    assert "ztd_" in shown
    row = DeveloperKey.objects.get()
    assert "小程序" in client.get(here).content.decode()
    for data, status in (
        ({"act": "rename", "key": row.pk, "name": ""}, 422),
        ({"act": "rename", "key": row.pk, "name": "别名"}, 302),
        ({"act": "replace", "key": row.pk}, 200),
        ({"act": "revoke", "key": row.pk}, 302),
        ({"act": "revoke", "key": "9" * 30}, 422),
        ({"act": "nothing"}, 422),
    ):
        assert client.post(f"{here}act/", data).status_code == status, data
    stranger = Client()
    assert stranger.get(here)["Location"] == f"/open/developers/keys/?number={number}"
    assert stranger.post(f"{here}act/", {"act": "make", "name": "x"})["Location"] == f"/open/developers/keys/?number={number}"
    assert stranger.get(f"{here}?code=wrong").status_code == 404
    assert stranger.post("/open/developers/keys/", {"number": number, "code": "wrong"}).status_code == 422
    assert DeveloperKey.objects.count() == 2
