"""Warnings that were given about a review."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.resources.catalog.models.resource import Resource


class ReviewWarning(models.Model):
    """A step of escalation that was taken about one review; each is taken once. A review that begins again warns anew."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="review_warnings")
    review_began_at = models.DateTimeField()
    rung = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["resource", "review_began_at", "rung"], name="review_warns_once_a_rung")]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.rung}"
