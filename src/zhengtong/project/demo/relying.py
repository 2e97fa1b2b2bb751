"""
Two departments of the demo city whose systems let their users sign in at the platform.

Each is a relying party of a page and three addresses, written against the protocol alone: it knows of the platform its address, a name and
a secret. Who has signed in is kept in the process. Threat model of such a system: an answer that it did not ask for or that another issuer
gave (``state``, ``iss``, ``nonce``), a code that somebody else got (PKCE), a token that nobody signed.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
from jwcrypto.jwk import JWKSet
from jwcrypto.jwt import JWT

from zhengtong.apps.foundation.signon import api as signon
from zhengtong.kernel import clock
from zhengtong.project.demo.staff import BY
from zhengtong.toolkit.probes import Receive, Scope, Send


@dataclass(frozen=True)
class Department:
    """A system of a department: its names, the key of its office, where it listens, whether people are asked for consent."""

    client_id: str
    name: str
    office: str
    port: int
    asks_consent: bool

    @property
    def origin(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.port}"


DEPARTMENTS = (
    Department("hr-system", "人事管理系统", "human_resources", 8310, asks_consent=False),
    Department("fund-hall", "公积金网上大厅", "housing_fund", 8311, asks_consent=True),
)


def register(codes: dict[str, str], *, now: datetime) -> None:
    """Register the two systems unless they are; ``codes`` are those of offices by key."""
    there = {one.client_id for one in signon.systems()}
    for one in DEPARTMENTS:
        if one.client_id not in there:
            signon.add_system(
                by=BY,
                now=now,
                client_id=one.client_id,
                name=one.name,
                office=codes[one.office],
                redirect_uris=(f"{one.origin}/callback",),
                post_logout_redirect_uris=(f"{one.origin}/",),
                scopes=("profile", "office"),
                # both are on this machine, and two departments
                sector=one.client_id,
                asks_consent=one.asks_consent,
            )


@dataclass
class RelyingApp:
    """One department's system as an ASGI application."""

    department: Department
    issuer: str
    secret: str
    _asked: dict[str, tuple[str, str]] = field(default_factory=dict)
    _known: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def _cookie(self) -> str:
        """Cookies know no ports, and both departments are on this machine."""
        return f"party-{self.department.client_id}"

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        cookies = dict(part.strip().partition("=")[::2] for part in _header(scope, b"cookie").split(";"))
        async with httpx.AsyncClient(trust_env=False) as client:
            told = (await client.get(f"{self.issuer}/.well-known/openid-configuration")).json()
            if scope["path"] == "/login":
                await _answer(send, location=self._question(told))
            elif scope["path"] == "/callback":
                await self._signed_in(client, told, query, send)
            elif scope["path"] == "/logout":
                known = self._known.pop(cookies.get(self._cookie, ""), {})
                hint = {"client_id": self.department.client_id, "post_logout_redirect_uri": f"{self.department.origin}/"}
                hint |= {"id_token_hint": known["id_token"]} if known else {}
                await _answer(send, location=f"{told['end_session_endpoint']}?{urlencode(hint)}")
            else:
                await _answer(send, page=self._home(self._known.get(cookies.get(self._cookie, ""))))

    def _question(self, told: dict[str, Any]) -> str:
        state, nonce, verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(16), secrets.token_urlsafe(48)
        self._asked[state] = (nonce, verifier)
        asked = {
            "response_type": "code",
            "client_id": self.department.client_id,
            "redirect_uri": f"{self.department.origin}/callback",
            "scope": "openid profile office",
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{told['authorization_endpoint']}?{urlencode(asked)}"

    async def _signed_in(self, client: httpx.AsyncClient, told: dict[str, Any], query: dict[str, str], send: Send) -> None:
        asked = self._asked.pop(query.get("state", ""), None)
        if asked is None or query.get("iss") != self.issuer or "code" not in query:
            await _answer(send, page=f"<p>没有登录:{html.escape(query.get('error', 'state'))}</p><p><a href='/'>返回</a></p>", status=400)
            return
        nonce, verifier = asked
        form = {"grant_type": "authorization_code", "code": query["code"], "code_verifier": verifier}
        form["redirect_uri"] = f"{self.department.origin}/callback"
        got = await client.post(told["token_endpoint"], data=form, auth=(self.department.client_id, self.secret))
        tokens = got.raise_for_status().json()
        keys = JWKSet.from_json((await client.get(told["jwks_uri"])).text)
        expected = {"iss": self.issuer, "aud": self.department.client_id, "nonce": nonce, "exp": None}
        claims = json.loads(JWT(jwt=tokens["id_token"], key=keys, check_claims=expected, algs=["RS256"]).claims)
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        person = (await client.get(told["userinfo_endpoint"], headers=bearer)).raise_for_status().json()
        session = secrets.token_urlsafe(24)
        self._known[session] = {"id_token": tokens["id_token"], "claims": claims, "person": person}
        await _answer(send, location="/", cookie=f"{self._cookie}={session}; Path=/; HttpOnly; SameSite=Lax")

    def _home(self, known: dict[str, Any] | None) -> str:
        if known is None:
            return f"<p><a href='/login'>用政通账户登录{html.escape(self.department.name)}</a></p>"
        seen = html.escape(json.dumps(known["person"], ensure_ascii=False, indent=2))
        name = html.escape(known["person"].get("name", ""))
        return f"<p>{name},您已登录。本系统知道:</p><pre>{seen}</pre><p><a href='/logout'>退出</a></p>"


def _header(scope: Scope, name: bytes) -> str:
    found: bytes = dict(scope["headers"]).get(name, b"")
    return found.decode("latin-1")


async def _answer(send: Send, *, page: str = "", location: str = "", cookie: str = "", status: int = 200) -> None:
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")]
    headers += [(b"location", location.encode())] if location else []
    headers += [(b"set-cookie", cookie.encode())] if cookie else []
    await send({"type": "http.response.start", "status": 303 if location else status, "headers": headers})
    body = f"<!DOCTYPE html><html lang='zh'><title>演示系统</title><body>{page}</body></html>" if page else ""
    await send({"type": "http.response.body", "body": body.encode()})


def apps(issuer: str) -> list[tuple[Department, RelyingApp]]:
    """The two systems with a new secret each, the old ones of which end."""
    now = clock.now()
    made = []
    for one in DEPARTMENTS:
        secret = signon.add_secret(by=BY, client_id=one.client_id, now=now, overlap=timedelta(0)).secret
        made.append((one, RelyingApp(one, issuer, secret)))
    return made
