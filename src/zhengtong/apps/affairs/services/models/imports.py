"""Files of items that were taken in, with what they refused."""

from __future__ import annotations

from django.db import models


class ItemImport(models.Model):
    """One file: its counts add up to the items and rows it held."""

    file_name = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    form = models.CharField(max_length=12)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=80, blank=True)
    #: offices on whose behalf it was taken, empty for a command
    offices = models.JSONField(default=list)
    total = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    quarantined = models.PositiveIntegerField()
    #: rows in which something was put right on the way
    noted = models.PositiveIntegerField(default=0)
    #: items that were published at once
    published = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(total=models.F("added") + models.F("changed") + models.F("unchanged") + models.F("quarantined")),
                name="service_import_adds_up",
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class QuarantinedRow(models.Model):
    """A row that was not taken, with the element, the rule and the remedy."""

    run = models.ForeignKey(ItemImport, on_delete=models.CASCADE, related_name="quarantine")
    sheet = models.CharField(max_length=40, blank=True)
    number = models.PositiveIntegerField()
    field = models.CharField(max_length=60, blank=True)
    rule = models.CharField(max_length=60)
    sentence = models.JSONField(default=str)
    remedy = models.JSONField(default=str, blank=True)
    record = models.JSONField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.number}"
