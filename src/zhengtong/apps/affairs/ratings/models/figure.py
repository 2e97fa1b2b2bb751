"""Facts of cases, and the public figures that are sums of them."""

from __future__ import annotations

from django.db import models


class CaseFact(models.Model):
    """What the figures need of one case, taken from its events; written anew whenever something happened to it."""

    case = models.OneToOneField("cases.Case", on_delete=models.CASCADE, related_name="+")
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    item_code = models.CharField(max_length=40)
    item_name = models.CharField(max_length=200)
    #: first days of the months of receipt and of the end
    received = models.DateField()
    ended = models.DateField(null=True)
    #: how often somebody had to come: to file, to collect
    visits = models.PositiveSmallIntegerField()
    online = models.BooleanField()
    materials = models.PositiveSmallIntegerField()
    avoided = models.PositiveSmallIntegerField()
    #: working days from acceptance to the end; None where it was not accepted or has not ended
    days = models.PositiveIntegerField(null=True)
    #: None where the whole has no period
    in_time = models.BooleanField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["office", "item_code", "ended"], name="fact_by_end"),
            models.Index(fields=["office", "item_code", "received"], name="fact_by_receipt"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}"


class BranchFact(models.Model):
    """Working days that a department took beyond its budget, of one step of one ended joint case."""

    fact = models.ForeignKey(CaseFact, on_delete=models.CASCADE, related_name="branches")
    number = models.PositiveSmallIntegerField()
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    over = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fact", "number"], name="branch_fact_once")]

    def __str__(self) -> str:
        return f"{self.fact_id} {self.number}"


class Figure(models.Model):
    """The sums of one item at one office in one month; whole numbers only, so that they can be added up."""

    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    item_code = models.CharField(max_length=40)
    item_name = models.CharField(max_length=200)
    month = models.DateField()
    received = models.PositiveIntegerField()
    received_ended = models.PositiveIntegerField()
    cases = models.PositiveIntegerField()
    no_visit = models.PositiveIntegerField()
    one_visit = models.PositiveIntegerField()
    online = models.PositiveIntegerField()
    materials = models.PositiveIntegerField()
    avoided = models.PositiveIntegerField()
    #: cases that had a period, and those within it
    timed = models.PositiveIntegerField()
    in_time = models.PositiveIntegerField()
    p50 = models.FloatField(null=True)
    p90 = models.FloatField(null=True)
    ratings = models.PositiveIntegerField()
    good_ratings = models.PositiveIntegerField()
    bad_due = models.PositiveIntegerField()
    bad_in_time = models.PositiveIntegerField()

    class Meta:
        ordering = ["-month", "item_code"]
        constraints = [models.UniqueConstraint(fields=["office", "item_code", "month"], name="figure_once")]

    def __str__(self) -> str:
        return f"{self.item_code} {self.month}"
