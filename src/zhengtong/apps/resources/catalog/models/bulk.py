"""Changes of many entries at once, each with what it was before."""

from __future__ import annotations

from django.db import models


class BulkState(models.TextChoices):
    """How far a change of many entries is."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"


class BulkOutcomeKind(models.TextChoices):
    """What became of one entry."""

    WAITING = "waiting"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


class BulkEdit(models.Model):
    """One change of many entries, or the undoing of one."""

    account = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    #: field → new value, and what lists gain and lose, as ``rules.bulk.values_of`` gives them; of an undoing, what it takes back
    values = models.JSONField()
    state = models.CharField(max_length=8, choices=BulkState.choices, default=BulkState.QUEUED)
    failure = models.JSONField(default=str, blank=True)
    undoes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="undoing")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="done", finished_at__isnull=False) | ~models.Q(state="done"), name="bulk_done_has_time"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class BulkLine(models.Model):
    """An entry of a change: what it shall say, what it said, and what became of it."""

    edit = models.ForeignKey(BulkEdit, on_delete=models.CASCADE, related_name="lines")
    resource = models.ForeignKey("catalog.Resource", on_delete=models.CASCADE, related_name="+")
    #: as the change's until the entry is settled; then what each field says
    values = models.JSONField()
    before = models.JSONField(default=dict)
    outcome = models.CharField(max_length=8, choices=BulkOutcomeKind.choices, default=BulkOutcomeKind.WAITING)
    #: why it was refused, as ``kernel.sentences.kept``
    reason = models.JSONField(default=str, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["edit", "resource"], name="bulk_line_once")]

    def __str__(self) -> str:
        return f"{self.edit_id}:{self.resource_id}"
