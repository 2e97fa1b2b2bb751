"""Licences 电子证照 and what became of them."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.affairs.licences.rules.vocabulary import Operation, State


class Licence(models.Model):
    """
    One version of one licence. What is signed (``body``) holds no personal value, only digests; values and salts are sealed.

    ``id`` comes from a sequence and is the place in the status lists too. ``holder`` is the ledger's keyed digest of the holder's code.
    """

    id = models.BigAutoField(primary_key=True)
    identifier = models.CharField(max_length=140, unique=True)
    type = models.ForeignKey("LicenceType", on_delete=models.PROTECT, related_name="licences")
    made_by = models.ForeignKey("TypeVersion", on_delete=models.PROTECT, related_name="+")
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    serial = models.CharField(max_length=64)
    version = models.PositiveSmallIntegerField(default=1)
    holder = models.CharField(max_length=64)
    #: name and code as lists show them: a person's masked
    holder_shown = models.CharField(max_length=200)
    code_shown = models.CharField(max_length=18)
    state = models.CharField(max_length=2, default=State.VALID, choices=[(one.value, one.value) for one in State])
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    issued_at = models.DateTimeField()
    #: the case that was decided with it; empty for one issued in bulk or by hand
    case = models.CharField(max_length=80, blank=True)
    #: the newer version that replaced it
    replaced_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    #: personal: holder, values and salts, sealed to the identifier
    sealed = models.TextField()
    body = models.TextField()
    #: by the node's key in the installation's scheme, and by the key of its certificate (ECDSA P-256)
    signature = models.CharField(max_length=200)
    key_id = models.CharField(max_length=16)
    certified = models.CharField(max_length=100)
    certificate_id = models.CharField(max_length=16)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["type", "office", "serial", "version"], name="licence_serial_once"),
            models.UniqueConstraint(fields=["type", "office", "serial"], condition=models.Q(replaced_by=None), name="licence_one_current"),
            models.UniqueConstraint(fields=["type", "case"], condition=~models.Q(case=""), name="licence_once_for_a_case"),
            models.CheckConstraint(condition=models.Q(version__gte=1, version__lte=999), name="licence_version_of_three_digits"),
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=models.F("valid_from")),
                name="licence_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(replaced_by=None) | ~models.Q(state=State.VALID), name="licence_replaced_is_not_valid"
            ),
        ]
        indexes = [
            models.Index(fields=["holder", "-id"], name="licence_holder"),
            models.Index(fields=["office", "-id"], name="licence_office"),
            models.Index(fields=["type", "state", "-id"], name="licence_type_state"),
            models.Index(
                fields=["valid_until"], condition=models.Q(state=State.VALID, valid_until__isnull=False), name="licence_to_expire"
            ),
            models.Index(fields=["id"], condition=~models.Q(state=State.VALID), name="licence_not_valid"),
        ]

    def __str__(self) -> str:
        return self.identifier


class LicenceEvent(models.Model):
    """What was done to a licence, with the entry of the ledger that proves it. Issue itself is in the licence."""

    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    operation = models.CharField(max_length=2, choices=[(one.value, one.value) for one in Operation])
    act = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=2)
    by = models.CharField(max_length=80)
    reason = models.TextField(blank=True)
    entry = models.CharField(max_length=32)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.licence_id} {self.operation}"


class StatusList(models.Model):
    """A signed status list as last made, and since when it is out of date."""

    number = models.PositiveIntegerField(primary_key=True)
    changed_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    document = models.TextField(blank=True)

    def __str__(self) -> str:
        return str(self.number)
