"""What keeps a case from being granted: facts that the law takes from a source which is silent."""

from __future__ import annotations

from django.db import models


class Hold(models.Model):
    """One fact that is owed. It is lifted when its source has spoken, and kept: why a decision came late is part of the file."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="holds")
    key = models.CharField(max_length=80)
    #: what is owed, and by which source, in words for officials and applicants
    title = models.CharField(max_length=200)
    source = models.CharField(max_length=200)
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["case", "key"], name="hold_once")]
        indexes = [models.Index(fields=["case"], name="hold_open", condition=models.Q(lifted_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.case_id} {self.key}"
