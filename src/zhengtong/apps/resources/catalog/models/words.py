"""What searching knows beyond the entries: words that mean the same, and questions that somebody keeps asking."""

from __future__ import annotations

from django.db import models


class SynonymGroup(models.Model):
    """Words that find the same entries; its words are :class:`SynonymWord`."""

    note = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80)
    changed_name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return str(self.pk)


class SynonymWord(models.Model):
    """A word as it is compared (``rules.synonyms.plain``); it belongs to one group only."""

    group = models.ForeignKey(SynonymGroup, on_delete=models.CASCADE, related_name="words")
    word = models.CharField(max_length=40, unique=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.word


class SavedSearch(models.Model):
    """A question that an official wants to hear about: entries published after ``created_at`` that it finds."""

    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    text = models.CharField(max_length=200, blank=True)
    #: facet → value, as ``rules.asking.SearchQuestion``
    chosen = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "text", "chosen"], name="saved_search_once")]

    def __str__(self) -> str:
        return self.text


class SavedSearchHit(models.Model):
    """An entry that somebody was told of; told once."""

    search = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="hits")
    resource = models.ForeignKey("catalog.Resource", on_delete=models.CASCADE, related_name="+")
    found_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["search", "resource"], name="saved_search_told_once")]

    def __str__(self) -> str:
        return f"{self.search_id}:{self.resource_id}"
