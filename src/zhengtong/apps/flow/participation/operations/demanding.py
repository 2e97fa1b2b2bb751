"""What askers and their supporters do: file, support, take what is there, withdraw."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from zhengtong.apps.flow.participation.models import Demand, Support
from zhengtong.apps.flow.participation.operations import answering, journal, receiving
from zhengtong.apps.flow.participation.operations.receiving import Receipt
from zhengtong.apps.flow.participation.queries import places
from zhengtong.apps.flow.participation.queries.keys import visitor_key
from zhengtong.apps.flow.participation.rules import clocks, content, receipts
from zhengtong.apps.flow.participation.rules.content import Wish
from zhengtong.apps.flow.participation.rules.demands import DemandUnknown, NotAllowed, WrongState
from zhengtong.apps.flow.participation.rules.vocabulary import PUBLIC, RUNNING, Asker, DemandState, Subject
from zhengtong.apps.flow.participation.rules.words import folded
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say


@transaction.atomic
def file_demand(*, wish: Wish, form: str, actor: identity.Actor | None, now: datetime) -> Receipt:
    """
    Hand a demand in. An official's goes on at once, in the name of the office; a stranger's waits until the bureau has read it.

    The same form sent again returns the same receipt.

    :raises Invalid: naming the field; personal data in what will be public among it.
    :raises NotAllowed: for administrators, who hold no business role.
    """
    content.check_wish(wish)
    receiving.screen(title=wish.title, purpose=wish.purpose, items=wish.items, name=wish.name)
    if actor is not None and actor.duty is not None:
        raise NotAllowed("管理员不办理业务,不能提出数据需求")
    if (wish.asker == Asker.OFFICE) != (actor is not None):
        raise Invalid("政务部门请登录后提出,登录后只能以本单位名义提出", field="asker")
    if wish.frequency and wish.frequency not in set(catalog.UpdateCycle):
        raise Invalid("请选择列出的更新频率", field="frequency")
    once = receipts.once(Subject.DEMAND, form, wish.title, wish.purpose, wish.items, wish.name, wish.contact, wish.provider)
    row, made = Demand.objects.get_or_create(once=once, defaults=_facts(wish, once, actor, now))
    if made:
        _begin(row, actor, now)
    return receiving.receipt_of(row)


def _facts(wish: Wish, once: str, actor: identity.Actor | None, now: datetime) -> dict[str, object]:
    provider = organisations.office(wish.provider) if wish.provider else None
    if provider and provider.valid_until is not None:
        raise Invalid(say("{office}已撤并", office=provider.name), field="provider")
    own = organisations.office(actor.office) if actor else None
    near = provider or own
    bureau = organisations.bureau_for(near.region) if near else places.first_bureau()
    state = DemandState.PENDING if actor is None else DemandState.PROVIDER if provider else DemandState.BUREAU
    return {
        "number": receipts.number(Subject.DEMAND, local_date(now), once),
        "secret": receiving.secret_digest(once),
        "filed_at": now,
        "name": own.name if own else wish.name.strip(),
        "contact": wish.contact.strip(),
        "account_id": actor.account_id if actor else None,
        "state": state,
        "asker": wish.asker,
        "way": wish.way,
        "title": wish.title.strip(),
        "title_key": catalog.sort_key(wish.title)[:200],
        "purpose": wish.purpose.strip(),
        "items": wish.items.strip(),
        "frequency": wish.frequency,
        "words": folded(wish.title, wish.purpose, wish.items),
        "office_id": own.id if own else None,
        "provider_id": provider.id if provider else None,
        "bureau_id": bureau.id,
        "clock": clocks.PROVIDER if state is DemandState.PROVIDER else clocks.BUREAU,
        "clock_began_at": now,
    }


def _begin(row: Demand, actor: identity.Actor | None, now: datetime) -> None:
    journal.note(row, "filed", by=actor or journal.VISITOR, now=now)
    if row.state == DemandState.PROVIDER:
        journal.tell_office(row, say("收到一项数据需求"), now)
    else:
        journal.tell_bureau(row, say("有一项数据需求等待主管部门办理"), now)


def _public(number: str) -> Demand:
    row = Demand.objects.select_for_update(of=("self",)).filter(number=number, state__in=sorted(PUBLIC)).first()
    if row is None:
        raise DemandUnknown
    return row


@transaction.atomic
def support(*, number: str, visitor: str, now: datetime) -> int:
    """
    Say that one needs the same; saying it again changes nothing. Returns how many do.

    :raises DemandUnknown: if no public demand has the number.
    """
    row = _public(number)
    _one, made = Support.objects.get_or_create(demand=row, visitor=visitor_key(visitor), defaults={"at": now})
    return _counted(row, 1 if made else 0)


@transaction.atomic
def take_support_back(*, number: str, visitor: str) -> int:
    """
    Take it back. Returns how many are left.

    :raises DemandUnknown: if no public demand has the number.
    """
    row = _public(number)
    gone, _kinds = Support.objects.filter(demand=row, visitor=visitor_key(visitor)).delete()
    return _counted(row, -gone)


def _counted(row: Demand, change: int) -> int:
    if change:
        Demand.objects.filter(pk=row.pk).update(supports=F("supports") + change)
    return row.supports + change


def _own(number: str, secret: str) -> Demand:
    row = Demand.objects.select_for_update(of=("self",)).select_related("provider", "bureau").filter(number=number).first()
    if row is None or not receipts.opens(secret, row.secret):
        raise DemandUnknown
    if row.state not in {*RUNNING, DemandState.PROMISED}:
        raise WrongState("这项需求已经办结,不能再改", remedy="刷新页面,看清现在的状态")
    return row


@transaction.atomic
def take(*, number: str, secret: str, dataset: int | None, resource: int | None, actor: identity.Actor | None, now: datetime) -> None:
    """
    "This is it": the asker closes the demand with an entry or a dataset that is there already.

    :raises DemandUnknown: unless the secret opens it.
    :raises WrongState: if it is closed.
    :raises Invalid: if there is no such dataset; entries are for officials alone.
    """
    row = _own(number, secret)
    if resource is not None and actor is None:
        raise Invalid("目录条目只面向政务部门", field="resource")
    answering.point_at(row, dataset=dataset, resource=resource, now=now)
    answering.close(row, DemandState.SATISFIED, now)
    row.save()
    journal.note(row, "taken", by=actor or journal.VISITOR, now=now)
    journal.tell_bureau(row, say("需求人已确认现有数据满足需求"), now)


@transaction.atomic
def withdraw_demand(*, number: str, secret: str, actor: identity.Actor | None, now: datetime) -> None:
    """
    The asker takes the demand back; it leaves the board.

    :raises DemandUnknown: unless the secret opens it.
    :raises WrongState: if it is closed.
    """
    row = _own(number, secret)
    row.state = DemandState.WITHDRAWN
    row.save()
    journal.note(row, "withdrawn", by=actor or journal.VISITOR, now=now)
