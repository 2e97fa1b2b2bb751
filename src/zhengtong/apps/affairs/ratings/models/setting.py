"""What the bureau sets: days for answers, and the second level of ratings."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Term(models.Model):
    """In how many working days a bad rating is answered; of an office before one of its region, of the longest region first."""

    #: credit code of an office, or leading digits of a region
    place = models.CharField(max_length=18, unique=True)
    days = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["place"]
        constraints = [models.CheckConstraint(condition=models.Q(days__gte=1, days__lte=60), name="term_of_answers_is_sane")]

    def __str__(self) -> str:
        return f"{self.place} {self.days}"


class Reason(models.Model):
    """A reason of the second level; offered for cases filed online or at a window, and for some grades (none named: for all)."""

    code = models.CharField(max_length=20, unique=True)
    label = models.CharField(max_length=40)
    online = models.BooleanField()
    grades = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.code
