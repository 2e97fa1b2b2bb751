"""Imports of foreign catalogs, with what they refused."""

from __future__ import annotations

from django.db import models


class RunState(models.TextChoices):
    """Where an import stands."""

    RECEIVED = "received", "待确认"
    QUEUED = "queued", "排队中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"


class ImportRun(models.Model):
    """
    One file taken in: the counts add up to the records it held.

    ``done`` is the checkpoint: it moves in the transaction that writes the records it counts, so a run that was cut off goes on from it.
    """

    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="catalog_imports")
    source = models.CharField(max_length=60)
    file_name = models.CharField(max_length=300)
    #: where the file is kept below the file store, and what it was found to be
    stored_file = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=12)
    sha256 = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    #: publish, class_code, whole_region: as ``rules.taking.Options`` reads them
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.RECEIVED)
    #: why it stopped, as ``kernel.sentences.kept``
    failure = models.JSONField(default=str, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=80, blank=True)
    done = models.PositiveIntegerField(default=0)
    #: how often it was begun or taken up since it last got further: what kills its worker every time is not taken up for ever
    starts = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    flagged = models.PositiveIntegerField(default=0)
    quarantined = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(finished_at__isnull=True)
                | models.Q(total=models.F("added") + models.F("changed") + models.F("unchanged") + models.F("quarantined")),
                name="import_counts_add_up",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class QuarantinedRecord(models.Model):
    """A record that was not taken: where it stood, what it said, and each finding with field, value, rule and remedy."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="quarantine")
    position = models.PositiveIntegerField()
    record = models.JSONField()
    findings = models.JSONField()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.position}"
