"""Accounts of officials and of citizens."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from zhengtong.apps.foundation.identity.rules import AccountKind
from zhengtong.kernel.actors import Duty, Role


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by user name; accounts are made by operations."""


class Account(AbstractBaseUser):
    """
    An account of an official, or of a citizen, who signs in by other names than the user name (the app ``citizens`` keeps them).

    One column holds the duty of administration, so that nobody can hold two; a trigger keeps duties and business roles apart.
    """

    username = models.CharField(max_length=64, unique=True)
    #: a citizen's is masked
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in AccountKind], default=AccountKind.OFFICIAL)
    office = models.ForeignKey("organisations.Office", null=True, blank=True, on_delete=models.PROTECT, related_name="accounts")
    duty = models.CharField(max_length=16, blank=True, choices=[(duty.value, duty.value) for duty in Duty])
    is_active = models.BooleanField(default=True)
    #: an account of the demo city, which can sign in only in demo mode
    is_demo = models.BooleanField(default=False)
    password_changed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(condition=models.Q(username__regex=r"^[a-z][a-z0-9_.-]{2,63}$"), name="account_username_form"),
            models.CheckConstraint(
                condition=models.Q(duty__in=["", *(duty.value for duty in Duty)]),
                name="account_duty_is_one_of_three",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=AccountKind.OFFICIAL) | models.Q(kind=AccountKind.PERSON, office__isnull=True, duty=""),
                name="account_of_a_person_has_no_office",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UsedPassword(models.Model):
    """A password that must not come again."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="used_passwords")
    password = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.account_id}"


class RoleAssignment(models.Model):
    """A role for one office, from a day until a day."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="assignments")
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=24, choices=[(role.value, role.value) for role in Role])
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["office__code", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "office", "role"], condition=models.Q(valid_until__isnull=True), name="role_assigned_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.role} {self.office_id}"


class Delegation(models.Model):
    """While somebody is on leave, another acts with their roles; both names stand in the timeline."""

    giver = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="delegations_given")
    taker = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="delegations_taken")
    valid_from = models.DateField()
    valid_until = models.DateField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(giver=models.F("taker")), name="delegation_to_another"),
            models.CheckConstraint(condition=models.Q(valid_until__gte=models.F("valid_from")), name="delegation_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.giver_id} → {self.taker_id}"


class SessionRecord(models.Model):
    """A signed-in browser, listed for its owner and for the security administrator, who may end it."""

    session_key = models.CharField(max_length=40, primary_key=True)
    #: names the session in lists; knowing it opens nothing
    handle = models.CharField(max_length=24, unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="session_records")
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=300, blank=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return f"{self.account_id}"
