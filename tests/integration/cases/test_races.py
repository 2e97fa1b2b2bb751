"""Many at one instant, and a process that ends between any two steps: nothing doubled, nothing forgotten."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from factories.cases import COMPANY, NOW, Hall, later
from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.cases.models import Case, Deed, FiredRung, Letter, Visit
from zhengtong.apps.affairs.cases.operations import acting, following, letters, storing
from zhengtong.apps.foundation.notices.models import Notice

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Start all at one instant, each on a connection of its own; results or errors in order."""
    gate = threading.Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        try:
            gate.wait()
            return act()
        except Exception as exc:  # noqa: BLE001 - what became of each is the answer
            return exc
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(one, acts))


def test_eight_clerks_file_at_once_and_no_number_comes_twice_or_is_left_out() -> None:
    hall = Hall()
    numbers = [number for _ in range(5) for number in at_once([hall.opened] * 8)]
    assert sorted(numbers) == sorted(set(numbers))
    assert sorted(int(number[-5:]) for number in numbers) == list(range(1, 41))


def test_one_filing_sent_eight_times_at_once_is_one_case() -> None:
    hall = Hall()
    assert len(set(at_once([lambda: hall.opened(key="one")] * 8))) == 1
    assert (Case.objects.count(), Deed.objects.count(), Visit.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("round_", range(3))
def test_all_departments_decide_at_one_instant_and_there_is_one_join(round_: int) -> None:
    hall = Hall("company_startup")
    number = hall.opened(applicant=COMPANY)
    hall.do(number, "accept", "accepted")
    steps = ("market", "police", "tax", "social")
    who = {step: (hall.holder(number, step), hall.branch(number, step).number) for step in steps}

    def decide(step: str) -> Callable[[], cases.Done]:
        actor, visit = who[step]
        return lambda: cases.complete(actor=actor, number=number, visit=visit, outcome="agree", act_id=step, now=NOW)

    results = at_once([decide(step) for step in steps])
    assert all(isinstance(one, cases.Done) for one in results), results
    assert Visit.objects.filter(step="issue").count() == 1
    joined = [line for deed in Deed.objects.all() for line in deed.happenings if line[0] == "joined"]
    assert joined == [["joined", "joined", None, "agree"]]
    assert hall.do(number, "issue", "issued").result == "granted"
    assert Letter.objects.filter(kind="granted").count() == 1
    assert cases.verify(number) == 7


def test_two_complete_one_step_and_one_of_them_is_told_that_it_is_over() -> None:
    hall = Hall()
    number = hall.opened()

    def complete(outcome: str) -> cases.Done:
        return cases.complete(
            actor=hall.lead.clerk, number=number, visit=1, outcome=outcome, reason="理由", act_id=uuid.uuid4().hex, now=NOW
        )

    results = at_once([lambda: complete("agree"), lambda: complete("refuse")] * 2)
    assert sum(isinstance(one, cases.Done) for one in results) == 1
    assert sum(isinstance(one, cases.StepOver) for one in results) == 3
    assert Deed.objects.filter(kind="complete").count() == 1


def test_workers_side_by_side_warn_once_and_let_silence_pass_once() -> None:
    hall = Hall()
    for _ in range(3):
        hall.opened()
    at_once([lambda: cases.follow(now=later(6))] * 4)
    first = Notice.objects.count()
    assert FiredRung.objects.count() == 3
    assert first == 3
    at_once([lambda: cases.follow(now=later(8))] * 4)
    assert Deed.objects.filter(kind="let-pass").count() == 3
    assert Letter.objects.filter(kind="accepted").count() == 3
    at_once([lambda: cases.anchor(now=later(8))] * 4)
    assert not Case.objects.exclude(anchored=0).exclude(anchored=Case.objects.first().height).exists()


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("place", ["keep", "letters", "notices"])
def test_a_worker_killed_between_any_two_steps_doubles_and_forgets_nothing(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall()
    number = hall.opened()
    where = {"keep": (storing, "keep"), "letters": (letters, "write_for"), "notices": (following.notices, "tell")}[place]
    real = getattr(*where)
    for before in (True, False):
        calls = []

        def dying(*given: Any, _before: bool = before, _calls: list[int] = calls, **facts: Any) -> Any:
            if _before:
                raise Killed
            real(*given, **facts)
            raise Killed

        monkeypatch.setattr(*where, dying)
        with pytest.raises(Killed):
            cases.follow(now=later(8))
        monkeypatch.setattr(*where, real)
        assert Deed.objects.count() == 1
        assert not Notice.objects.exists()
        assert not Letter.objects.exists()
    cases.follow(now=later(8))
    cases.follow(now=later(8))
    assert Deed.objects.filter(kind="let-pass").count() == 1
    assert Letter.objects.filter(kind="accepted").count() == 1
    assert cases.verify(number) == Case.objects.get().height


def test_an_official_whose_browser_sends_again_after_a_crash_has_acted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall()
    number = hall.opened()
    real = acting.letters.write_for

    def dying(*_given: Any, **_facts: Any) -> None:
        raise Killed

    monkeypatch.setattr(acting.letters, "write_for", dying)
    facts = {"actor": hall.lead.clerk, "number": number, "visit": 1, "outcome": "agree", "act_id": "once", "now": NOW}
    with pytest.raises(Killed):
        cases.complete(**facts)
    monkeypatch.setattr(acting.letters, "write_for", real)
    assert not cases.complete(**facts).repeated
    assert cases.complete(**facts).repeated
    assert (Deed.objects.filter(kind="complete").count(), Letter.objects.count()) == (1, 1)
