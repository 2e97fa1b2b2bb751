"""A case begins, under a number that is never given twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from zhengtong.apps.affairs.cases.models import Case
from zhengtong.apps.affairs.cases.operations import storing
from zhengtong.apps.affairs.cases.operations.storing import Doing, Loaded
from zhengtong.apps.affairs.cases.queries import processes
from zhengtong.apps.affairs.cases.rules import chain, numbers
from zhengtong.apps.affairs.cases.rules.vocabulary import MATERIAL_LABELS, SOURCE_LABELS
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.conditions import Value
from zhengtong.engines.crypto.sealing import seal
from zhengtong.engines.workflow.running import open_case as began
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.parties import Party
from zhengtong.kernel.sentences import listed, say
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.keys import node_keys

LONGEST_KEY = 80
_MOST_MATERIALS = 200


class FilingRefused(Invalid):
    """申请的内容不完整,不能收件。"""

    code = "case-filing-refused"


@dataclass(frozen=True)
class MaterialGiven:
    """A document of the filing; ``source`` of ``MATERIAL_LABELS``, ``reference`` where it can be found."""

    name: str
    source: str = "10"
    reference: str = ""
    there: bool = True


@dataclass(frozen=True)
class Filing:
    """
    What somebody applied for.

    :ivar answers: the form as JSON; personal.
    :ivar facts: what choices of the process ask; no personal values, as they are in the engine's documents.
    """

    item_code: str
    item_name: str
    applicant: Party
    item_version: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Value] = field(default_factory=dict)
    materials: Sequence[MaterialGiven] = ()
    source: str = "0"
    agent: Party | None = None
    #: on what ground the agent acts: 法定代表人, 委托书, 监护人 …
    agent_basis: str = ""
    contact: str = ""


def open_case(*, by: identity.Actor | str, key: str, process: str, office: str, filing: Filing, now: datetime) -> str:
    """
    Begin a case on the version in force of a process and return its number; done again under one ``key``, the number there is.

    :param by: a clerk of the office, or a process of the platform such as ``process:filing``.
    :param office: the credit code of the office that answers for the whole.
    :raises NotYours: if an official is no clerk of the office.
    :raises FilingRefused: naming the field that is missing or wrong.
    :raises ProcessUnknown: if the process has no version in force.
    :raises NoAnswer: if a choice before the first step needs a fact that is not there.
    """
    if isinstance(by, identity.Actor) and not by.has(identity.Role.CLERK, office):
        raise identity.NotYours("收件需要本单位的窗口人员")
    _check(key, filing)
    try:
        with transaction.atomic():
            return _open(by, key, process, office, filing, now)
    except IntegrityError:
        # somebody else opened it under the same key at the same moment
        there = Case.objects.filter(key=key).values_list("number", flat=True).first()
        if there is None:
            raise
        return there


def _check(key: str, filing: Filing) -> None:
    for name, text, most in (("key", key, LONGEST_KEY), ("item_code", filing.item_code, 40), ("item_name", filing.item_name, 200)):
        if not text.strip() or len(text) > most:
            raise FilingRefused(say("“{name}”应有 1 至 {most} 个字", name=name, most=most), field=name, remedy="补充后再提交")
    if filing.source not in SOURCE_LABELS:
        raise FilingRefused("没有这种申报来源", field="source", remedy=say("可以是:{codes}", codes=listed(SOURCE_LABELS)))
    if filing.agent is not None and not filing.agent_basis.strip():
        raise FilingRefused("代办要写明依据", field="agent_basis", remedy="例如法定代表人、授权委托书、监护人")
    names = [one.name for one in filing.materials]
    if len(names) > _MOST_MATERIALS or len(set(names)) < len(names):
        raise FilingRefused(say("材料应各有名称,最多 {most} 份", most=_MOST_MATERIALS), field="materials", remedy="合并重复的材料")
    if wrong := next((one for one in filing.materials if one.source not in MATERIAL_LABELS), None):
        raise FilingRefused(say("材料“{name}”的来源渠道不对", name=wrong.name), field="materials", remedy=listed(MATERIAL_LABELS))


_PLACE = """
    select (select number from cases_case where key = %s),
        (select id from cases_processtemplate where code = %s and state = 'published'),
        (select array[id::text, region_id] from organisations_office where code = %s);
"""


def _open(by: identity.Actor | str, key: str, process: str, office: str, filing: Filing, now: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute(_PLACE + working_days.LATEST, [key, process, office])
        there, template, place = cursor.fetchone() or (None, None, None)
        cursor.nextset()
        token = cursor.fetchone()
    if there is not None:
        return str(there)
    ran = processes.running(template) if template else processes.in_force(process)
    if not place:
        raise organisations.OfficeUnknown(say("没有代码为 {code} 的单位", code=office), field="office")
    office_id, region = int(place[0]), place[1]
    moved = began(ran.process, act_id="open", at=now, data=filing.facts)
    number = _next_number(region, office, now)
    calendar = working_days.by_token(token[0] if token else None)
    loaded = Loaded(0, number, ran, office_id, office, filing.item_name, "", 0, chain.BEFORE_THE_FIRST, moved.case, calendar)
    materials = [asdict(one) for one in filing.materials]
    storing.keep_new(loaded, moved, _doing(ran, by, filing), _facts(number, key, filing), materials, at=now)
    return number


def _facts(number: str, key: str, filing: Filing) -> dict[str, Any]:
    """What a filing says, as it lies in the row of its case."""
    applicant, agent = filing.applicant, filing.agent
    return {
        "key": key,
        "item_code": filing.item_code,
        "item_version": filing.item_version,
        "item_name": filing.item_name,
        "source": filing.source,
        "applicant_kind": str(applicant.kind),
        "applicant_name": applicant.name,
        "applicant_sealed": _sealed(applicant.code, number, "applicant"),
        "applicant_digest": security.subject_digest(applicant.kind, applicant.code),
        "agent_kind": str(agent.kind) if agent else "",
        "agent_name": agent.name if agent else "",
        "agent_sealed": _sealed(agent.code, number, "agent") if agent else "",
        "agent_basis": filing.agent_basis if agent else "",
        "contact_sealed": _sealed(filing.contact, number, "contact") if filing.contact else "",
        "answers": dict(filing.answers),
    }


def _doing(ran: processes.Running, by: identity.Actor | str, filing: Filing) -> Doing:
    document: dict[str, Any] = {"process": ran.code, "version": ran.version, "item": filing.item_code, "facts": dict(filing.facts)}
    name, office = (by.name, by.office_name) if isinstance(by, identity.Actor) else ("平台", "")
    return Doing("open", "open", identity.label_of(by), name, document, office)


def _sealed(text: str, number: str, what: str) -> str:
    return seal(node_keys().seal, text.encode(), f"case:{number}:{what}")


def _next_number(region: str, office: str, now: datetime) -> str:
    pattern = numbers.check(environment().case_number)
    before = numbers.prefix(pattern, region=region, office=office, day=local_date(now))
    with connection.cursor() as cursor:
        # the row is held until the case is there: a number that was not used is given to the next
        cursor.execute(
            "insert into cases_counter (prefix, last) values (%s, 1) "
            "on conflict (prefix) do update set last = cases_counter.last + 1 returning last",
            [before],
        )
        row = cursor.fetchone()
    return numbers.numbered(pattern, before, int(row[0]) if row else 1)
