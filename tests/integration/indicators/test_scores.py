"""The portal measured from what is open: a good dataset, a file that is gone, papers, pages, and who may."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from factories import world
from factories.opening import Opening
from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.models import VersionFile
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.oversight.indicators import api as indicators
from zhengtong.apps.oversight.indicators.models import DatasetScore
from zhengtong.kernel import clock

pytestmark = pytest.mark.usefixtures("hub")
TODAY = clock.local_date(NOW)


def measured() -> indicators.Portal:
    while indicators.measure_due(now=NOW):
        pass
    return indicators.portal(today=TODAY)


def test_an_open_dataset_is_measured_once_until_it_changes(opening: Opening) -> None:
    number = opening.opened()
    assert indicators.measure_due(now=NOW) == 1
    assert indicators.measure_due(now=NOW) == 0
    found = indicators.portal(today=TODAY)
    assert found.datasets == 1
    assert found.mqa is not None
    assert found.mqa >= 380
    assert found.rating == "excellent"
    # XLSX is one form of several, and no open one by MQA's list
    assert {key for key, _points, _count in found.lost} == {"non_proprietary"}
    assert indicators.measure_due(now=NOW + timedelta(days=8)) == 1
    opening.change("update civil.division set people = 1 where code = '370105'")
    opendata.follow(now=NOW)
    opening.build()
    assert indicators.measure_due(now=NOW) == 1
    (one,) = indicators.dataset_scores()
    assert (one.number, one.title) == (number, opendata.dataset(number, now=NOW).version.facts["title"])


def test_a_file_that_is_gone_costs_points(opening: Opening) -> None:
    number = opening.opened()
    default_storage.delete(VersionFile.objects.get(version__dataset=number, form="json").stored)
    lost = {key: points for key, points, _count in measured().lost}
    assert lost["access_status"] > 0
    assert lost["download_status"] > 0


def test_what_is_withdrawn_is_not_counted(opening: Opening) -> None:
    number = opening.opened()
    measured()
    opendata.withdraw(actor=opening.circle.chief, number=number, reason="停用", now=NOW)
    found = indicators.portal(today=TODAY)
    assert (found.datasets, found.mqa, found.lost) == (0, None, [])
    assert indicators.office_scores(today=TODAY) == []
    assert DatasetScore.objects.count() == 1


def test_the_day_is_kept_once(opening: Opening) -> None:
    assert not indicators.measure_portal(today=TODAY)
    opening.opened()
    measured()
    assert indicators.measure_portal(today=TODAY)
    assert not indicators.measure_portal(today=TODAY)
    ((day, points, index, datasets),) = indicators.trend()
    assert (day, datasets) == (TODAY, 1)
    assert points is not None
    assert index is not None


def test_papers_are_kept_by_the_bureau_alone(opening: Opening) -> None:
    approver = world.official(identity.Role.BUREAU_APPROVER, at=opening.circle.bureau)
    facts = {"indicator": "policy", "title": "公共数据开放办法", "link": "", "issued_on": date(2026, 1, 1), "now": NOW}
    for actor in (opening.circle.keeper, opening.circle.chief):
        if not actor.holds(identity.Role.BUREAU_APPROVER):
            with pytest.raises(indicators.NotAllowed):
                indicators.add_evidence(actor=actor, **facts)
    number = indicators.add_evidence(actor=approver, **facts)
    with pytest.raises(indicators.EvidenceTwice):
        indicators.add_evidence(actor=approver, **facts)
    policy = next(one for one in indicators.portal(today=TODAY).values if one.key == "policy")
    assert policy.value == pytest.approx(33.3)
    with pytest.raises(indicators.NotAllowed):
        indicators.remove_evidence(actor=opening.circle.keeper, evidence_id=number, now=NOW)
    indicators.remove_evidence(actor=approver, evidence_id=number, now=NOW)
    assert indicators.evidence() == []
    with pytest.raises(indicators.EvidenceUnknown):
        indicators.remove_evidence(actor=approver, evidence_id=number, now=NOW)


def test_pages(opening: Opening, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    browser = Client()
    assert "还没有评过" in browser.get("/open/score/").content.decode()
    number = opening.opened()
    measured()
    with django_assert_max_num_queries(25):
        page = browser.get("/open/score/").content.decode()
    for words in ("开放数据自评", "先改什么", "格式不专有", "数据层"):
        assert words in page
    office = opendata.dataset(number, now=NOW).version.facts["office"]
    assert "失分最多的数据集" in browser.get(f"/open/score/offices/{office}/").content.decode()
    assert browser.get("/open/score/offices/nonsense/").status_code == 404
    assert "格式不专有" in browser.get("/open/score/datasets/?metric=non_proprietary").content.decode()
    assert "没有这样的数据集" in browser.get("/open/score/datasets/?metric=keyword&after=zz:1").content.decode()
    assert office in browser.get("/open/score/offices.csv").content.decode("utf-8-sig")
    assert browser.post("/open/score/").status_code == 405
    assert browser.get("/work/score/evidence/").status_code == 302
    assert world.signed_in(opening.circle.keeper).get("/work/score/evidence/").status_code == 403
    approver = world.official(identity.Role.BUREAU_APPROVER, at=opening.circle.bureau)
    keeper = world.signed_in(approver)
    assert keeper.post("/work/score/evidence/", {}).status_code == 422
    asked = {"indicator": "policy", "title": "开放办法", "issued_on": "2026-01-01", "link": "javascript:alert(1)"}
    assert keeper.post("/work/score/evidence/", asked).status_code == 422
    assert keeper.post("/work/score/evidence/", asked | {"link": "https://d.cn/a"}).status_code == 302
    (one,) = indicators.evidence()
    assert "开放办法" in browser.get("/open/score/").content.decode()
    assert keeper.post(f"/work/score/evidence/{one.pk}/remove/").status_code == 302
