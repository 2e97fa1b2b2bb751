"""Days and moments in the reader's language and in China's time."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.template import engines
from django.utils import translation

from zhengtong.toolkit.ui import moments

AT = datetime(2026, 5, 31, 16, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "day", "moment", "seconds"),
    [
        ("zh-hans", "2026-06-01", "2026-06-01 00:05", "2026-06-01 00:05:09"),
        ("en", "1 Jun 2026", "1 Jun 2026, 00:05", "1 Jun 2026, 00:05:09"),
    ],
)
def test_a_moment_is_shown_in_china_as_its_reader_expects(language: str, day: str, moment: str, seconds: str) -> None:
    with translation.override(language):
        assert moments.day(AT) == moments.day(date(2026, 6, 1)) == day
        assert (moments.moment(AT), moments.moment(AT, seconds=True)) == (moment, seconds)
        shown = engines["django"].from_string("{{ at|day }} {{ at|moment }} {{ none|moment }}").render({"at": AT, "none": None})
        assert shown == f"{day} {moment} "


@pytest.mark.parametrize(
    ("text", "chinese", "english"),
    [
        ("2026-06-01", "2026-06-01", "1 Jun 2026"),
        ("2026-05-31T16:05:00+00:00", "2026-06-01 00:05", "1 Jun 2026, 00:05"),
        ("2026-06-01T08:00:09+08:00", "2026-06-01 08:00:09", "1 Jun 2026, 08:00:09"),
        ("2026-06-01T00:00:00", "2026-06-01", "1 Jun 2026"),
        ("2026年6月", "2026年6月", "2026年6月"),
        ("", "", ""),
    ],
)
def test_moments_out_of_data_lose_their_t_and_nothing_else_changes(text: str, chinese: str, english: str) -> None:
    with translation.override("zh-hans"):
        assert moments.of_text(text) == chinese
    with translation.override("en"):
        assert moments.of_text(text) == english
