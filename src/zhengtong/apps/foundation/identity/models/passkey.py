"""Passkeys (WebAuthn): a second factor that is bound to this site, and with its own check of the person a sign-in by itself."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django_otp.models import Device


class Passkey(Device):  # type: ignore[misc]  # django_otp has no types
    """The public half of a key pair that an authenticator keeps; nothing here is secret."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    credential_id = models.CharField(max_length=1400, unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return str(self.name)
