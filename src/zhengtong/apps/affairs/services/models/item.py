"""Items of implementation lists, their versions and what happened to them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Concat

from zhengtong.apps.affairs.services.models.basic import BasicItem
from zhengtong.apps.affairs.services.rules.vocabulary import OPEN_STATES, SOURCE_LABELS, STATE_LABELS, VERSION_LABELS, State, VersionState

_DRAFT, _PUBLISHED = VersionState.DRAFT.value, VersionState.PUBLISHED.value
_OPEN = [one.value for one in OPEN_STATES]


class ServiceItem(models.Model):
    """
    What one office does under one code. ``code`` is the implementation code, or that with two more characters.

    What is found in the guide is copied from the published version: name, what is searched, what is narrowed to.
    """

    code = models.CharField(max_length=33, unique=True)
    office = models.ForeignKey("organisations.Office", to_field="code", on_delete=models.PROTECT, related_name="service_items")
    level = models.CharField(max_length=1)
    basic = models.ForeignKey(BasicItem, to_field="code", on_delete=models.PROTECT, related_name="items")
    handle = models.CharField(max_length=2, blank=True)
    state = models.PositiveSmallIntegerField(choices=list(STATE_LABELS.items()), default=State.DRAFT.value)
    #: why it is suspended or cancelled
    state_reason = models.CharField(max_length=500, blank=True)
    #: local code of the list it came from, by which it is known again
    local_code = models.CharField(max_length=100, blank=True)
    name = models.CharField(max_length=200)
    #: what people search, folded, and its pairs of characters
    words = models.TextField(blank=True)
    pairs = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    served = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    topics = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    events = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    audience = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    residence = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    industries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    added_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            GinIndex(fields=["pairs"], name="service_item_pairs"),
            models.Index(fields=["state", "name", "id"], name="service_item_by_name"),
            models.Index(fields=["-changed_at", "-id"], name="service_item_by_change"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(handle="") | models.Q(handle__regex=r"^[0-9A-Z]{2}$"), name="service_item_handle_form"
            ),
            models.CheckConstraint(condition=models.Q(level__regex=r"^[1-7]$"), name="service_item_level"),
            models.CheckConstraint(condition=models.Q(state__in=[one.value for one in State]), name="service_item_state"),
            models.CheckConstraint(
                condition=models.Q(code=Concat("office_id", "level", "basic_id", "handle")), name="service_item_code_is_its_parts"
            ),
            models.UniqueConstraint(fields=["local_code"], condition=~models.Q(local_code=""), name="service_item_local_code_once"),
        ]

    def __str__(self) -> str:
        return self.code


class ItemVersion(models.Model):
    """A version: ``document`` is all that it says but its materials, which are rows. What is published or replaced is never changed."""

    item = models.ForeignKey(ServiceItem, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=list(VERSION_LABELS.items()), default=_DRAFT)
    document = models.JSONField(default=dict)
    #: goes up with every change, so that two people do not overwrite each other
    revision = models.PositiveIntegerField(default=1)
    return_reason = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    submitted_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="service_version_number_once"),
            models.UniqueConstraint(fields=["item"], condition=models.Q(state=_PUBLISHED), name="service_one_published_version"),
            models.UniqueConstraint(fields=["item"], condition=models.Q(state__in=_OPEN), name="service_one_open_version"),
            models.CheckConstraint(
                condition=models.Q(published_at__isnull=False) | models.Q(state__in=_OPEN), name="service_published_version_has_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.number}"


class Material(models.Model):
    """A required document of a version, with the source it comes from 材料来源台账."""

    version = models.ForeignKey(ItemVersion, on_delete=models.CASCADE, related_name="materials")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    #: the name as it is compared with sources
    key = models.CharField(max_length=200, db_index=True)
    source = models.CharField(max_length=12, choices=list(SOURCE_LABELS.items()), blank=True)
    needed = models.CharField(max_length=1)
    #: every column of ``content.Material``
    document = models.JSONField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="service_material_position_once")]

    def __str__(self) -> str:
        return self.name


class ItemEvent(models.Model):
    """A line of an item's history."""

    item = models.ForeignKey(ServiceItem, on_delete=models.CASCADE, related_name="events_log")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    version = models.PositiveIntegerField(null=True)
    actor = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=80, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.item_id}:{self.kind}"
