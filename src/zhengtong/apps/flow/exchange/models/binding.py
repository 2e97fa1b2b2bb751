"""Bindings 挂接: what stands behind a catalog entry."""

from __future__ import annotations

from django.db import models

#: more than half of all rows gone at once is a broken file far more often than the truth
USUAL_VANISHING = 50


class Binding(models.Model):
    """A resource bound to a table of its department's database, or to files that its department hands in."""

    class Kind(models.TextChoices):
        POSTGRESQL = "postgresql", "PostgreSQL"
        FILES = "files", "文件"

    class Mode(models.TextChoices):
        FULL = "full", "全量"
        INCREMENTAL = "incremental", "增量"

    class Absent(models.TextChoices):
        KEEP = "keep", "保留"
        DELETE = "delete", "删除"

    resource = models.OneToOneField("catalog.Resource", on_delete=models.PROTECT, related_name="binding")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    #: sealed for context ``binding:<resource id>``; empty for files
    sealed_url = models.TextField(blank=True)
    #: the address without its password
    place = models.CharField(max_length=300, blank=True)
    schema = models.CharField(max_length=63, blank=True)
    table = models.CharField(max_length=63, blank=True)
    #: the edition of the file that is collected
    edition = models.ForeignKey("exchange.FileEdition", on_delete=models.PROTECT, null=True, related_name="+")
    #: what happens to rows that the newest edition no longer has
    absent = models.CharField(max_length=6, choices=Absent.choices, default=Absent.KEEP)
    #: the greatest share of the rows, in hundredths, that one run may delete; another than usual needs a reason
    most_vanishing = models.PositiveSmallIntegerField(default=USUAL_VANISHING)
    vanishing_reason = models.CharField(max_length=200, blank=True)
    #: item key → source column
    mapping = models.JSONField(default=dict)
    #: quality rules as the engine's plain dictionaries
    rules = models.JSONField(default=list)
    mode = models.CharField(max_length=12, choices=Mode.choices, default=Mode.FULL)
    cursor = models.CharField(max_length=63, blank=True)
    #: how far an incremental run looks back, such as ``10 minutes``
    overlap = models.CharField(max_length=30, blank=True)
    every_minutes = models.PositiveIntegerField(null=True)
    next_run_at = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    #: set when the hub table holds data of a finished run
    landed_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(mode="full") | ~models.Q(cursor=""), name="binding_incremental_needs_a_cursor"),
            models.CheckConstraint(
                condition=models.Q(kind="files") | (~models.Q(table="") & ~models.Q(sealed_url="")), name="binding_database_needs_a_table"
            ),
            models.CheckConstraint(condition=models.Q(kind="files") ^ models.Q(edition=None), name="binding_files_need_an_edition"),
            models.CheckConstraint(condition=~models.Q(kind="files") | models.Q(mode="full"), name="binding_files_are_read_whole"),
            models.CheckConstraint(condition=models.Q(most_vanishing__range=(1, 100)), name="binding_vanishing_is_a_share"),
            models.CheckConstraint(
                condition=models.Q(most_vanishing=USUAL_VANISHING) | ~models.Q(vanishing_reason=""),
                name="binding_another_vanishing_needs_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.kind}"
