"""Licence types 证照类型: what an office's licences look like, in versions that never change once they are published."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.affairs.licences.rules.vocabulary import TypeState
from zhengtong.kernel.parties import PartyKind


class LicenceType(models.Model):
    """A kind of licence; its 21-character code is the credit code of the office that defines it and three characters."""

    code = models.CharField(max_length=21, unique=True)
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    bureau = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    holder = models.CharField(max_length=8, choices=[(one.value, one.value) for one in PartyKind])
    #: the version by which licences are issued now; None before the first is published
    current = models.ForeignKey("TypeVersion", on_delete=models.PROTECT, null=True, related_name="+")
    #: how many hold such a licence by the office's register, as its steward states it
    expected = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(code__regex=r"^[0-9A-Z]{21}$"), name="licence_type_code")]

    def __str__(self) -> str:
        return self.code


class TypeVersion(models.Model):
    """One version of a type: its name, fields, term and words on the face."""

    type = models.ForeignKey(LicenceType, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, default=TypeState.DRAFT, choices=[(one.value, one.value) for one in TypeState])
    name = models.CharField(max_length=60)
    fields = models.JSONField()
    years = models.PositiveSmallIntegerField(default=0)
    legend = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["type", "number"], name="licence_type_version_once"),
            models.UniqueConstraint(
                fields=["type"],
                condition=models.Q(state__in=[TypeState.DRAFT, TypeState.REVIEW, TypeState.RETURNED]),
                name="licence_type_one_version_under_work",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=TypeState.RETURNED) | ~models.Q(reason=""), name="licence_type_returned_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type_id} {self.number}"
