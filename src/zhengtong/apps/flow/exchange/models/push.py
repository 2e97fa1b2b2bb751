"""Front databases 前置库 and what is pushed into them."""

from __future__ import annotations

from django.db import models


class FrontDatabase(models.Model):
    """A receiver's own PostgreSQL, into which granted rows are pushed."""

    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="front_databases")
    name = models.CharField(max_length=100)
    #: sealed for context ``front:<office id>:<name>``
    sealed_url = models.TextField()
    place = models.CharField(max_length=300)
    schema = models.CharField(max_length=63, default="public")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["office__code", "name"]
        constraints = [models.UniqueConstraint(fields=["office", "name"], name="front_database_name_once")]

    def __str__(self) -> str:
        return self.name


class Push(models.Model):
    """Rows of one grant into one table of a front database, once or on a schedule."""

    grant = models.ForeignKey("sharing.Grant", on_delete=models.PROTECT, related_name="pushes")
    front = models.ForeignKey(FrontDatabase, on_delete=models.PROTECT, related_name="pushes")
    table = models.CharField(max_length=63)
    every_minutes = models.PositiveIntegerField(null=True)
    next_run_at = models.DateTimeField(null=True)
    #: a push at rest starts no run
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    #: taken away; its runs remain
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["front", "table"], condition=models.Q(ended_at__isnull=True), name="push_table_once"),
            models.UniqueConstraint(fields=["grant"], condition=models.Q(ended_at__isnull=True), name="push_of_a_grant_once"),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id} → {self.table}"
