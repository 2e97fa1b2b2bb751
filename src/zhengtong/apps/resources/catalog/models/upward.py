"""What was reported to the platform above, and what it answered."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.resources.catalog.rules.upward import UpAct, UpStatus

_STATUS = [(one.value, one.value) for one in UpStatus]


class UpwardBatch(models.Model):
    """Entries that were reported together, in the national form."""

    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=80)
    lines_count = models.PositiveIntegerField(default=0)
    answered_count = models.PositiveIntegerField(default=0)
    answered_at = models.DateTimeField(null=True)
    #: rows of the last receipt that were not taken: position, record, findings
    quarantine = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(answered_count__lte=models.F("lines_count")), name="upward_answers_are_lines"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class UpwardLine(models.Model):
    """An entry in a batch: which version of it, and the answer."""

    batch = models.ForeignKey(UpwardBatch, on_delete=models.CASCADE, related_name="lines")
    resource = models.ForeignKey("catalog.Resource", on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=6, choices=[(one.value, one.value) for one in UpAct])
    version = models.PositiveIntegerField()
    status = models.CharField(max_length=1, choices=_STATUS, default=UpStatus.PENDING)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "resource"], name="upward_line_once")]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.resource_id}"


class UpwardState(models.Model):
    """Where an entry stands with the platform above."""

    resource = models.OneToOneField("catalog.Resource", on_delete=models.PROTECT, related_name="upward")
    status = models.CharField(max_length=1, choices=_STATUS)
    #: the version that was reported last
    version = models.PositiveIntegerField()
    up_cata_id = models.CharField(max_length=80, blank=True)
    reason = models.TextField(blank=True)
    batch = models.ForeignKey(UpwardBatch, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(status=UpStatus.PASSED) | ~models.Q(up_cata_id=""), name="upward_passed_has_number"),
        ]
        indexes = [models.Index(fields=["status", "resource"], name="upward_status")]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.status}"
