"""Notices to whoever must act, and the warnings already given."""

from __future__ import annotations

from django.db import models


class Notice(models.Model):
    """A sentence for one account, with the page where it can act."""

    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="notices")
    at = models.DateTimeField()
    text = models.CharField(max_length=400)
    address = models.CharField(max_length=200)
    #: nobody has to act once this is set
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["account", "-id"], name="notice_account")]

    def __str__(self) -> str:
        return self.text


class FiredRung(models.Model):
    """A step of escalation that was taken; each is taken once."""

    application = models.ForeignKey("sharing.Application", on_delete=models.CASCADE, related_name="fired_rungs")
    clock = models.CharField(max_length=12)
    rung = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "clock", "rung"], name="rung_fires_once")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.clock} {self.rung}"
