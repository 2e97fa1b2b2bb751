"""Verification says yes or no, and nothing else."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from factories.gateway import RESOURCE, identity, sign

PATH = f"/v1/resources/{RESOURCE}/verify"


async def verify(service, body: object, **signing):
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return await service.client.post(PATH, content=content, headers=sign(PATH, method="POST", body=content, **signing))


def test_yes_no_and_nobody_are_told_apart_only_as_yes_and_no(play):
    async def scenario(service):
        right = {"key": {"sfzh": identity(3)}, "match": {"nl": "3", "xm": "李,“娜”3"}}
        wrong = {"key": {"sfzh": identity(3)}, "match": {"nl": "4", "xm": "李,“娜”3"}}
        nobody = {"key": {"sfzh": identity(99999)}, "match": {"nl": "3", "xm": "李"}}
        foreign_scope = {"key": {"sfzh": identity(9)}, "match": {"nl": "9", "qh": "320100"}}
        answers = [(await verify(service, body)).json() for body in (right, wrong, nobody, foreign_scope)]
        assert [answer["result"] for answer in answers] == [True, False, False, False]
        assert all(set(answer) == {"result", "request_id"} for answer in answers)
        entries = await service.entries()
        assert [entry.rows for entry in entries] == [1, 0, 0, 0]
        assert {entry.event for entry in entries} == {"gateway:rows:verified"}
        assert entries[0].items == ("sfzh", "nl", "xm")
        assert entries[0].subjects == entries[1].subjects != entries[2].subjects

    play(scenario)


def test_many_at_once_get_their_own_answers(play):
    async def scenario(service):
        async def ask(number: int) -> None:
            body = {"key": {"sfzh": identity(number)}, "match": {"nl": str(number % 3)}}
            assert (await verify(service, body)).json()["result"] is (number == number % 3)

        await asyncio.gather(*(ask(number) for number in range(9)))

    play(scenario)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "bad-body"),
        (b"\xff", "bad-body"),
        ({"key": {}, "match": {"nl": "1"}}, "bad-body"),
        ({"key": {"sfzh": "1"}, "match": {}}, "bad-body"),
        ({"key": {"sfzh": "1"}, "match": {"nl": 1}}, "bad-body"),
        ({"key": {"sfzh": "1"}, "match": {"sfzh": "1"}}, "bad-body"),
        ({"key": {"xm": "李"}, "match": {"nl": "1"}}, "not-filterable"),
        ({"key": {"sfzh": "1"}, "match": {"bz": "内部"}}, "foreign-item"),
        ({"key": {"sfzh": "1"}, "match": {"csrq": "1990-02-30"}}, "bad-value"),
        ({"key": {"sfzh": "1"}, "match": {f"i{number}": "1" for number in range(20)}}, "too-many-filters"),
    ],
)
def test_what_cannot_be_verified(play, body, code):
    async def scenario(service):
        answer = await verify(service, body)
        assert answer.json()["code"] == code
        assert [entry.outcome for entry in await service.entries()] == [code]

    play(scenario)
