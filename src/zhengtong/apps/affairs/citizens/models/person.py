"""Citizens, the registers that are asked about them, and failed tries."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from zhengtong.apps.affairs.citizens.rules import Kind, Source


class Person(models.Model):
    """
    A citizen with an account. Numbers are sealed; the digest beside each is what somebody is looked up by.

    A phone or address opens the door only once its owner has proven it with a code, so several people may state the same one.
    """

    account = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    #: personal: shown masked
    name = models.CharField(max_length=60)
    #: of the identity number (the digest that the ledger uses); empty once the register said that it is another's
    number_digest = models.CharField(max_length=32, blank=True)
    number_sealed = models.TextField(blank=True)
    phone_digest = models.CharField(max_length=32, blank=True)
    phone_sealed = models.TextField(blank=True)
    phone_confirmed_at = models.DateTimeField(null=True)
    email_digest = models.CharField(max_length=32, blank=True)
    email_sealed = models.TextField(blank=True)
    email_confirmed_at = models.DateTimeField(null=True)
    #: when name and number last matched the register; None: declared alone
    checked_at = models.DateTimeField(null=True)
    #: when the register is asked again; None: nothing is open
    next_check_at = models.DateTimeField(null=True)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number_digest"], condition=~models.Q(number_digest=""), name="citizen_number_once"),
            models.UniqueConstraint(
                fields=["phone_digest"], condition=models.Q(phone_confirmed_at__isnull=False), name="citizen_confirmed_phone_once"
            ),
            models.UniqueConstraint(
                fields=["email_digest"], condition=models.Q(email_confirmed_at__isnull=False), name="citizen_confirmed_email_once"
            ),
            models.CheckConstraint(
                condition=models.Q(checked_at__isnull=True) | ~models.Q(number_digest=""), name="citizen_checked_has_a_number"
            ),
        ]
        indexes = [models.Index(fields=["next_check_at"], condition=models.Q(next_check_at__isnull=False), name="citizen_to_check")]

    def __str__(self) -> str:
        return f"{self.pk}"


class Failure(models.Model):
    """Something that was tried and failed, counted for what it was about and where it came from; kept for a day."""

    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in Kind])
    #: a keyed digest, never the number itself
    about = models.CharField(max_length=32)
    address = models.CharField(max_length=45)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "about", "at"], name="citizen_failures_about"),
            models.Index(fields=["kind", "address", "at"], name="citizen_failures_from"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}"


class RegisterToAsk(models.Model):
    """Under which grant and by which calling system a register is asked; set by the system administrator."""

    source = models.CharField(primary_key=True, max_length=12, choices=[(source.value, source.value) for source in Source])
    system = models.CharField(max_length=40)
    #: code of the granted resource
    resource = models.CharField(max_length=80)
    purpose = models.CharField(max_length=40)
    #: what we ask by → item of the resource: number, name, household; code, name, representative
    items = models.JSONField(default=dict)
    #: when the operator was last told that the gateway refuses us
    told_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.source
