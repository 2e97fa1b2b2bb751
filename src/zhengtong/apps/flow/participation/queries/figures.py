"""What people said about the whole portal, or about one office's datasets, in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Avg, Count, F, Q
from django.db.models.functions import Length

from zhengtong.apps.flow.participation.models import Correction, Demand, Rating, Reuse
from zhengtong.apps.flow.participation.rules.vocabulary import VoiceState

#: a summary that says what was made and for whom is not shorter
_TELLING = 30


@dataclass(frozen=True)
class Figures:
    """
    Uses that are shown, of how many kinds, of how many datasets, and those that say enough of themselves; uses decided and all of them;
    demands and corrections answered and answered in time; the mean of stars, None before the first.
    """

    reuses: int
    kinds: int
    datasets: int
    telling: int
    decided: int
    filed: int
    answered: int
    in_time: int
    stars: float | None


def figures(*, office: str = "") -> Figures:
    """
    The numbers of everything, or of what concerns an office.

    :param office: the credit code of the office that opened the datasets, and that the demands were passed to.
    """
    reuses, ratings = Reuse.objects.all(), Rating.objects.all()
    demands, corrections = Demand.objects.all(), Correction.objects.all()
    if office:
        reuses = reuses.filter(datasets__resource__office__code=office)
        ratings = ratings.filter(dataset__resource__office__code=office)
        demands = demands.filter(provider__code=office)
        corrections = corrections.filter(dataset__resource__office__code=office)
    shown = Q(state=VoiceState.SHOWN)
    used = reuses.annotate(said=Length("summary")).aggregate(
        reuses=Count("pk", filter=shown, distinct=True),
        kinds=Count("kind", filter=shown, distinct=True),
        datasets=Count("datasets", filter=shown, distinct=True),
        telling=Count("pk", filter=shown & Q(said__gte=_TELLING) & ~Q(link=""), distinct=True),
        decided=Count("pk", filter=~Q(state=VoiceState.PENDING), distinct=True),
        filed=Count("pk", distinct=True),
    )
    answers = [
        rows.aggregate(answered=Count("pk", filter=Q(in_time__isnull=False)), in_time=Count("pk", filter=Q(in_time=True)))
        for rows in (demands, corrections)
    ]
    stars = ratings.aggregate(mean=Avg(F("stars") * 1.0))["mean"]
    return Figures(
        **used,
        answered=sum(one["answered"] for one in answers),
        in_time=sum(one["in_time"] for one in answers),
        stars=float(stars) if stars is not None else None,
    )
