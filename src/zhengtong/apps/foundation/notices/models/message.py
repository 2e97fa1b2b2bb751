"""Messages that leave the platform."""

from __future__ import annotations

from enum import StrEnum

from django.db import models


class Outlet(StrEnum):
    """The way on which a message leaves."""

    EMAIL = "email"
    SMS = "sms"


class OutgoingMessage(models.Model):
    """A message to an address outside, sealed until it has left; then its text is forgotten."""

    outlet = models.CharField(max_length=8, choices=[(outlet.value, outlet.value) for outlet in Outlet])
    to_sealed = models.TextField()
    text_sealed = models.TextField()
    at = models.DateTimeField()
    #: after this it would be of no use, and is not sent any more
    good_until = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["good_until"], condition=models.Q(sent_at__isnull=True), name="message_to_send")]

    def __str__(self) -> str:
        return f"{self.pk}"
