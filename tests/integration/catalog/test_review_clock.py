"""The bureau's two working days (条例 Art. 17) as people see them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from factories import catalog as factory
from zhengtong.apps.resources.catalog import api as catalog

pytestmark = pytest.mark.django_db


def test_the_review_ends_two_working_days_after_it_began() -> None:
    city = factory.city()
    began = datetime(2026, 6, 10, 2, tzinfo=UTC)
    made = city.draft()
    assert catalog.review_clock(made, now=began) is None
    catalog.submit(actor=city.steward, resource_id=made.id, now=began)
    waiting = catalog.approve(actor=city.head, resource_id=made.id, now=began)
    clock = catalog.review_clock(waiting, now=began)
    assert clock is not None
    assert clock.reading.due == date(2026, 6, 12)
    late = catalog.review_clock(waiting, now=datetime(2026, 6, 15, 2, tzinfo=UTC))
    assert late is not None
    assert late.reading.late
