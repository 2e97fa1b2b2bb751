"""Notices to whoever must act."""

from __future__ import annotations

from django.db import models

from zhengtong.kernel.sentences import told


class Notice(models.Model):
    """A sentence for one account, with the page where it can act."""

    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="notices")
    at = models.DateTimeField()
    #: as ``kernel.sentences.kept``
    text = models.JSONField()
    address = models.CharField(max_length=200)
    #: nobody has to act once this is set
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["account", "-id"], name="notice_of_account")]

    def __str__(self) -> str:
        return told(self.text)
