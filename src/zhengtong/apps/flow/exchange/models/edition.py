"""Editions 版次: the files a department handed in for a resource, one after the other."""

from __future__ import annotations

from django.db import models


class FileEdition(models.Model):
    """A file as it was handed in, and where the table lies in it. Bound editions stay as the history of the resource."""

    resource = models.ForeignKey("catalog.Resource", on_delete=models.PROTECT, related_name="file_editions")
    #: its name in the file store, which says nothing; ``file_name`` is the department's, for people
    stored = models.CharField(max_length=100, unique=True)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    #: the engine's layout as a plain dictionary: what was found, as corrected
    layout = models.JSONField()
    #: what was not found but said by a person; it is tried first on the next edition
    corrections = models.JSONField(default=dict)
    #: rows below the header, bad ones included; counted when it is bound
    rows = models.BigIntegerField(null=True)
    received_by = models.CharField(max_length=120)
    received_at = models.DateTimeField()
    #: when it became what the resource is collected from; null while it is only looked at
    bound_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["resource", "-received_at"], name="edition_of_resource")]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.file_name}"
