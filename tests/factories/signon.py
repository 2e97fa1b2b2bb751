"""Relying systems, and what a relying party does in a browser without one."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from factories import world
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.signon import api as signon
from zhengtong.kernel import clock

BACK = "https://hr.example.cn/callback"
GONE = "https://hr.example.cn/gone"


def relying_system(client_id: str = "hr-system", **wanted: Any) -> str:
    """A department's own system that may know names and offices; returns its secret."""
    facts: dict[str, Any] = {
        "client_id": client_id,
        "name": f"人事系统 {client_id}",
        "office": world.office().code,
        "redirect_uris": (BACK,),
        "post_logout_redirect_uris": (GONE,),
        "scopes": ("profile", "office"),
    }
    signon.add_system(by="process:test", now=clock.now(), **facts | wanted)
    return signon.add_secret(by="process:test", client_id=client_id, now=clock.now()).secret


@dataclass
class Party:
    """A relying system that signs one browser in."""

    client_id: str
    secret: str
    redirect_uri: str = BACK
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")

    def question(self, **changed: str | None) -> dict[str, str]:
        """What it asks for; None leaves something out."""
        plain = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile office",
            "state": "a state",
            "nonce": "a nonce",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (plain | changed).items() if value is not None}

    def ask(self, browser: Client, **changed: str | None) -> dict[str, str]:
        """The answer at the redirect address."""
        return answer(browser.get("/oauth/authorize", self.question(**changed)))

    def tokens(self, code: str, **changed: str) -> Any:
        """The answer of the token endpoint."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri, "code_verifier": self.verifier}
        return self.post("/oauth/token", form | changed)

    def refresh(self, token: str) -> Any:
        return self.post("/oauth/token", {"grant_type": "refresh_token", "refresh_token": token})

    def post(self, path: str, form: dict[str, str]) -> Any:
        basic = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        return Client().post(path, form, headers={"Authorization": f"Basic {basic}"})

    def sign_on(self, browser: Client, **changed: str | None) -> dict[str, Any]:
        """Tokens for whoever is signed in in the browser."""
        told: dict[str, Any] = self.tokens(self.ask(browser, **changed)["code"]).json()
        return told


def userinfo(token: str) -> Any:
    return Client().get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})


def answer(response: Any) -> dict[str, str]:
    """The parameters with which a browser goes back, by redirect or by way of our page."""
    address = response.headers.get("Location", "")
    if response.status_code == 200 and (found := re.search(r'id="leave" href="([^"]+)"', response.content.decode())):
        address = unescape(found[1])
    return {"at": address.partition("?")[0]} | {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def next_of(address: str) -> str:
    """Where a sign-in page leads on to."""
    return parse_qs(urlsplit(address).query)["next"][0]


def enter(browser: Client, someone: identity.Actor, address: str) -> Any:
    """Sign in on the page to which a browser was sent."""
    form = {"username": someone.username, "password": world.PASSWORD, "next": next_of(address)}
    response = browser.post(address, form)
    assert response.status_code == 302
    return response
