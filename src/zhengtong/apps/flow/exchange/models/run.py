"""Runs: one movement of rows, from its request to its receipt."""

from __future__ import annotations

import uuid

from django.db import models


class RunKind(models.TextChoices):
    COLLECT = "collect", "归集"
    PUSH = "push", "推送"


class RunState(models.TextChoices):
    QUEUED = "queued", "排队中"
    RUNNING = "running", "运行中"
    STOPPING = "stopping", "正在停止"
    STOPPED = "stopped", "已停止"
    FINISHED = "finished", "已完成"
    FAILED = "failed", "失败"


OPEN_STATES = (RunState.QUEUED, RunState.RUNNING, RunState.STOPPING)


class Run(models.Model):
    """The counts add up: read = inserted + updated + unchanged + quarantined + duplicates, proven by the engine."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=RunKind.choices)
    binding = models.ForeignKey("exchange.Binding", null=True, on_delete=models.PROTECT, related_name="runs")
    push = models.ForeignKey("exchange.Push", null=True, on_delete=models.PROTECT, related_name="runs")
    mode = models.CharField(max_length=12)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    requested_by = models.CharField(max_length=80)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    #: the engine's own run, which may go on over several of ours after a stop or a crash
    engine_run = models.UUIDField(null=True)
    counts = models.JSONField(default=dict)
    #: rows in the source when the run began, for progress; null when unknown
    expected = models.BigIntegerField(null=True)
    rows_per_second = models.FloatField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.JSONField(default=dict)
    #: what was done, signed by the node
    receipt = models.TextField(blank=True)
    receipt_signature = models.CharField(max_length=300, blank=True)
    receipt_key_id = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering = ["-queued_at"]
        constraints = [
            models.UniqueConstraint(fields=["binding"], condition=models.Q(state__in=OPEN_STATES), name="one_open_run_of_a_binding"),
            models.UniqueConstraint(fields=["push"], condition=models.Q(state__in=OPEN_STATES), name="one_open_run_of_a_push"),
            models.CheckConstraint(
                condition=models.Q(binding__isnull=False, push__isnull=True) | models.Q(binding__isnull=True, push__isnull=False),
                name="run_of_a_binding_or_of_a_push",
            ),
        ]
        indexes = [
            models.Index(fields=["binding", "-queued_at"], name="run_binding"),
            models.Index(fields=["push", "-queued_at"], name="run_push"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
