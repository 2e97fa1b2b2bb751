"""Relying systems 登录接入系统, their secrets, and what is proposed for them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from oauth2_provider.models import AbstractApplication

from zhengtong.toolkit.token_keys import token_keys


class RelyingSystem(AbstractApplication):  # type: ignore[misc]  # the toolkit has no types
    """
    A departmental system whose users sign in here, as approved; ``client_id`` never changes.

    Of the toolkit's kinds only one is made: a confidential client with the code flow. ``skip_authorization`` says that it is a department's
    own, for whose use nobody is asked for consent. Secrets are rows of their own, so that two can be in force.
    """

    #: nobody's own: it belongs to an office
    user = models.ForeignKey("identity.Account", null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    scopes = ArrayField(models.CharField(max_length=20))
    #: within which a person has one subject; never changes
    sector = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[models.Manager[RelyingSystem]] = models.Manager()

    class Meta:
        ordering = ["client_id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(client_id__regex=r"^[a-z][a-z0-9-]{2,39}$"), name="relying_system_id_form"),
            models.CheckConstraint(
                condition=models.Q(
                    client_type="confidential", authorization_grant_type="authorization-code", algorithm="RS256", client_secret=""
                ),
                name="relying_system_is_confidential_with_code",
            ),
        ]

    def redirect_uri_allowed(self, uri: str) -> bool:
        """To the letter."""
        return uri in self.redirect_uris.split()

    def post_logout_redirect_uri_allowed(self, uri: str) -> bool:
        """To the letter."""
        return uri in self.post_logout_redirect_uris.split()

    def get_allowed_schemes(self) -> list[str]:
        """Plain http is a loopback address that was approved."""
        return ["https", "http"]

    def is_usable(self, request: Any) -> bool:  # noqa: ARG002 - the toolkit's signature
        """Nothing is told to a suspended system, and its tokens open nothing."""
        return bool(self.is_active)

    @property
    def jwk_key(self) -> Any:
        """What signs its tokens: the installation's key, as the file holds it now."""
        return token_keys().signing


class SystemSecret(models.Model):
    """A secret of 256 random bits, kept as its SHA-256; while one is rotated two are in force."""

    id = models.CharField(primary_key=True, max_length=16)
    system = models.ForeignKey(RelyingSystem, on_delete=models.CASCADE, related_name="secrets")
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    not_after = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.id


class SystemProposal(models.Model):
    """What the system administrator wants of a relying system, until the security administrator has decided on it."""

    client_id = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    redirect_uris = ArrayField(models.CharField(max_length=500))
    post_logout_redirect_uris = ArrayField(models.CharField(max_length=500), default=list, blank=True)
    scopes = ArrayField(models.CharField(max_length=20))
    sector = models.CharField(max_length=120)
    asks_consent = models.BooleanField()
    proposed_by = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, blank=True, choices=[(one, one) for one in ("approved", "refused", "withdrawn")])
    decided_by = models.ForeignKey("identity.Account", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.UniqueConstraint(fields=["client_id"], condition=models.Q(outcome=""), name="one_open_proposal_of_a_system"),
            models.CheckConstraint(
                condition=models.Q(outcome="withdrawn") | models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("proposed_by")),
                name="system_approved_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="", decided_at__isnull=True) | (~models.Q(outcome="") & models.Q(decided_at__isnull=False)),
                name="system_proposal_decided_at",
            ),
        ]

    def __str__(self) -> str:
        return self.client_id
