"""Catalogs elsewhere that are read again and again."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.resources.catalog.models.imports import ImportRun
from zhengtong.apps.resources.catalog.rules.harvest.kinds import HarvestState, Kind


class HarvestSource(models.Model):
    """An address with a catalog. Its entries carry the source ``harvest:<number>``; what each reading brought is an :class:`ImportRun`."""

    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="harvest_sources")
    title = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Kind])
    address = models.URLField(max_length=1000)
    #: publish, class_code, whole_region: as ``rules.taking.Options`` reads them
    options = models.JSONField(default=dict)
    #: hours between two readings; 0 means by hand only
    every_hours = models.PositiveSmallIntegerField(default=24)
    state = models.CharField(max_length=10, default=HarvestState.IDLE, choices=[(one.value, one.value) for one in HarvestState])
    #: since when it is in that state
    state_at = models.DateTimeField()
    #: why the last reading stopped, as ``kernel.sentences.kept``
    failure = models.JSONField(default=str, blank=True)
    #: the change up to which a CKAN portal is known, as it writes moments
    since = models.CharField(max_length=40, blank=True)
    #: SHA-256 of what the last reading said: the same again changes nothing
    content = models.CharField(max_length=64, blank=True)
    #: when the source was last read whole (None while that is under way or has to be done), read at all, and is to be read next
    whole_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    last_run = models.ForeignKey(ImportRun, on_delete=models.SET_NULL, null=True, related_name="+")
    #: entries of ours that the last whole reading did not find any more
    vanished = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80)
    changed_name = models.CharField(max_length=80)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["office", "address"], name="harvest_address_once")]
        indexes = [models.Index(fields=["next_at"], name="harvest_due")]

    def __str__(self) -> str:
        return self.title

    @property
    def source(self) -> str:
        """What its entries and runs name as their source."""
        return f"harvest:{self.pk}"


class HarvestSeen(models.Model):
    """What was met so far in a whole reading that takes several runs; gone once it is finished."""

    harvest = models.ForeignKey(HarvestSource, on_delete=models.CASCADE, related_name="seen", db_index=False)
    #: identity at the source, as entries keep it
    name = models.CharField(max_length=500)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["harvest", "name"], name="harvest_seen_once")]

    def __str__(self) -> str:
        return f"{self.harvest_id} {self.name}"
