"""Types, issue, change, what becomes of a licence, bulk."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import connections, transaction

from factories import licences
from factories.licences import COMPANY, PERSON, VALUES, Desk
from factories.world import NOW, TODAY
from zhengtong.apps.affairs.licences import api
from zhengtong.apps.affairs.licences.models import JobRow, Licence
from zhengtong.apps.affairs.licences.operations import bulk
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.actors import NotYours
from zhengtong.kernel.codes import licence_identifier
from zhengtong.kernel.errors import Invalid


def events(name: str) -> list[security.EntryRow]:
    while security.unfold():
        pass
    return list(security.entries(security.EntryFilter(event=name)))


def test_a_type_is_proposed_by_its_office_and_published_by_the_bureau(desk: Desk) -> None:
    for wrong in (desk.head, desk.stranger, desk.approver):
        with pytest.raises(NotYours):
            api.propose_type(actor=wrong, office=desk.office.code, draft=licences.draft(suffix="002"), now=NOW)
    code = api.propose_type(actor=desk.steward, office=desk.office.code, draft=licences.draft(suffix="002"), now=NOW)
    with pytest.raises(api.TypeUnknown):
        desk.issue(type_code=code)
    with pytest.raises(api.UnderWork):
        api.propose_type(actor=desk.steward, office=desk.office.code, draft=licences.draft(suffix="002"), now=NOW)
    assert [one.code for one in api.types_waiting(desk.approver)] == [code]
    for wrong in (desk.steward, desk.head, desk.stranger):
        with pytest.raises(NotYours):
            api.decide_type(actor=wrong, code=code, publish=True, reason="", now=NOW)
    with pytest.raises(Invalid):
        api.decide_type(actor=desk.approver, code=code, publish=False, reason="", now=NOW)
    api.decide_type(actor=desk.approver, code=code, publish=False, reason="字段不全,请补充", now=NOW)
    licences.publish(desk.office, desk.steward, desk.approver, suffix="002", name="小餐饮许可证")
    assert api.type_view(code).name == "小餐饮许可证"
    with pytest.raises(Invalid):  # who holds it is settled
        api.propose_type(actor=desk.steward, office=desk.office.code, draft=licences.draft(suffix="002", holder="person"), now=NOW)


def test_an_old_licence_keeps_the_version_by_which_it_was_made(desk: Desk) -> None:
    old = desk.issue()
    licences.publish(desk.office, desk.steward, desk.approver, name="食品经营许可证(新版)")
    new = desk.issue()
    assert api.licence(old, actor=desk.steward).name == "食品经营许可证"
    assert api.licence(new, actor=desk.steward).name == "食品经营许可证(新版)"


def test_a_licence_has_an_identifier_a_term_and_an_entry(desk: Desk) -> None:
    name = desk.issue()
    parsed = licence_identifier.parse(name)
    assert (parsed.type_code, parsed.issuer, parsed.version) == (desk.type_code, desk.office.code, 1)
    view = api.licence(name, actor=desk.steward)
    assert view.valid_until == date(2031, 6, 9)
    row = Licence.objects.get()
    assert "李大海" not in row.body + row.sealed
    entry = events("licences:licence:issued")[0]
    assert entry.subjects == [security.subject_digest("company", COMPANY.code)]


def test_only_its_office_issues_and_sees(desk: Desk) -> None:
    name = desk.issue()
    for wrong in (desk.stranger, desk.approver, desk.head):
        with pytest.raises(NotYours):
            api.issue_by_hand(
                actor=wrong,
                type_code=desk.type_code,
                office=desk.office.code,
                holder=COMPANY,
                values=VALUES,
                begins=TODAY,
                ends=None,
                now=NOW,
            )
    with pytest.raises(api.LicenceUnknown):
        api.licence(name, actor=desk.stranger)
    assert not api.licences(desk.stranger, api.Sought())
    assert not list(api.every(desk.stranger, api.Sought()))


def test_a_person_gets_no_licence_of_companies(desk: Desk) -> None:
    with pytest.raises(Invalid) as caught:
        desk.issue(PERSON)
    assert caught.value.field == "holder"


def test_a_case_is_issued_once(desk: Desk) -> None:
    facts = {"by": "process:test", "type_code": desk.type_code, "office": desk.office.code, "values": VALUES, "now": NOW, "case": "BJ1"}
    first = api.issue(holder=COMPANY, **facts)  # type: ignore[arg-type]
    assert api.issue(holder=COMPANY, **facts) == first  # type: ignore[arg-type]
    assert Licence.objects.count() == 1
    assert len(events("licences:licence:issued")) == 1
    other = licences.party("company", "91330000755918469E", "别的公司")
    with pytest.raises(api.CaseTaken):
        api.issue(holder=other, **facts)  # type: ignore[arg-type]


def test_a_change_is_a_new_version_and_ends_the_old_one(desk: Desk) -> None:
    old = desk.issue()
    with pytest.raises(NotYours):
        api.change(actor=desk.stranger, identifier=old, values=VALUES, name="", reason="地址变更", now=NOW)
    new = api.change(actor=desk.steward, identifier=old, values=VALUES | {"place": "新址"}, name="", reason="地址变更", now=NOW)
    assert licence_identifier.parse(new).version == 2
    assert licence_identifier.parse(new).serial == licence_identifier.parse(old).serial
    assert api.by_identifier(old, now=NOW).verdict is api.Verdict.REVOKED
    assert api.by_identifier(new, now=NOW).verdict is api.Verdict.VALID
    assert [one.identifier for one in api.of_holder(COMPANY)] == [new]
    with pytest.raises(api.WrongState):
        api.change(actor=desk.steward, identifier=old, values=VALUES, name="", reason="再次变更", now=NOW)


def test_the_head_decides_and_history_tells(desk: Desk) -> None:
    name = desk.issue()
    for wrong in (desk.steward, desk.stranger, desk.approver):
        with pytest.raises(NotYours):
            api.act(actor=wrong, identifier=name, what=api.Act.SUSPEND, reason="现场检查不合格", now=NOW)
    with pytest.raises(Invalid):
        api.act(actor=desk.head, identifier=name, what=api.Act.SUSPEND, reason=" ", now=NOW)
    for what, says in (
        (api.Act.SUSPEND, api.Verdict.SUSPENDED),
        (api.Act.RESUME, api.Verdict.VALID),
        (api.Act.REVOKE, api.Verdict.REVOKED),
    ):
        api.act(actor=desk.head, identifier=name, what=what, reason="依据检查结论", now=NOW)
        assert api.by_identifier(name, now=NOW).verdict is says
    with pytest.raises(api.WrongState):
        api.act(actor=desk.head, identifier=name, what=api.Act.RESUME, reason="依据检查结论", now=NOW)
    assert [one.label for one in api.history(name)] == ["吊销", "暂扣发还", "暂扣"]
    assert len(events("licences:licence:revoked")) == 1


def test_what_is_over_expires_once(desk: Desk) -> None:
    name = desk.issue(ends=TODAY + timedelta(days=10))
    later = NOW + timedelta(days=11)
    assert api.by_identifier(name, now=later).verdict is api.Verdict.EXPIRED  # at once, whatever the worker does
    assert api.expire(now=NOW) == 0
    assert api.expire(now=later) == 1
    assert api.expire(now=later) == 0
    assert [one.label for one in api.history(name)] == ["过期失效"]


ROWS = [["云州面馆有限公司", "91110000600037341L", "人民路", "李大海", "热食"], ["坏行", "91110000600037342L", "x", "y", "热食"]]
HEADER = ["持证主体", "持证主体代码", "经营场所", "法定代表人", "scope"]


def test_bulk_issues_and_keeps_back(desk: Desk) -> None:
    rows = [*ROWS, ["第三家", "91330000755918469E", "y", "z", "烧烤"]]
    number = api.start(
        actor=desk.steward, type_code=desk.type_code, office=desk.office.code, name="名册.csv", header=HEADER, rows=rows, now=NOW
    )
    assert api.work_off(now=NOW) >= 3
    assert api.work_off(now=NOW) == 0
    job = api.job(number, actor=desk.steward)
    assert (job.total, job.issued, job.refused, job.state) == (3, 1, 2, api.JobState.DONE)
    refused = api.refusals(number)
    assert [line for line, _why in refused] == [2, 3]
    assert [why["field"] for _line, why in refused] == ["持证主体代码", "scope"]
    assert "91110000600037342L" not in str(refused)
    assert JobRow.objects.get(line=1).sealed == ""
    for wrong in (desk.stranger, desk.approver):
        with pytest.raises(api.JobUnknown):
            api.job(number, actor=wrong)
        with pytest.raises(NotYours):
            api.start(actor=wrong, type_code=desk.type_code, office=desk.office.code, name="x", header=HEADER, rows=rows, now=NOW)


@pytest.mark.parametrize(("header", "field"), [(["持证主体"], "持证主体代码"), ([*HEADER, "多余"], "多余")])
def test_a_register_with_wrong_columns_is_refused(desk: Desk, header: list[str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        api.start(actor=desk.steward, type_code=desk.type_code, office=desk.office.code, name="x", header=header, rows=ROWS, now=NOW)
    assert caught.value.field == field


def test_a_killed_worker_doubles_and_forgets_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [ROWS[0]] * 25
    monkeypatch.setattr(bulk, "BATCH", 10)
    number = api.start(actor=desk.steward, type_code=desk.type_code, office=desk.office.code, name="x", header=HEADER, rows=rows, now=NOW)
    assert api.work_off(now=NOW, most=1) == 10
    whole = bulk.security.record

    def killed(*_args: object, **_facts: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(bulk.security, "record", killed)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        api.work_off(now=NOW, most=1)
    assert Licence.objects.count() == 10
    monkeypatch.setattr(bulk.security, "record", whole)
    api.work_off(now=NOW)
    job = api.job(number, actor=desk.steward)
    assert (job.issued, Licence.objects.count(), Licence.objects.values("serial").distinct().count()) == (25, 25, 25)


@pytest.mark.django_db(transaction=True)
def test_eight_clerks_at_once_get_eight_numbers() -> None:
    desk = licences.desk()
    found, barrier = list[str](), threading.Barrier(8)

    def clerk() -> None:
        barrier.wait()
        try:
            found.append(desk.issue())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=clerk) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len({licence_identifier.parse(one).serial for one in found}) == 8


def test_coverage_counts_holders_once(desk: Desk) -> None:
    desk.issue()
    desk.issue()
    row = api.coverage()[0]
    assert (row.holders, row.licences, row.share) == (1, 2, 10.0)


def test_lists_find_narrow_and_go_on(desk: Desk) -> None:
    names = [desk.issue() for _ in range(5)]
    first = api.licences(desk.steward, api.Sought(), limit=2)
    rest = api.licences(desk.steward, api.Sought(), after=api.cursor(first[-1]), limit=9)
    assert [one.identifier for one in [*first, *rest]] == names[::-1]
    for order in api.ORDERS:
        page = api.licences(desk.steward, api.Sought(order=order), limit=2)
        assert len(api.licences(desk.steward, api.Sought(order=order), after=api.cursor(page[-1]), limit=9)) == 3
    assert [one.identifier for one in api.licences(desk.steward, api.Sought(names[2]))] == [names[2]]
    assert len(api.licences(desk.steward, api.Sought(COMPANY.code))) == 5
    assert not api.licences(desk.steward, api.Sought(state="02"))


def test_the_database_gives_no_serial_twice(desk: Desk) -> None:
    row = Licence.objects.get(identifier=desk.issue())
    row.pk, row.identifier = row.pk + 1000, row.identifier + "X"
    with pytest.raises(Exception, match=r"licence_serial_once|licence_one_current"), transaction.atomic():
        row.save(force_insert=True)
