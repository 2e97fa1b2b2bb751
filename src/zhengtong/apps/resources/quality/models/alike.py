"""Entries that look the same 疑似重复: what is compared of each, the pairs that were found, and what people said about them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class EntrySign(models.Model):
    """What of a published entry is compared with others; see ``rules.alike``."""

    resource = models.OneToOneField("catalog.Resource", primary_key=True, on_delete=models.CASCADE, related_name="+")
    office = models.ForeignKey("organisations.Office", to_field="code", on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.CharField(max_length=12)
    stem = models.CharField(max_length=200)
    #: numbers of its items' groups
    items = ArrayField(models.BigIntegerField())
    #: whatever is alike shares one of these
    keys = ArrayField(models.BigIntegerField())

    class Meta:
        indexes = [
            GinIndex(fields=["keys"], name="entry_sign_keys", fastupdate=False),
            models.Index(fields=["region", "resource"], name="entry_sign_region"),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.stem}"


class AlikePair(models.Model):
    """Two published entries that look the same; likeness in hundredths. ``settled`` once somebody said that they are not."""

    first = models.ForeignKey("catalog.Resource", on_delete=models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey("catalog.Resource", on_delete=models.CASCADE, related_name="+")
    office_first = models.ForeignKey("organisations.Office", to_field="code", on_delete=models.PROTECT, related_name="+", db_index=False)
    office_second = models.ForeignKey("organisations.Office", to_field="code", on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.CharField(max_length=12)
    names = models.PositiveSmallIntegerField()
    items = models.PositiveSmallIntegerField(null=True)
    shared = models.PositiveSmallIntegerField()
    together = models.PositiveSmallIntegerField()
    settled = models.BooleanField(default=False)
    #: the one to keep, where somebody proposed to merge the other into it
    keep = models.ForeignKey("catalog.Resource", on_delete=models.CASCADE, related_name="+", null=True, db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="alike_pair_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="alike_pair_ordered"),
            models.CheckConstraint(
                condition=models.Q(keep__isnull=True) | models.Q(keep=models.F("first")) | models.Q(keep=models.F("second")),
                name="alike_pair_keeps_one",
            ),
        ]
        indexes = [
            models.Index(fields=["region", "-together", "id"], condition=models.Q(settled=False), name="alike_of_region"),
            models.Index(fields=["office_first", "-together", "id"], condition=models.Q(settled=False), name="alike_of_first"),
            models.Index(fields=["office_second", "-together", "id"], condition=models.Q(settled=False), name="alike_of_second"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"


class AlikeVerdict(models.Model):
    """Somebody looked at both and said that they are not the same; kept whatever becomes of the pair."""

    first = models.ForeignKey("catalog.Resource", on_delete=models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey("catalog.Resource", on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="alike_verdict_once"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="alike_verdict_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"
