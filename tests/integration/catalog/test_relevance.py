"""Judged questions over the demo city's catalog: what is asked for comes first, and more often than by words alone."""

from __future__ import annotations

import pytest

from relevance.corpus import corpus, demo_city, search
from relevance.measuring import by_kind, judgments
from relevance.plain import PlainBm25

pytestmark = pytest.mark.django_db


def test_what_is_asked_for_comes_first() -> None:
    assert len(judgments()) >= 100
    demo_city()
    entries = corpus()
    ours, plain = by_kind(entries, search), by_kind(entries, PlainBm25(entries).search)
    assert ours["all"][0] >= 0.9
    assert ours["all"][0] >= plain["all"][0] + 0.1
    for kind, (value, _count) in ours.items():
        assert value >= 0.8, kind
