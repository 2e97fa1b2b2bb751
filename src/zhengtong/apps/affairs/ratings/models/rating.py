"""Ratings, and the one-time links by which people without an account give them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from zhengtong.apps.affairs.ratings.rules.vocabulary import CHANNEL_LABELS, LONGEST_TEXT


class Rating(models.Model):
    """What somebody said of their case, once. Personal: ``rater_digest``, ``contact_sealed``; and the case names its applicant."""

    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="rating")
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    item_code = models.CharField(max_length=40)
    item_name = models.CharField(max_length=200)
    #: by which the ledger names who rated; empty where a one-time link was used
    rater_digest = models.CharField(max_length=32, blank=True)
    channel = models.CharField(max_length=8, choices=[(code, code) for code in CHANNEL_LABELS])
    grade = models.PositiveSmallIntegerField()
    reasons = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    text = models.CharField(max_length=LONGEST_TEXT, blank=True)
    #: where the rater wants to be called back; a rating with it is a named one 实名
    contact_sealed = models.TextField(blank=True)
    given_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)
    #: when the rated office began to see it, together with others
    released_at = models.DateTimeField(null=True)
    #: mistaken, as the bureau decided: counted nowhere
    void = models.BooleanField(default=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(grade__gte=1, grade__lte=5), name="rating_grade_is_one_of_five"),
        ]
        indexes = [
            models.Index(fields=["office", "given_at"], name="rating_waiting", condition=models.Q(released_at__isnull=True)),
            models.Index(fields=["office", "item_code"], name="rating_of_item"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class Link(models.Model):
    """A code that rates one case once, kept as a keyed digest."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=32, unique=True)
    channel = models.CharField(max_length=8, choices=[(code, code) for code in CHANNEL_LABELS])
    made_at = models.DateTimeField()
    good_until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.pk}"
