"""
What is known of the values of items 抽样: keyed hashes of some of them, and what items of different offices have in common.

No value is kept. Who holds the node's ``subject.key`` could test whether a known number is among the hashes; see ``permissions``.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from zhengtong.apps.resources.quality.models.item import ItemUse
from zhengtong.apps.resources.quality.rules.contents import CONTENT_LABELS, WHY_LABELS


class EntrySample(models.Model):
    """A published entry that is bound, and whether its columns are to be sampled: while more was asked than done."""

    resource = models.OneToOneField("catalog.Resource", primary_key=True, on_delete=models.CASCADE, related_name="+")
    asked = models.PositiveIntegerField(default=1)
    done = models.PositiveIntegerField(default=0)
    sampled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(done__lte=models.F("asked")), name="entry_sample_done_as_asked")]
        indexes = [models.Index(fields=["sampled_at", "resource"], condition=models.Q(asked__gt=models.F("done")), name="entry_sample_due")]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.done}/{self.asked}"


class ItemSample(models.Model):
    """What was read of an item's column: keyed hashes where it is compared, else why it is not."""

    use = models.OneToOneField(ItemUse, primary_key=True, on_delete=models.CASCADE, related_name="sample")
    why = models.CharField(max_length=8, choices=[(one.value, label) for one, label in WHY_LABELS.items()], blank=True)
    #: different values
    values = models.BigIntegerField(default=0)
    #: the smallest keyed hashes, ascending
    hashes = ArrayField(models.BigIntegerField(), default=list)
    #: keyed hash of a form → hundredths of the sampled values that have it
    forms = models.JSONField(default=dict)
    sampled_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(why="") | models.Q(hashes=[], forms={}), name="item_sample_of_the_compared_alone")
        ]
        indexes = [GinIndex(fields=["hashes"], name="item_sample_hashes", fastupdate=False)]

    def __str__(self) -> str:
        return f"{self.use_id} {self.why}"


class ContentPair(models.Model):
    """What items of two offices have in common, in hundredths of the values of each; null where it cannot be told."""

    first = models.ForeignKey(ItemUse, on_delete=models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(ItemUse, on_delete=models.CASCADE, related_name="+")
    office_first = models.ForeignKey("organisations.Office", to_field="code", on_delete=models.PROTECT, related_name="+", db_index=False)
    office_second = models.ForeignKey("organisations.Office", to_field="code", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=5, choices=[(one.value, label) for one, label in CONTENT_LABELS.items()])
    #: of the first one's values, those that the second has too; and the other way round
    there = models.PositiveSmallIntegerField(null=True)
    back = models.PositiveSmallIntegerField(null=True)
    compared = models.PositiveSmallIntegerField()
    forms = models.PositiveSmallIntegerField()
    together = models.PositiveSmallIntegerField()
    settled = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="content_pair_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="content_pair_ordered"),
            models.CheckConstraint(condition=~models.Q(office_first=models.F("office_second")), name="content_pair_of_two_offices"),
            models.CheckConstraint(
                condition=models.Q(there__isnull=True, back__isnull=True) | models.Q(there__range=(0, 100), back__range=(0, 100)),
                name="content_pair_hundredths",
            ),
        ]
        indexes = [models.Index(fields=["kind", "settled", "-together", "id"], name="content_pair_worst")]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id} {self.kind}"


class ContentVerdict(models.Model):
    """The bureau looked at two items and gave the reason why the comparison is no matter; kept as long as both items are."""

    first = models.ForeignKey(ItemUse, on_delete=models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(ItemUse, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="content_verdict_once"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="content_verdict_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"
