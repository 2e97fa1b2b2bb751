"""What exchange and sharing tell quality: whether data stand behind an entry, where they come from, and who uses them."""

from __future__ import annotations

import pytest
from django.test import Client

from factories import world
from factories.exchange import collected, source
from factories.sharing import NOW, Circle
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.resources.quality import api as quality
from zhengtong.kernel import clock

pytestmark = pytest.mark.usefixtures("hub")


def test_a_bound_entry_says_where_its_data_come_from_and_where_they_go(
    hub: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    circle = Circle()
    source(database_url)
    quality.rebuild(now=NOW)
    before = quality.entry_score(circle.resource)
    assert before is not None
    assert not before.bound
    collected(circle, database_url)
    while quality.follow(now=clock.now()):
        pass
    after = quality.entry_score(circle.resource)
    assert after is not None
    assert after.bound
    [origin] = quality.edges(quality.Way.UP, circle.resource, 50)
    assert (origin.total, len(origin.shown)) == (1, 1)
    circle.granted()
    monkeypatch.setattr(opendata, "of_resource", lambda _number: (7, opendata.State.OPEN))
    [consumers, dataset] = quality.edges(quality.Way.DOWN, circle.resource, 50)
    assert (consumers.total, dataset.total) == (1, 1)
    client: Client = world.signed_in(circle.keeper)
    shown = client.get(f"/share/lineage/{circle.resource}/").content.decode()
    assert "提供单位的数据库表" in shown
    assert "1 个有效授权" in shown
    assert "/open/datasets/7/" in shown
