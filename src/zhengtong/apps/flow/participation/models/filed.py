"""What everything that somebody hands in has in common."""

from __future__ import annotations

from django.db import models


class Filed(models.Model):
    """Something that was handed in, with or without an account; the private page opens with the secret whose digest is kept."""

    number = models.CharField(max_length=24, unique=True)
    #: digest of the secret in the private link
    secret = models.CharField(max_length=64)
    #: digest of form and content, so that a form sent twice is one thing
    once = models.CharField(max_length=64, unique=True)
    filed_at = models.DateTimeField()
    #: the name under which it is shown, as its author chose it
    name = models.CharField(max_length=100, blank=True)
    #: personal; shown masked, and read only by an act that the ledger keeps
    contact = models.CharField(max_length=120, blank=True)
    #: the official who handed it in, if one did
    account = models.ForeignKey("identity.Account", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True
