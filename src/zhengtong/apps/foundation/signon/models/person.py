"""What people have agreed to."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from zhengtong.apps.foundation.signon.models.system import RelyingSystem


class Consent(models.Model):
    """Somebody lets a system know what these scopes name."""

    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    system = models.ForeignKey(RelyingSystem, on_delete=models.CASCADE, related_name="+")
    scopes = ArrayField(models.CharField(max_length=20))
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["-given_at"]
        constraints = [models.UniqueConstraint(fields=["account", "system"], name="one_consent_for_a_system")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.system_id}"
