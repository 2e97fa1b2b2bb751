"""Notices reach whoever holds a role today, and are read by nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from factories import world
from factories.world import NOW
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices

pytestmark = pytest.mark.django_db


def test_a_notice_reaches_the_holders_of_a_role_and_is_marked_read_by_each() -> None:
    office = world.office()
    first, second = (world.official(identity.Role.STEWARD, at=office) for _ in range(2))
    other = world.official(identity.Role.SHARING_HEAD, at=office)
    notices.tell(identity.Role.STEWARD, office.code, "请办理", address="/work/", now=NOW)
    assert [notices.unread(one) for one in (first, second, other)] == [1, 1, 0]
    notices.mark_read(actor=first, now=NOW)
    assert [notices.unread(one) for one in (first, second)] == [0, 1]
    [told] = notices.notices(first)
    assert (told.text, told.address, told.unread) == ("请办理", "/work/", False)


def test_pages_of_notices_follow_each_other() -> None:
    office = world.office()
    reader = world.official(identity.Role.STEWARD, at=office)
    for hour in range(3):
        notices.tell(identity.Role.STEWARD, office.code, f"第{hour}件", address="/work/", now=NOW + timedelta(hours=hour))
    newest, *_rest = notices.notices(reader, limit=1)
    assert newest.text == "第2件"
    assert [one.text for one in notices.notices(reader, after=str(newest.id))] == ["第1件", "第0件"]
