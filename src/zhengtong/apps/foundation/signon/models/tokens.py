"""
What relying systems hold: codes, access and refresh tokens, each hanging on the signed-in browser that it came from.

``session`` is the handle of that browser's session: when the session is ended or the account closed, everything that hangs on it is dead at
its next use, without anything having to be deleted first.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from oauth2_provider.models import AbstractAccessToken, AbstractGrant, AbstractIDToken, AbstractRefreshToken


class Grant(AbstractGrant):  # type: ignore[misc]  # the toolkit has no types
    """An authorization code; lives for a minute."""

    objects: ClassVar[models.Manager[Grant]] = models.Manager()
    user = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    session = models.CharField(max_length=24, default="")
    signed_in_at = models.DateTimeField(null=True)


class IDToken(AbstractIDToken):  # type: ignore[misc]  # the toolkit has no types
    """That an ID token was issued, by its number."""

    objects: ClassVar[models.Manager[IDToken]] = models.Manager()
    user = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")


class AccessToken(AbstractAccessToken):  # type: ignore[misc]  # the toolkit has no types
    """An access token, by its digest."""

    objects: ClassVar[models.Manager[AccessToken]] = models.Manager()
    user = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    session = models.CharField(max_length=24, default="", db_index=True)


class RefreshToken(AbstractRefreshToken):  # type: ignore[misc]  # the toolkit has no types
    """A refresh token, by its digest; each is used once."""

    objects: ClassVar[models.Manager[RefreshToken]] = models.Manager()
    user = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    session = models.CharField(max_length=24, default="", db_index=True)
    signed_in_at = models.DateTimeField(null=True)
