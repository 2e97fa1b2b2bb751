"""Facts of cases for whoever rates, counts or tells of them; for other apps of the platform, not for officials."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from zhengtong.apps.affairs.cases.models import Case, Material, Visit
from zhengtong.apps.affairs.cases.rules.vocabulary import SPARED, VISITS_TO_FILE, Delivery
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.crypto.sealing import unseal
from zhengtong.engines.deadlines.clock import Clock, State, read
from zhengtong.engines.workflow.documents import case_from
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.keys import node_keys


class CaseUnknown(NotFound):
    """没有这个办件,或您无权查看。"""

    code = "case-unknown"


@dataclass(frozen=True)
class Errand:
    """
    A case as those know it whose errand it was: ``parties`` are the keyed digests of the applicant and of who acted for them, ``names``
    theirs in the clear, by which words about the case are cleaned.
    """

    id: int
    number: str
    item_code: str
    item_name: str
    office_id: int
    office: str
    office_name: str
    parties: frozenset[str]
    names: frozenset[str]
    online: bool
    result: str
    ended_at: datetime | None


def errand(number: str) -> Errand:
    """
    A case by its number; whoever asks holds ``parties`` against who is asking.

    :raises CaseUnknown: if there is none.
    """
    row = Case.objects.select_related("office").filter(number=number).first()
    if row is None:
        raise CaseUnknown(say("没有办件 {number},或您无权查看", number=number))
    return _errand(row)


def errand_by_id(case_id: int) -> Errand:
    """A case by its row."""
    return _errand(Case.objects.select_related("office").get(pk=case_id))


def _errand(row: Case) -> Errand:
    parties = {row.applicant_digest}
    if row.agent_sealed:
        code = unseal(node_keys().seal, row.agent_sealed, f"case:{row.number}:agent").decode()
        parties.add(security.subject_digest(row.agent_kind, code))
    return Errand(
        row.pk,
        row.number,
        row.item_code,
        row.item_name,
        row.office_id,
        row.office.code,
        row.office.name,
        frozenset(parties),
        frozenset({row.applicant_name, row.agent_name} - {""}),
        row.source not in VISITS_TO_FILE,
        row.result,
        row.ended_at,
    )


@dataclass(frozen=True)
class BranchCourse:
    """How long one step took beyond its own budget, in working days."""

    number: int
    office_id: int
    over: int


@dataclass(frozen=True)
class Course:
    """
    What a case was like, in numbers.

    :ivar visits: how often somebody had to come: to file at a window, and on another day to collect.
    :ivar online: filed online, and the result (if there is one to deliver) was delivered online.
    :ivar days: working days from acceptance to the end, waits included; None before either.
    :ivar in_time: whether the whole ended within its period, waits not counted; None without a period or before the end.
    """

    id: int
    office_id: int
    item_code: str
    item_name: str
    began_at: datetime
    ended_at: datetime | None
    visits: int
    online: bool
    materials: int
    avoided: int
    days: int | None
    in_time: bool | None
    branches: tuple[BranchCourse, ...]


def course(number: str) -> Course:
    """
    The numbers of a case, read from its engine's documents.

    :raises CaseUnknown: if there is none.
    """
    row = Case.objects.filter(number=number).first()
    if row is None:
        raise CaseUnknown(say("没有办件 {number},或您无权查看", number=number))
    visits = list(Visit.objects.filter(case=row).order_by("number"))
    engine = case_from(row.head, [one.document for one in visits])
    sources = list(Material.objects.filter(case=row).values_list("source", flat=True))
    calendar = working_days.current()
    at_window = row.source in VISITS_TO_FILE
    fetched = row.delivered_at is not None and row.delivery in {Delivery.WINDOW, Delivery.CABINET}
    same_day = row.delivered_at is not None and at_window and local_date(row.delivered_at) == local_date(row.began_at)
    ended = row.ended_at
    taken = calendar.between(local_date(row.accepted_at), local_date(ended)) if ended and row.accepted_at else None
    joint = len({one.office_id for one in visits}) > 1
    return Course(
        row.pk,
        row.office_id,
        row.item_code,
        row.item_name,
        row.began_at,
        ended,
        at_window + (fetched and not same_day),
        not at_window and row.delivery in {"", Delivery.ONLINE},
        len(sources),
        sum(one in SPARED for one in sources),
        max(taken, 0) if taken is not None else None,
        _in_time(engine.clock, ended),
        tuple(BranchCourse(one.number, one.office_id, _over(engine.visits[one.number].clock, ended)) for one in visits)
        if joint and ended
        else (),
    )


def _in_time(clock: Clock | None, ended: datetime | None) -> bool | None:
    if clock is None or ended is None:
        return None
    reading = read(clock, working_days.current(), ended)
    return not reading.late and reading.state is not State.MISSED


def _over(clock: Clock | None, ended: datetime | None) -> int:
    return read(clock, working_days.current(), ended).overdue if clock is not None and ended is not None else 0


def numbers_after(last: int, limit: int) -> list[tuple[int, str]]:
    """Rows and numbers of all cases, in order, behind a row; for rebuilding what is derived from them."""
    return list(Case.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "number")[:limit])
