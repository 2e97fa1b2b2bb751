"""What the first citizen of the demo city finds in their own space: a case that asks for something, one at work, and licences."""

from __future__ import annotations

from datetime import datetime

from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.licences import api as licences
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.parties import Party
from zhengtong.project.demo.staff import actor_named, prefix

_ESTATE = ("property_registration", "natural_resources", "370715001000", "不动产转移登记")
_RECORD = ("instant", "public_security", "372009041000", "无犯罪记录证明")
_MISSING = ("购房合同原件照片", "契税完税凭证")
_PURPOSE = "核对申请人身份"


def furnish(party: Party, *, now: datetime) -> None:
    """Open the cases and issue the licences, those that are not there yet."""
    if licences.of_holder(party):
        return
    estate = _opened(_ESTATE, party, now)
    step = cases.case(estate, actor=_at(_ESTATE[1], "clerk", now), now=now).open[0]
    holder = _at(_ESTATE[1], step.post.value, now)
    cases.ask_supplement(actor=holder, number=estate, visit=step.number, missing=_MISSING, act_id="demo/missing", now=now)
    record = _opened(_RECORD, party, now)
    police = _at("public_security", "steward", now)
    for suffix, values in (("001", {"birth": "1980-01-01", "region": "云州市"}), ("002", {"class": "C1", "birth": "1980-01-01"})):
        identifier = licences.issue_by_hand(
            actor=police,
            type_code=police.office + suffix,
            office=police.office,
            holder=party,
            values=values,
            begins=local_date(now),
            ends=None,
            now=now,
        )
        licences.read(actor=_at(_RECORD[1], "clerk", now), identifier=identifier, purpose=_PURPOSE, case=record, now=now)


def _at(office: str, post: str, now: datetime) -> Actor:
    return actor_named(f"{prefix(office)}.{post}", on=local_date(now))


def _opened(item: tuple[str, str, str, str], party: Party, now: datetime) -> str:
    process, office, code, name = item
    clerk = _at(office, "clerk", now)
    filing = cases.Filing(item_code=code, item_name=name, item_version="1", applicant=party, source="1", contact="13800000000")
    return cases.open_case(by=clerk, key=f"demo-own-{process}", process=process, office=clerk.office, filing=filing, now=now)
