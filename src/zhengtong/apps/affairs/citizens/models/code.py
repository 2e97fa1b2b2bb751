"""One-time codes that went to a phone or an e-mail address."""

from __future__ import annotations

from django.db import models


class SentCode(models.Model):
    """A code, kept as a keyed digest, for one purpose (``phone``, ``email``: prove that it is yours; ``recover``: a new password)."""

    person = models.ForeignKey("citizens.Person", on_delete=models.CASCADE, related_name="codes")
    purpose = models.CharField(max_length=8, choices=[("phone", "phone"), ("email", "email"), ("recover", "recover")])
    digest = models.CharField(max_length=32)
    made_at = models.DateTimeField()
    good_until = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "purpose", "made_at"], name="code_of_person")]

    def __str__(self) -> str:
        return f"{self.pk}"
