"""Propose to open a resource, for the first time or anew after a return or a withdrawal."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.opendata.models import Dataset
from zhengtong.apps.flow.opendata.operations import journal, queueing
from zhengtong.apps.flow.opendata.queries.openings import bureau_code
from zhengtong.apps.flow.opendata.rules import permissions, searching, states
from zhengtong.apps.flow.opendata.rules.proposal import Proposal, Words, check
from zhengtong.apps.flow.opendata.rules.states import Act
from zhengtong.apps.flow.opendata.rules.vocabulary import BuildKind, State
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel.errors import Conflict, Invalid


class AlreadyProposed(Conflict):
    """这个资源已经提议开放。"""

    code = "already-proposed"


@transaction.atomic
def propose(*, actor: identity.Actor, resource_id: int, proposal: Proposal, now: datetime) -> int:
    """
    Propose to open a published resource whose data lies in the hub; the gates are measured by the worker. Returns the dataset's number.

    :raises NotAllowed: unless the actor is a steward of its office.
    :raises Invalid: if the proposal lacks something or opens what cannot be opened, or the entry forbids sharing.
    :raises NothingLanded: before its data was collected.
    :raises AlreadyProposed: if somebody was first.
    :raises WrongState: if an earlier proposal is still under way, or the dataset is open.
    """
    resource = catalog.resource(resource_id)
    parties = permissions.Parties(resource.office, bureau_code(resource.region))
    permissions.require(actor, Act.PROPOSE, parties)
    if resource.content.sharing_type == catalog.SharingType.NOT_SHARED:
        raise Invalid("目录规定不予共享的资源不能开放", field="resource", remedy="依据有变的,先修改目录")
    if not exchange.landed([resource_id]):
        raise exchange.NothingLanded
    check(proposal, resource.content.items)
    row = Dataset.objects.select_for_update(of=("self",)).select_related("resource__office").filter(resource_id=resource_id).first()
    if row is None:
        row = Dataset(resource_id=resource_id, created_at=now, changed_at=now)
        _fill(row, proposal, resource)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as exc:
            raise AlreadyProposed from exc
    else:
        states.check(row.state, Act.PROPOSE)
        row.revision += 1
        _fill(row, proposal, resource)
    journal.write(row, "proposed", by=actor, now=now)
    queueing.ask(row, BuildKind.MEASURE, now=now)
    return row.pk


@transaction.atomic
def reword(*, actor: identity.Actor, number: int, words: Words, now: datetime) -> None:
    """
    Change what the public reads about an open dataset: title, summary, theme and contact. It stays open under the consent it has;
    the worker makes the next version with the new words, and the office's head is told.

    :raises NotAllowed: unless the actor is a steward of its office.
    :raises WrongState: unless it is open.
    :raises Invalid: if something is missing, or somebody's number is among the words.
    :raises BuildOpen: while the worker makes a version.
    """
    row = journal.open_for(number, Act.REWORD, actor)
    words.check()
    before = {name: getattr(row, name) for name in ("title", "summary", "theme", "contact")}
    after = {name: getattr(words, name).strip() for name in before}
    changed = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if not changed:
        return
    for name, text in after.items():
        setattr(row, name, text)
    row.title_key = catalog.sort_key(row.title)
    _index(row, row.resource.office.name)
    journal.write(row, "reworded", by=actor, now=now, detail={"changed": changed})
    journal.tell_about(row, identity.Role.SHARING_HEAD, row.resource.office.code, "数据集的说明已修改", now)
    queueing.ask(row, BuildKind.PUBLISH, now=now)


def _fill(row: Dataset, proposal: Proposal, resource: catalog.ResourceView) -> None:
    row.state, row.reason, row.findings, row.rows, row.measured_at = State.MEASURING, "", [], None, None
    row.title, row.summary = proposal.title.strip(), proposal.summary.strip()
    row.title_key = catalog.sort_key(row.title)
    row.theme, row.licence = proposal.theme, proposal.licence
    row.attribution, row.contact = proposal.attribution.strip(), proposal.contact.strip()
    order = {item.key: place for place, item in enumerate(resource.content.items)}
    row.items = [{"key": key, "mask": str(proposal.items[key])} for key in sorted(proposal.items, key=order.__getitem__)]
    row.quasi, row.indexed = list(proposal.quasi), list(proposal.indexed)
    row.conditional = proposal.conditions is not None
    row.conditions = proposal.conditions.document() if proposal.conditions else {}
    row.place = proposal.place.document() if proposal.place else {}
    row.update_cycle = resource.content.update_cycle
    _index(row, resource.office_name)


def _index(row: Dataset, office_name: str) -> None:
    words = f"{row.title} {row.summary} {office_name}"
    row.words, row.pairs = searching.plain(words), searching.pairs(words)
