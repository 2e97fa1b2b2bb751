"""Refusals in the caller's language."""

from __future__ import annotations

import json
import re

import pytest

from zhengtong.gateway import refusals, responses
from zhengtong.kernel.sentences import say

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def every(kind: type[refusals.Refusal]) -> list[type[refusals.Refusal]]:
    return [one for child in kind.__subclasses__() for one in (child, *every(child))]


@pytest.mark.parametrize("kind", every(refusals.Refusal))
def test_every_refusal_has_an_english_sentence(kind: type[refusals.Refusal]) -> None:
    body = json.loads(responses.refusal(kind(), "r1", "", b"en-GB,en;q=0.9")[2])
    assert body["code"] == kind.code
    assert body["message"]
    assert not _CHINESE.search(body["message"])


def test_values_and_remedies_are_put_into_the_english_sentence() -> None:
    refused = refusals.PageTooLarge(say("每页最多 {most} 行。", most=100), field="limit", remedy=say("使用 {method}", method="GET"))
    body = json.loads(responses.refusal(refused, "r1", "", b"en")[2])
    assert body["message"] == "At most 100 rows a page."
    assert body["remedy"] == "Use GET"
    assert body["field"] == "limit"


@pytest.mark.parametrize("accepted", [b"", b"zh-CN,zh;q=0.9,en;q=0.8", b"*", b"fr", b"\xff\xfe"])
def test_chinese_is_the_rule(accepted: bytes) -> None:
    body = json.loads(responses.refusal(refusals.PageTooLarge(say("每页最多 {most} 行。", most=100)), "r1", "", accepted)[2])
    assert body["message"] == "每页最多 100 行。"


def test_the_national_envelope_speaks_the_same_language() -> None:
    body = json.loads(responses.refusal(refusals.NoGrant(), "r1", responses.NATIONAL, b"EN")[2])
    assert body["message"] == body["data"]["message"]
    assert not _CHINESE.search(body["message"])
