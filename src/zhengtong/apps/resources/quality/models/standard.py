"""The dictionary of standard items 标准数据元, kept by the bureau."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class StandardItem(models.Model):
    """What an item is called, how it is written and what it means, wherever it is collected. ``code`` never changes."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    synonyms = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    data_type = models.CharField(max_length=1)
    length = models.PositiveIntegerField(null=True)
    #: the list its values come from, such as GB/T 2261.1
    code_list = models.CharField(max_length=100, blank=True)
    sensitivity = models.CharField(max_length=12, blank=True)
    definition = models.TextField()
    #: the standard it is taken from
    source = models.CharField(max_length=100, blank=True)
    version = models.PositiveIntegerField(default=1)
    withdrawn_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=models.Q(code__regex=r"^[A-Z][A-Z0-9-]{1,19}$"), name="standard_code_form")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class StandardWord(models.Model):
    """A name or synonym of a standard item in force, normalised; the unique word decides which standard item it means."""

    word = models.CharField(max_length=100, unique=True)
    standard = models.ForeignKey(StandardItem, on_delete=models.CASCADE, related_name="words")

    def __str__(self) -> str:
        return self.word


class StandardVersion(models.Model):
    """A standard item as it was decided: the trail of the dictionary."""

    standard = models.ForeignKey(StandardItem, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    #: why; required for a withdrawal
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=80)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["standard", "number"], name="standard_version_once")]

    def __str__(self) -> str:
        return f"{self.standard_id} v{self.number}"
