"""Issue in bulk: a register's rows, worked off by the worker, each issued or kept back with the rule it broke."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.affairs.licences.rules.vocabulary import JobState


class Job(models.Model):
    """One register that was handed in."""

    type_version = models.ForeignKey("TypeVersion", on_delete=models.PROTECT, related_name="+")
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=8, default=JobState.WAITING, choices=[(one.value, one.value) for one in JobState])
    total = models.PositiveIntegerField()
    issued = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(total__gte=models.F("issued") + models.F("refused")), name="licence_job_no_row_counted_twice"
            )
        ]
        indexes = [models.Index(fields=["state"], condition=~models.Q(state=JobState.DONE), name="licence_job_open")]

    def __str__(self) -> str:
        return self.name


class JobRow(models.Model):
    """One row. ``sealed`` is personal; it goes when the row is issued. A refused one keeps the rule and the remedy, never the value."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    sealed = models.TextField(blank=True)
    licence = models.ForeignKey("Licence", on_delete=models.PROTECT, null=True, related_name="+")
    refusal = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "line"], name="licence_job_line_once")]
        indexes = [
            models.Index(fields=["job", "line"], condition=models.Q(licence=None, refusal__isnull=True), name="licence_job_waiting_rows"),
            models.Index(fields=["job", "line"], condition=models.Q(refusal__isnull=False), name="licence_job_refused_rows"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} {self.line}"
