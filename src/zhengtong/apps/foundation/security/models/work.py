"""Long work on the ledger that an auditor asks for, with its progress and its result."""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    """How far a piece of work is."""

    WAITING = "waiting", "等待"
    RUNNING = "running", "进行中"
    DONE = "done", "完成"
    FAILED = "failed", "失败"


class Work(models.Model):
    """What checks and exports have in common: who asked, how far it is."""

    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    #: blocks to read, as far as known at the start, and read so far
    total = models.BigIntegerField(default=0)
    blocks = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class LedgerCheck(Work):
    """A verification of all chains. ``findings`` are at most the first thousand, ``wrong`` counts all of them."""

    wrong = models.BigIntegerField(default=0)
    findings = models.JSONField(default=list)
    #: where each chain stood: {chain: [height, hash]}
    heads = models.JSONField(default=dict)

    class Meta:
        db_table = "ledger_check"
        ordering = ["-asked_at", "-id"]
        constraints = [
            # two presses of the button are one check
            models.UniqueConstraint(fields=["state"], condition=models.Q(state__in=["waiting"]), name="ledger_check_one_waits"),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M} {self.state}"


class LedgerExport(Work):
    """An export folder of the ledger as a zip in the file store, under ``file``."""

    file = models.CharField(max_length=200, blank=True)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "ledger_export"
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state__in=["waiting"]), name="ledger_export_one_waits"),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M} {self.state}"
