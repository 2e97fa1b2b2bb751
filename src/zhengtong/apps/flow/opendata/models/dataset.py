"""Datasets 开放数据集: the decision to open a resource, with its trail."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from zhengtong.apps.flow.opendata.rules.vocabulary import State


class Dataset(models.Model):
    """One resource, opened or about to be. What the public reads of it stands in the version it names as current."""

    resource = models.OneToOneField("catalog.Resource", on_delete=models.PROTECT, related_name="dataset")
    state = models.CharField(max_length=12, default=State.MEASURING, choices=[(one.value, one.value) for one in State])
    title = models.CharField(max_length=300)
    #: the title in pinyin, so that lists sort as people expect
    title_key = models.CharField(max_length=200, blank=True)
    summary = models.TextField()
    theme = models.CharField(max_length=20)
    licence = models.CharField(max_length=20)
    attribution = models.CharField(max_length=300)
    contact = models.CharField(max_length=200)
    #: ``[{"key": …, "mask": …}]`` in the order of the catalog
    items = models.JSONField()
    #: keys of the items by which people could be found again
    quasi = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    #: keys of the items, besides the identifying ones, places and dates, by which many rows can be searched and sorted
    indexed = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    #: the items that are longitude and latitude, as ``rules.place.Place.document``; empty without a place
    place = models.JSONField(default=dict, blank=True)
    #: the entry's update cycle when it was last measured
    update_cycle = models.CharField(max_length=1, blank=True)
    #: title, summary and office as they are compared, and their pairs of characters
    words = models.TextField(blank=True)
    pairs = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    #: what the last measurement found, as ``rules.findings.Finding`` documents, and on how many rows
    findings = models.JSONField(default=list, blank=True)
    rows = models.BigIntegerField(null=True)
    measured_at = models.DateTimeField(null=True)
    #: why it was returned or withdrawn, as ``kernel.sentences.kept``
    reason = models.JSONField(default=str, blank=True)
    #: the version that the public sees; null before the first
    current = models.ForeignKey("opendata.DatasetVersion", on_delete=models.PROTECT, null=True, related_name="+")
    #: whether rows go to applicants alone, and on which terms, as ``rules.conditions.Conditions`` documents
    conditional = models.BooleanField(default=False)
    conditions = models.JSONField(default=dict, blank=True)
    #: since when the data lies in the hub that the last successful build read
    data_at = models.DateTimeField(null=True)
    #: since when the data lies in the hub that the last build of any outcome read, so that it is not read twice
    looked_at = models.DateTimeField(null=True)
    #: when it was first open
    published_at = models.DateTimeField(null=True)
    downloads = models.BigIntegerField(default=0)
    #: grows with every change of the proposal, so that a build of an older one is thrown away
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=State.OPEN) | models.Q(current__isnull=False, published_at__isnull=False),
                name="dataset_open_has_a_version",
            ),
            models.CheckConstraint(
                condition=models.Q(conditional=False, conditions={}) | (models.Q(conditional=True) & ~models.Q(conditions={})),
                name="dataset_conditional_has_conditions",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[State.RETURNED, State.WITHDRAWN]) | ~models.Q(reason=""), name="dataset_stop_has_a_reason"
            ),
        ]
        indexes = [
            GinIndex(fields=["pairs"], name="dataset_pairs"),
            models.Index(fields=["state", "-published_at", "-id"], name="dataset_newest"),
            models.Index(fields=["state", "title_key", "id"], name="dataset_title"),
            models.Index(fields=["state", "-downloads", "-id"], name="dataset_downloads"),
        ]

    def __str__(self) -> str:
        return self.title


class Overruling(models.Model):
    """A finding that a reviewer let pass, with the reason. Never changed; a new proposal begins without any."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="overrulings")
    #: the proposal it belongs to
    revision = models.PositiveIntegerField()
    gate = models.CharField(max_length=30)
    column = models.CharField(max_length=60, blank=True)
    count = models.BigIntegerField()
    share = models.FloatField()
    reason = models.TextField()
    actor = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="overruling_has_a_reason")]

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.gate} {self.column}"


class DatasetEvent(models.Model):
    """A line of the timeline. Never changed."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    actor_name = models.JSONField(default=str, blank=True)
    #: what somebody wrote, or what the platform says, as ``kernel.sentences.kept``
    reason = models.JSONField(default=str, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.kind}"
