"""What is said about datasets: ratings, comments, corrections, reuses."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.flow.participation.models.filed import Filed
from zhengtong.apps.flow.participation.rules.vocabulary import CorrectionState, ReuseKind, VoiceState


class Rating(models.Model):
    """One to five stars; one for a visitor or an account, who may change it."""

    dataset = models.ForeignKey("opendata.Dataset", on_delete=models.PROTECT, related_name="+")
    visitor = models.CharField(max_length=64)
    stars = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "visitor"], name="rating_once"),
            models.CheckConstraint(condition=models.Q(stars__gte=1, stars__lte=5), name="rating_of_one_to_five"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.stars}"


class Comment(Filed):
    """A comment, or an answer to one; answers are not answered."""

    dataset = models.ForeignKey("opendata.Dataset", on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="answers")
    text = models.TextField()
    #: written by the office that provides the dataset, or the bureau
    official = models.BooleanField(default=False)
    state = models.CharField(max_length=8, default=VoiceState.PENDING, choices=[(one.value, one.value) for one in VoiceState])
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=VoiceState.REJECTED) | ~models.Q(reason=""), name="comment_rejected_for_a_reason"
            )
        ]
        indexes = [models.Index(fields=["dataset", "state", "-id"], name="comment_dataset")]

    def __str__(self) -> str:
        return self.number


class Correction(Filed):
    """Somebody says that a value of an open dataset is wrong."""

    dataset = models.ForeignKey("opendata.Dataset", on_delete=models.PROTECT, related_name="+")
    #: the version in which it was seen
    version = models.PositiveIntegerField()
    #: key and name of the column; empty for the whole row or dataset
    column = models.CharField(max_length=60, blank=True)
    column_name = models.CharField(max_length=200, blank=True)
    #: how the row is found: its key, or what stands in it
    row = models.CharField(max_length=300)
    wrong = models.TextField()
    right = models.TextField()
    evidence = models.TextField()
    state = models.CharField(max_length=8, default=CorrectionState.OPEN, choices=[(one.value, one.value) for one in CorrectionState])
    clock_began_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    in_time = models.BooleanField(null=True)
    #: the office's answer; of an accepted one it is the note that the dataset's page shows
    answer = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state=CorrectionState.OPEN) | (~models.Q(answer="") & models.Q(answered_at__isnull=False)),
                name="correction_answered_with_words",
            )
        ]
        indexes = [models.Index(fields=["dataset", "state", "-id"], name="correction_dataset")]

    def __str__(self) -> str:
        return self.number


class Reuse(Filed):
    """Something made of open datasets."""

    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=[(one.value, one.value) for one in ReuseKind])
    link = models.CharField(max_length=300)
    summary = models.TextField()
    words = models.TextField()
    datasets = models.ManyToManyField("opendata.Dataset", related_name="+")
    state = models.CharField(max_length=8, default=VoiceState.PENDING, choices=[(one.value, one.value) for one in VoiceState])
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=VoiceState.REJECTED) | ~models.Q(reason=""), name="reuse_rejected_for_a_reason"
            ),
            models.CheckConstraint(condition=models.Q(link__startswith="https://"), name="reuse_linked_over_https"),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="reuse_newest")]

    def __str__(self) -> str:
        return self.number
