"""Where materials can come from, as the bureau and stewards named it."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.affairs.services.rules.vocabulary import SOURCE_LABELS, Source


class NamedSource(models.Model):
    """A material's name and the connected source that supplies it: an item of a published resource, or a type of licence."""

    key = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)
    source = models.CharField(max_length=12, choices=list(SOURCE_LABELS.items()))
    resource = models.CharField(max_length=60, blank=True)
    resource_item = models.CharField(max_length=100, blank=True)
    licence_type = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=200, blank=True)
    named_at = models.DateTimeField()
    named_by = models.CharField(max_length=80)
    named_name = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(source=Source.SHARED.value, licence_type="") & ~models.Q(resource="")
                | models.Q(source=Source.LICENCE.value, resource="") & ~models.Q(licence_type=""),
                name="service_source_names_one_thing",
            )
        ]

    def __str__(self) -> str:
        return self.name
