"""What became of a draft's form, and simulations of forms."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.affairs.services.models.item import ItemVersion
from zhengtong.apps.affairs.services.rules.vocabulary import RUN_LABELS, RunState


class FormChange(models.Model):
    """One change of a draft's form, with the form before it, so that it can be taken back; it goes with the version."""

    version = models.ForeignKey(ItemVersion, on_delete=models.CASCADE, related_name="form_changes")
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=80, blank=True)
    #: a kept sentence: what was done
    told = models.JSONField()
    #: the form before, as text, and the SHA-256 of the form after: what has since been changed otherwise is not taken back
    before = models.TextField()
    after_sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.version_id}:{self.pk}"


class FormSimulation(models.Model):
    """A simulation of a version's form as it was then; ``report`` is there when it is done."""

    version = models.ForeignKey(ItemVersion, on_delete=models.CASCADE, related_name="simulations")
    form = models.TextField()
    form_sha256 = models.CharField(max_length=64)
    #: how many applicants are drawn, from which seed, and how the sources are for them, as the rules keep it
    asked = models.JSONField()
    state = models.CharField(max_length=8, choices=list(RUN_LABELS.items()), default=RunState.QUEUED.value)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()
    report = models.JSONField(null=True)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=80)
    asked_name = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(done__lte=models.F("total")), name="service_simulation_within_its_total"),
            models.CheckConstraint(
                condition=~models.Q(state=RunState.DONE.value) | models.Q(report__isnull=False, done=models.F("total")),
                name="service_simulation_done_has_a_report",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}:{self.pk}"
