"""What people say about datasets: stars, comments, reuses; and who lets it be seen."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.participation.models import Comment, Rating, Reuse, ReusePicture
from zhengtong.apps.flow.participation.operations import journal, receiving
from zhengtong.apps.flow.participation.operations.receiving import Receipt
from zhengtong.apps.flow.participation.queries.keys import secret_of, visitor_key
from zhengtong.apps.flow.participation.queries.places import parties_of
from zhengtong.apps.flow.participation.queries.voices import VoiceUnknown
from zhengtong.apps.flow.participation.rules import content, demands, receipts
from zhengtong.apps.flow.participation.rules.content import MOST_STARS, Work, need
from zhengtong.apps.flow.participation.rules.demands import WrongState
from zhengtong.apps.flow.participation.rules.vocabulary import Subject, VoiceState
from zhengtong.apps.flow.participation.rules.words import folded
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Invalid, ZhengtongError
from zhengtong.kernel.sentences import say
from zhengtong.toolkit import pictures

_LONGEST_COMMENT = 1000


@transaction.atomic
def rate(*, dataset: int, stars: int, visitor: str, now: datetime) -> None:
    """
    Give one to five stars, or others than before.

    :raises Invalid: for any other number.
    :raises DatasetUnknown: if there is no such open dataset.
    """
    if not 1 <= stars <= MOST_STARS:
        raise Invalid("请选择 1 至 5 颗星", field="stars")
    opendata.dataset(dataset, now=now)
    row = Rating(dataset_id=dataset, visitor=visitor_key(visitor), stars=stars, at=now)
    Rating.objects.bulk_create([row], update_conflicts=True, unique_fields=["dataset", "visitor"], update_fields=["stars", "at"])


@transaction.atomic
def take_rating_back(*, dataset: int, visitor: str) -> None:
    """Rate no more."""
    Rating.objects.filter(dataset_id=dataset, visitor=visitor_key(visitor)).delete()


def speaks_for(actor: identity.Actor | None, office: str, bureau: str) -> bool:
    """Whether what somebody writes about a dataset is the office's word."""
    parties = demands.Parties(office, bureau)
    return actor is not None and demands.may_see(actor, parties)


@transaction.atomic
def comment(
    *, dataset: int, text: str, name: str, parent: str, form: str, actor: identity.Actor | None, now: datetime
) -> tuple[Receipt, bool]:
    """
    Comment on a dataset, or answer a comment; returns the receipt, and whether it is public already.

    What the providing office or the bureau writes is public at once and marked; everything else waits until one of them has read it.

    :raises Invalid: naming the field.
    :raises DatasetUnknown: if there is no such open dataset.
    """
    need(text, "text", most=_LONGEST_COMMENT, least=2)
    need(name, "name", most=content.LONGEST_NAME, least=0)
    receiving.screen(text=text, name=name)
    opendata.dataset(dataset, now=now)
    above = Comment.objects.filter(number=parent, dataset_id=dataset, state=VoiceState.SHOWN).first() if parent else None
    if parent and (above is None or above.parent_id is not None):
        raise Invalid("要回复的评论已不在", field="parent")
    once = receipts.once(Subject.COMMENT, form, str(dataset), parent, text, name)
    facts = {
        "number": receipts.number(Subject.COMMENT, local_date(now), once),
        "secret": receiving.secret_digest(once),
        "filed_at": now,
        "name": name.strip(),
        "account_id": actor.account_id if actor else None,
        "dataset_id": dataset,
        "parent": above,
        "text": text.strip(),
    }
    row, made = Comment.objects.get_or_create(once=once, defaults=facts)
    if made:
        _begin(row, actor, now)
    return receiving.receipt_of(row), row.state == VoiceState.SHOWN


def _begin(row: Comment, actor: identity.Actor | None, now: datetime) -> None:
    parties = parties_of(row)[0]
    journal.note(row, "filed", by=actor or journal.VISITOR, now=now)
    if actor is not None and speaks_for(actor, parties.office, parties.bureau):
        row.official, row.state, row.name = True, VoiceState.SHOWN, actor.office_name
        row.save()
        journal.note(row, "shown", by=actor, now=now)
    else:
        journal.tell_office(row, say("有一条评论等待审核"), now)


@transaction.atomic
def file_reuse(*, work: Work, form: str, actor: identity.Actor | None, now: datetime) -> Receipt:
    """
    Hand in something made of open datasets; it waits until the bureau or an office has read it.

    :raises Invalid: naming the field.
    """
    content.check_work(work)
    receiving.screen(title=work.title, summary=work.summary, maker=work.maker, caption=work.caption)
    picture = pictures.painted(work.picture, field="picture") if work.picture else None
    for number in work.datasets:
        _must_be_open(number, now)
    once = receipts.once(Subject.REUSE, form, work.title, work.link, work.maker, work.summary)
    told = {
        "number": receipts.number(Subject.REUSE, local_date(now), once),
        "secret": receiving.secret_digest(once),
        "filed_at": now,
        "name": work.maker.strip(),
        "contact": work.contact.strip(),
        "account_id": actor.account_id if actor else None,
        "title": work.title.strip(),
        "kind": work.kind,
        "link": work.link,
        "summary": work.summary.strip(),
        "words": folded(work.title, work.summary, work.maker),
    }
    row, made = Reuse.objects.get_or_create(once=once, defaults=told)
    if made:
        row.datasets.set(work.datasets)
        if picture is not None:
            facts = {"shown": picture.shown, "thumbnail": picture.thumbnail, "width": picture.width, "height": picture.height}
            ReusePicture.objects.create(reuse=row, caption=work.caption.strip(), **facts)
        journal.note(row, "filed", by=actor or journal.VISITOR, now=now)
        journal.tell_bureau(row, say("有一个应用案例等待审核"), now)
    return receiving.receipt_of(row)


def _must_be_open(number: int, now: datetime) -> None:
    try:
        opendata.dataset(number, now=now)
    except ZhengtongError as exc:
        raise Invalid(say("没有编号为 {number} 的开放数据集", number=number), field="datasets") from exc


def locked(number: str, actor: identity.Actor) -> Comment | Reuse:
    """
    A comment or a reuse, held until the transaction ends.

    :raises VoiceUnknown: for somebody of neither the office nor the bureau.
    """
    row: Comment | Reuse | None
    if number.startswith(Subject.REUSE.value):
        row = Reuse.objects.select_for_update().filter(number=number).first()
    else:
        row = Comment.objects.select_for_update(of=("self",)).select_related("dataset__resource__office").filter(number=number).first()
    if row is None or not any(demands.may_see(actor, one) for one in parties_of(row)):
        raise VoiceUnknown
    return row


@transaction.atomic
def show(*, actor: identity.Actor, number: str, now: datetime) -> None:
    """
    Let a comment or a reuse be public; also one that was kept back.

    :raises VoiceUnknown: for somebody of neither the office nor the bureau.
    :raises WrongState: if it is public already.
    """
    row = locked(number, actor)
    if row.state == VoiceState.SHOWN:
        raise WrongState("已经公开", remedy="刷新页面,看清现在的状态")
    row.state, row.reason = VoiceState.SHOWN, ""
    _settle(row, "shown", actor, now)


@transaction.atomic
def reject(*, actor: identity.Actor, number: str, reason: str, now: datetime) -> None:
    """
    Keep a comment or a reuse from the public, or take it off again, with the reason that its author reads.

    :raises VoiceUnknown: for somebody of neither the office nor the bureau.
    :raises WrongState: if it is kept back already.
    :raises Invalid: without a reason.
    """
    need(reason, "reason")
    row = locked(number, actor)
    if row.state == VoiceState.REJECTED:
        raise WrongState("已经不予公开", remedy="刷新页面,看清现在的状态")
    row.state, row.reason = VoiceState.REJECTED, reason.strip()
    _settle(row, "rejected", actor, now)


def _settle(row: Comment | Reuse, kind: str, actor: identity.Actor, now: datetime) -> None:
    row.save()
    journal.note(row, kind, by=actor, now=now, reason=row.reason)
    address = reverse("participation:receipt", args=[row.number, secret_of(row.once)])
    journal.tell_filer(row, say("您提交的内容有了结果"), now, address=address)
