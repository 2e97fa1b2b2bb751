"""Comments, corrections, ratings and reuses as the public, the desk and their authors see them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, Q, QuerySet

from zhengtong.apps.flow.participation.models import Comment, Correction, Demand, Rating, Reuse
from zhengtong.apps.flow.participation.queries import places
from zhengtong.apps.flow.participation.queries.running import period_of
from zhengtong.apps.flow.participation.rules import content, demands, receipts
from zhengtong.apps.flow.participation.rules.vocabulary import (
    CORRECTION_LABELS,
    REUSE_LABELS,
    SUBJECT_LABELS,
    TONES,
    VOICE_LABELS,
    CorrectionState,
    DemandState,
    ReuseKind,
    Subject,
    VoiceState,
)
from zhengtong.apps.flow.participation.rules.words import asked
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.deadlines.alerts import Watch, watch
from zhengtong.kernel.errors import NotFound

_MOST_DIGITS = 18


class VoiceUnknown(NotFound):
    """没有这条内容,或您无权查看。"""

    code = "voice-unknown"


@dataclass(frozen=True)
class Counts:
    """What people said about a dataset: mean of stars (None before the first), how many rated, commented, reused, and asked for it."""

    stars: float | None = None
    ratings: int = 0
    comments: int = 0
    reuses: int = 0
    demands: int = 0
    corrections: int = 0


def counts(datasets: Collection[int]) -> dict[int, Counts]:
    """The counts of several datasets in one go, five queries however many they are; each dataset has its entry."""
    wanted = list(datasets)
    found = {number: Counts() for number in wanted}
    stars = Rating.objects.filter(dataset_id__in=wanted).values_list("dataset_id").annotate(mean=Avg("stars"), total=Count("pk"))
    for number, mean, total in stars:
        found[number] = replace(found[number], stars=round(mean, 1), ratings=total)
    shown, used = VoiceState.SHOWN, "datasets"
    tallies = {
        "comments": Comment.objects.filter(dataset_id__in=wanted, state=shown).values_list("dataset_id"),
        "reuses": Reuse.objects.filter(datasets__in=wanted, state=shown).values_list(used),
        "demands": Demand.objects.filter(dataset_id__in=wanted, state=DemandState.SATISFIED).values_list("dataset_id"),
        "corrections": Correction.objects.filter(dataset_id__in=wanted, state=CorrectionState.ACCEPTED).values_list("dataset_id"),
    }
    for name, rows in tallies.items():
        for number, total in rows.annotate(total=Count("pk")):
            if number in found:
                found[number] = replace(found[number], **{name: total})
    return found


def stars_of(dataset: int, visitor_key: str) -> int:
    """The stars that a visitor gave; 0 for none."""
    return Rating.objects.filter(dataset_id=dataset, visitor=visitor_key).values_list("stars", flat=True).first() or 0


@dataclass(frozen=True)
class CommentView:
    """A public comment with its answers."""

    id: int
    number: str
    name: str
    text: str
    at: datetime
    official: bool
    answers: tuple[CommentView, ...] = ()


def _comment(row: Comment, answers: tuple[CommentView, ...] = ()) -> CommentView:
    return CommentView(row.pk, row.number, row.name, row.text, row.filed_at, row.official, answers)


def comments(dataset: int, *, after: str = "", limit: int = 20) -> list[CommentView]:
    """Public comments on a dataset, newest first, each with its answers, oldest first."""
    rows = Comment.objects.filter(dataset_id=dataset, state=VoiceState.SHOWN, parent__isnull=True).order_by("-pk")
    if after.isdecimal() and len(after) <= _MOST_DIGITS:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows[:limit])
    answers: dict[int, list[CommentView]] = {}
    for one in Comment.objects.filter(parent__in=found, state=VoiceState.SHOWN).order_by("pk"):
        answers.setdefault(one.parent_id or 0, []).append(_comment(one))
    return [_comment(row, tuple(answers.get(row.pk, ()))) for row in found]


@dataclass(frozen=True)
class NoteView:
    """An accepted correction as the dataset's page tells of it."""

    number: str
    version: int
    column: str
    answer: str
    at: datetime | None


def notes(dataset: int, *, limit: int = 10) -> list[NoteView]:
    """Corrections of a dataset that its office accepted, newest first."""
    rows = Correction.objects.filter(dataset_id=dataset, state=CorrectionState.ACCEPTED).order_by("-answered_at", "-pk")[:limit]
    return [NoteView(row.number, row.version, row.column_name, row.answer, row.answered_at) for row in rows]


@dataclass(frozen=True)
class ReuseView:
    """A reuse. ``link`` is shown as text and never followed by the platform."""

    id: int
    number: str
    title: str
    kind: str
    kind_label: str
    maker: str
    link: str
    summary: str
    at: datetime
    #: number and title of the datasets that are open
    datasets: tuple[tuple[int, str], ...]
    #: what its picture shows; empty without one
    caption: str = ""


def _reuse(row: Reuse) -> ReuseView:
    used = tuple((one.pk, one.title) for one in row.datasets.all() if one.state == "open")
    label = REUSE_LABELS[ReuseKind(row.kind)]
    caption = row.picture.caption if hasattr(row, "picture") else ""
    return ReuseView(row.pk, row.number, row.title, row.kind, label, row.name, row.link, row.summary, row.filed_at, used, caption)


def _with_captions(rows: QuerySet[Reuse]) -> QuerySet[Reuse]:
    return rows.select_related("picture").defer("picture__shown", "picture__thumbnail")


def reuse(number: str) -> ReuseView:
    """
    A public reuse.

    :raises VoiceUnknown: if there is none, or it is not public.
    """
    row = _with_captions(Reuse.objects.filter(state=VoiceState.SHOWN, number=number)).prefetch_related("datasets").first()
    if row is None:
        raise VoiceUnknown
    return _reuse(row)


def public_picture(number: str, *, small: bool) -> bytes:
    """
    The picture of a public reuse as WebP.

    :raises VoiceUnknown: if there is none, or the reuse is not public.
    """
    return _picture(Reuse.objects.filter(state=VoiceState.SHOWN, number=number), small=small)


def own_picture(number: str, secret: str) -> bytes:
    """
    The picture of a reuse as its author sees it, whatever became of it.

    :raises VoiceUnknown: unless the secret opens it.
    """
    row = _found(number)
    if not isinstance(row, Reuse) or not receipts.opens(secret, row.secret):
        raise VoiceUnknown
    return _picture(Reuse.objects.filter(pk=row.pk), small=False)


def desk_picture(number: str, *, actor: identity.Actor) -> bytes:
    """
    The picture of a reuse at the desk, public or not.

    :raises VoiceUnknown: for somebody of neither the office nor the bureau.
    """
    row = _found(number)
    if not isinstance(row, Reuse) or not any(demands.may_see(actor, one) for one in places.parties_of(row)):
        raise VoiceUnknown
    return _picture(Reuse.objects.filter(pk=row.pk), small=False)


def _picture(rows: QuerySet[Reuse], *, small: bool) -> bytes:
    found = rows.filter(picture__isnull=False).values_list("picture__thumbnail" if small else "picture__shown", flat=True).first()
    if found is None:
        raise VoiceUnknown
    return bytes(found)


def _shown_reuses(text: str, kind: str, dataset: int | None) -> QuerySet[Reuse]:
    rows = _with_captions(Reuse.objects.filter(state=VoiceState.SHOWN)).prefetch_related("datasets").order_by("-pk")
    for word in asked(text):
        rows = rows.filter(words__contains=word)
    if kind:
        rows = rows.filter(kind=kind)
    return rows.filter(datasets=dataset) if dataset is not None else rows


def reuses(*, text: str = "", kind: str = "", dataset: int | None = None, after: str = "", limit: int = 20) -> list[ReuseView]:
    """Public reuses, newest first."""
    rows = _shown_reuses(text, kind, dataset)
    if after.isdecimal() and len(after) <= _MOST_DIGITS:
        rows = rows.filter(pk__lt=int(after))
    return [_reuse(row) for row in rows[:limit]]


def reuse_count(*, text: str = "", kind: str = "", dataset: int | None = None) -> int:
    """How many public reuses match."""
    return _shown_reuses(text, kind, dataset).count()


@dataclass(frozen=True)
class VoiceView:
    """A comment, a correction or a reuse at the desk, and for its author."""

    number: str
    subject: Subject
    subject_label: str
    #: the dataset that it is about, or the reuse's title
    title: str
    dataset: int | None
    name: str
    state: str
    state_label: str
    tone: str
    filed_at: datetime
    #: label and text of what was written, in order
    parts: tuple[tuple[str, str], ...]
    link: str
    #: the period that runs, of corrections
    clock: Watch | None
    in_time: bool | None
    #: the office's answer, or why it is not public
    answer: str
    #: masked
    contact: str
    cursor: int
    acts: frozenset[str] = frozenset()
    #: what the picture of a reuse shows; empty without one
    caption: str = ""


_PART_LABELS = {
    "text": "评论",
    "column": "哪一列",
    "row": "哪一行",
    "wrong": "哪里不对",
    "right": "应当是什么",
    "evidence": "依据",
    "kind": "类型",
    "summary": "说明",
    "used": "使用的数据集",
}


def _parts(row: Comment | Correction | Reuse) -> tuple[tuple[str, str], ...]:
    match row:
        case Comment():
            found = {"text": row.text}
        case Correction():
            found = {"column": row.column_name, "row": row.row, "wrong": row.wrong, "right": row.right, "evidence": row.evidence}
        case _:
            used = "、".join(one.title for one in row.datasets.all())
            found = {"kind": REUSE_LABELS[ReuseKind(row.kind)], "summary": row.summary, "used": used}
    return tuple((_PART_LABELS[name], text) for name, text in found.items() if text)


def _acts(row: Comment | Correction | Reuse, actor: identity.Actor | None) -> frozenset[str]:
    parties = places.parties_of(row)
    if actor is None or not any(demands.may_see(actor, one) for one in parties):
        return frozenset()
    if isinstance(row, Correction):
        if row.state != CorrectionState.OPEN:
            return frozenset({"reopen"})
        return frozenset({"accept", "decline"}) if demands.of_office(actor, parties[0]) else frozenset()
    return frozenset({"show", "reject"} - {{"shown": "show", "rejected": "reject"}.get(row.state, "")})


def _voice(row: Comment | Correction | Reuse, now: datetime, actor: identity.Actor | None = None) -> VoiceView:
    subject = Subject(row.number[:2])
    correction = row if isinstance(row, Correction) else None
    running = correction is not None and correction.state == CorrectionState.OPEN
    period = period_of(correction) if correction and running else None
    label = CORRECTION_LABELS[CorrectionState(row.state)] if correction else VOICE_LABELS[VoiceState(row.state)]
    return VoiceView(
        number=row.number,
        subject=subject,
        subject_label=SUBJECT_LABELS[subject],
        title=row.title if isinstance(row, Reuse) else row.dataset.title,
        dataset=None if isinstance(row, Reuse) else row.dataset_id,
        name=row.name,
        state=row.state,
        state_label=label,
        tone=TONES.get(row.state, ""),
        filed_at=row.filed_at,
        parts=_parts(row),
        link=row.link if isinstance(row, Reuse) else "",
        caption=row.picture.caption if isinstance(row, Reuse) and hasattr(row, "picture") else "",
        clock=watch(period, working_days.current(), now) if period else None,
        in_time=correction.in_time if correction else None,
        answer=row.answer if isinstance(row, Correction) else row.reason,
        contact=content.masked(row.contact),
        cursor=row.pk,
        acts=_acts(row, actor),
    )


def _found(number: str) -> Comment | Correction | Reuse | None:
    about = ("dataset__resource__office",)
    if number.startswith(Subject.REUSE.value):
        return _with_captions(Reuse.objects.filter(number=number)).first()
    if number.startswith(Subject.CORRECTION.value):
        return Correction.objects.select_related(*about).filter(number=number).first()
    return Comment.objects.select_related(*about).filter(number=number).first()


def own_voice(number: str, secret: str, *, now: datetime) -> VoiceView | None:
    """A comment, correction or reuse as its author sees it; None unless the secret opens it."""
    row = _found(number)
    return _voice(row, now) if row is not None and receipts.opens(secret, row.secret) else None


def desk_voice(number: str, *, actor: identity.Actor, now: datetime) -> VoiceView | None:
    """One of them at the desk; None for somebody of neither the office nor the bureau."""
    row = _found(number)
    if row is None or not any(demands.may_see(actor, one) for one in places.parties_of(row)):
        return None
    return _voice(row, now, actor)


def _table(subject: Subject) -> QuerySet[Any]:
    match subject:
        case Subject.REUSE:
            return _with_captions(Reuse.objects.all())
        case Subject.CORRECTION:
            return Correction.objects.all()
        case _:
            return Comment.objects.all()


def voices(actor: identity.Actor, subject: Subject, *, state: str, now: datetime, after: str = "", limit: int = 50) -> list[VoiceView]:
    """What was said about datasets of the actor's offices and regions, of one kind and state, newest first."""
    path = "datasets__resource__office" if subject is Subject.REUSE else "dataset__resource__office"
    mine = places.of_offices(actor, path) | places.under_bureaus(actor, path)
    table = _table(subject)
    behind = Q(pk__lt=int(after)) if after.isdecimal() and len(after) <= _MOST_DIGITS else Q()
    numbers = table.filter(mine, behind, state=state).order_by("-pk").values_list("pk", flat=True).distinct()[:limit]
    rows = table.filter(pk__in=list(numbers)).order_by("-pk")
    if subject is not Subject.REUSE:
        rows = rows.select_related("dataset__resource__office")
    return [_voice(row, now, actor) for row in rows]


def voices_waiting(actor: identity.Actor) -> int:
    """How many comments and reuses wait for this actor to read them."""
    total = 0
    for subject, path in ((Subject.COMMENT, "dataset__resource__office"), (Subject.REUSE, "datasets__resource__office")):
        mine = places.of_offices(actor, path) | places.under_bureaus(actor, path)
        total += _table(subject).filter(mine, state=VoiceState.PENDING).values("pk").distinct().count()
    return total


def corrections_waiting(actor: identity.Actor, *, now: datetime, limit: int = 100) -> list[VoiceView]:
    """Corrections that wait for an answer of the actor's offices, longest waiting first."""
    rows = Correction.objects.filter(places.of_offices(actor, "dataset__resource__office"), state=CorrectionState.OPEN)
    rows = rows.select_related("dataset__resource__office").order_by("clock_began_at", "pk")
    return [_voice(row, now, actor) for row in rows[:limit]]
