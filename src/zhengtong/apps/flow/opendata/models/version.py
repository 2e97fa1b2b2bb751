"""Versions of a dataset and their files. A version never changes; a new one is made when the content did."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.flow.opendata.models.dataset import Dataset
from zhengtong.apps.flow.opendata.rules.vocabulary import Form


class DatasetVersion(models.Model):
    """Rows at one snapshot, in every form, with what was said about them then."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    #: since when the rows lie in the hub
    data_at = models.DateTimeField()
    rows = models.BigIntegerField()
    #: SHA-256 of the rows as CSV and of the columns' description: the same content is no new version
    content = models.CharField(max_length=64)
    #: title, summary, theme, licence, attribution, contact, office, office_name, resource, update_cycle as they were then
    facts = models.JSONField()
    #: the columns, as ``rules.sheet.Column`` documents, and the keys that identify a row
    columns = models.JSONField()
    keys = models.JSONField(default=list)
    profile = models.JSONField()
    preview = models.JSONField()
    #: how many rows have a place and the box around them, as ``rules.place.measured`` documents; empty without a place
    place = models.JSONField(default=dict, blank=True)
    #: what was found and let pass: gate, column, count, reason
    passed = models.JSONField(default=list)
    #: rows added, removed and changed since the version before; empty for the first
    delta = models.JSONField(default=dict)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["dataset", "number"], name="dataset_version_once")]

    def __str__(self) -> str:
        return f"{self.dataset_id} v{self.number}"


class VersionFile(models.Model):
    """A file of a version in the file store, and how often it was taken."""

    version = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="files")
    form = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Form])
    stored = models.CharField(max_length=200, unique=True)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    #: data rows in it; null where it holds none
    rows = models.BigIntegerField(null=True)
    downloads = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["version", "form"], name="version_form_once")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.form}"
