"""
What systems call: discovery, keys, tokens, claims, revocation.

Threat model: see ``rest.validator``. None of these reads a cookie, so that a browser on a hostile page is nobody here; answers with tokens
are never kept by a cache.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe
from oauth2_provider.views import RevokeTokenView, TokenView, UserInfoView

from zhengtong.apps.foundation.signon import api, rules
from zhengtong.toolkit.token_keys import token_keys

_GRANTS = ("authorization_code", "refresh_token")
_KEEP_KEYS = "public, max-age=3600"


@require_safe
def discovery(request: HttpRequest) -> JsonResponse:
    """What is offered (OpenID Connect Discovery 1.0 §3), nothing more and nothing less."""
    base = api.issuer(request)

    def at(name: str) -> str:
        return base + reverse(f"oauth2_provider:{name}")

    told = {
        "issuer": base,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "userinfo_endpoint": at("user-info"),
        "revocation_endpoint": at("revoke-token"),
        "end_session_endpoint": at("rp-initiated-logout"),
        "jwks_uri": at("jwks-info"),
        "scopes_supported": list(rules.SCOPE_LABELS),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(_GRANTS),
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "sid", "name", "office", "office_name", "roles"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": ["zh-Hans", "en"],
    }
    return JsonResponse(told, headers={"Access-Control-Allow-Origin": "*", "Cache-Control": _KEEP_KEYS})


@require_safe
def keys(_request: HttpRequest) -> JsonResponse:
    """The public keys that verify what was and is signed."""
    found = [
        {"use": "sig", "alg": "RS256"} | key.export_public(as_dict=True) | {"kid": key_id} for key_id, key in token_keys().trusted.items()
    ]
    return JsonResponse({"keys": found}, headers={"Access-Control-Allow-Origin": "*", "Cache-Control": _KEEP_KEYS})


class Token(TokenView):  # type: ignore[misc]  # the toolkit has no types
    """Codes and refresh tokens become tokens; no other flow is spoken."""

    def post(self, request: HttpRequest, *_args: Any, **_more: Any) -> HttpResponse:
        """Answer with tokens or why not."""
        if request.POST.get("grant_type", "") not in _GRANTS:
            return JsonResponse({"error": "unsupported_grant_type"}, status=400, headers={"Cache-Control": "no-store"})
        answer: HttpResponse = self.authorization_flow_token_response(request)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            # by the scheme that a system is to use (RFC 6749 §5.2); the toolkit names that of access tokens
            answer.headers["WWW-Authenticate"] = 'Basic realm="sign-on", error="invalid_client"'
        return answer


class UserInfo(UserInfoView):  # type: ignore[misc]  # the toolkit has no types
    """Claims for an access token in the header or in a form; an address ends up in logs (RFC 9700 §4.3.2)."""

    def get(self, request: HttpRequest, *_args: Any, **_more: Any) -> HttpResponse:
        """Answer with claims or why not."""
        if "access_token" in request.GET:
            told = {"error": "invalid_request", "error_description": "access_token must not be in the address"}
            return JsonResponse(told, status=400)
        answer: HttpResponse = self._create_userinfo_response(request)
        return answer

    post = get


token, userinfo, revoke = Token.as_view(), UserInfo.as_view(), RevokeTokenView.as_view()
