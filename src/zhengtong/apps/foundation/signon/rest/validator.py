"""
What the toolkit asks when a system wants tokens or claims: who it is, what hangs on which session, what it may be told.

Threat model. A code is injected into another's answer (PKCE, S256 alone, for every system); a stolen secret or refresh token (a second use
ends the family and is recorded); a token that outlives its person (each use asks whether the signed-in browser it came from still stands);
a system that compares notes with another (pairwise subjects); an ID token used as a key (it opens nothing). Secrets and tokens are compared
by digest and stored as nothing else.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote_plus

from django.conf import settings
from django.db.models import F
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.signon import api, rules
from zhengtong.apps.foundation.signon.models import AccessToken, Grant, RefreshToken
from zhengtong.kernel import clock
from zhengtong.toolkit.keys import node_keys


class Scopes(BaseScopes):  # type: ignore[misc]  # the toolkit has no types
    """A system may ask for what was approved for it."""

    def get_all_scopes(self) -> dict[str, str]:
        """All that there are, with their words."""
        return dict(rules.SCOPE_LABELS)

    def get_available_scopes(self, application: Any = None, request: Any = None, *_args: Any, **_more: Any) -> list[str]:  # noqa: ARG002
        """Those of one system."""
        return list(application.scopes) if application is not None else list(rules.SCOPE_LABELS)

    def get_default_scopes(self, application: Any = None, request: Any = None, *_args: Any, **_more: Any) -> list[str]:  # noqa: ARG002
        """What is meant when nothing is asked for."""
        return ["openid"]


class Validator(OAuth2Validator):  # type: ignore[misc]  # the toolkit has no types
    """The toolkit's validator with the house's sessions, secrets and claims."""

    # ------------------------------------------------------------------ which system
    def client_authentication_required(self, request: Any, *_args: Any, **_more: Any) -> bool:  # noqa: ARG002
        """There are no public clients."""
        return True

    def authenticate_client_id(self, client_id: str, request: Any, *_args: Any, **_more: Any) -> bool:  # noqa: ARG002
        """Nobody gets in by a name alone."""
        return False

    def authenticate_client(self, request: Any, *_args: Any, **_more: Any) -> bool:
        """By secret, in the header (preferred) or in the body; one that is being replaced counts until its end."""
        client_id, secret = _credentials(request)
        if not client_id or not secret or self._load_application(client_id, request) is None:
            return False
        return api.secret_is_right(client_id, secret, now=clock.now())

    # ------------------------------------------------------------------ which session
    def _create_authorization_code(self, request: Any, code: Any, expires: Any = None) -> Any:
        made = super()._create_authorization_code(request, code, expires)
        Grant.objects.filter(pk=made.pk).update(session=request.house_session, signed_in_at=request.signed_in_at)
        return made

    def validate_code(self, client_id: str, code: str, client: Any, request: Any, *args: Any, **more: Any) -> bool:
        """A code counts while the browser that got it is signed in."""
        if not super().validate_code(client_id, code, client, request, *args, **more):
            return False
        return _stands(request, Grant.objects.get(code=code, application=client))

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Any, *args: Any, **more: Any) -> bool:
        """A refresh token counts once, and while the browser that it came from is signed in; a second use is a theft."""
        checksum = hashlib.sha256(refresh_token.encode()).hexdigest()
        rows = RefreshToken.objects.filter(token_checksum=checksum).order_by(F("revoked").desc(nulls_first=True))
        known = rows.select_related("user", "application__office").first()
        replayed = (
            known is not None
            and known.revoked is not None
            and RefreshToken.objects.filter(token_family=known.token_family, revoked__isnull=True).exists()
        )
        if not super().validate_refresh_token(refresh_token, client, request, *args, **more):
            if known is not None and replayed:
                system = known.application
                api.token_replayed(username=known.user.username, client_id=system.client_id, office=system.office.code, now=clock.now())
            return False
        return _stands(request, request.refresh_token_instance)

    def _create_access_token(self, expires: Any, request: Any, token: Any, source_refresh_token: Any = None) -> Any:
        made = super()._create_access_token(expires, request, token, source_refresh_token)
        AccessToken.objects.filter(pk=made.pk).update(session=request.house_session)
        if request.grant_type == "authorization_code":
            system = request.client
            scopes = token["scope"].split()
            api.note_sign_on(
                username=request.user.username, client_id=system.client_id, office=system.office.code, scopes=scopes, now=clock.now()
            )
        return made

    def _create_refresh_token(self, request: Any, refresh_token_code: str, access_token: Any, previous_refresh_token: Any) -> Any:
        made = super()._create_refresh_token(request, refresh_token_code, access_token, previous_refresh_token)
        RefreshToken.objects.filter(pk=made.pk).update(session=request.house_session, signed_in_at=request.signed_in_at)
        return made

    def validate_bearer_token(self, token: str, scopes: Iterable[str], request: Any) -> bool:
        """An access token counts while the browser that it came from is signed in."""
        if not super().validate_bearer_token(token, scopes, request):
            return False
        held = request.access_token
        return _open(held.session, held.user_id) is not None

    def validate_id_token(self, token: str, scopes: Iterable[str], request: Any) -> bool:  # noqa: ARG002 - the toolkit's signature
        """An ID token opens nothing."""
        return False

    # ------------------------------------------------------------------ how somebody is asked: decided by the page, which knows the browser
    def validate_silent_login(self, request: Any) -> bool:  # noqa: ARG002 - the toolkit's signature
        """``web.authorize`` answers ``login_required`` itself."""
        return True

    def validate_silent_authorization(self, request: Any) -> bool:  # noqa: ARG002 - the toolkit's signature
        """``web.authorize`` answers ``consent_required`` itself."""
        return True

    # ------------------------------------------------------------------ what is told
    def get_oidc_claims(self, token: Any, token_handler: Any, request: Any) -> dict[str, Any]:  # noqa: ARG002 - the toolkit's signature
        """In the ID token: the subject alone."""
        return {"sub": rules.subject(node_keys().subject, request.client.sector, request.user.pk)}

    def get_userinfo_claims(self, request: Any) -> dict[str, Any]:
        """At the userinfo endpoint: what was asked for and approved, as it is now."""
        person = identity.actor(request.user.pk, on=clock.today())
        return self.get_oidc_claims(None, None, request) | rules.claims(person, request.scopes)

    def get_id_token_dictionary(self, token: Any, token_handler: Any, request: Any) -> tuple[dict[str, Any], Any]:
        """With the moment at which this browser signed in (the toolkit takes the account's latest, in whatever browser) and its name."""
        told, expires = super().get_id_token_dictionary(token, token_handler, request)
        told["auth_time"] = int(request.signed_in_at.timestamp())
        told["sid"] = rules.session_name(node_keys().subject, request.client.sector, request.house_session)
        return told, expires


def _credentials(request: Any) -> tuple[str, str]:
    """Name and secret of the system that asks; empty if it says nothing, or two things."""
    body_id, body_secret = request.client_id or "", getattr(request, "client_secret", "") or ""
    kind, _space, encoded = request.headers.get("HTTP_AUTHORIZATION", "").partition(" ")
    if kind != "Basic":
        return body_id, body_secret
    try:
        name, _colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    if body_secret or body_id not in {"", unquote_plus(name)}:
        return "", ""
    return unquote_plus(name), unquote_plus(secret)


def _open(handle: str, account_id: int) -> identity.OpenSession | None:
    session = identity.open_session(handle=handle) if handle else None
    return session if session is not None and session.account_id == account_id else None


def _stands(request: Any, held: Any) -> bool:
    """Whether what is held hangs on a browser that is signed in, for no longer than any browser is; tells the rest of the request which."""
    longest = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    if _open(held.session, held.user_id) is None or clock.now() - held.signed_in_at > longest:
        return False
    request.house_session, request.signed_in_at = held.session, held.signed_in_at
    return True
