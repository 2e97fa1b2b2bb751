"""Libraries that know nothing of us sign people in at a running provider: npm's openid-client and Python's Authlib, both unchanged."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from django.conf import settings
from joserfc import jwt
from joserfc.jwk import KeySet
from pytest_django.live_server_helper import LiveServer

from factories import world
from factories.signon import relying_system
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.signon import api as signon
from zhengtong.kernel import clock
from zhengtong.project.demo import relying

pytestmark = pytest.mark.django_db(transaction=True)

FRONTEND = Path(__file__).parents[3] / "frontend"
SCRIPT = Path(__file__).with_name("relying_party.mjs")
BACK, GONE = "http://127.0.0.1:9/callback", "http://127.0.0.1:9/gone"


@pytest.fixture
def someone() -> identity.Actor:
    return world.official(identity.Role.STEWARD)


@pytest.fixture
def secret() -> str:
    return relying_system(redirect_uris=(BACK,), post_logout_redirect_uris=(GONE,))


@pytest.fixture
def cookie(someone: identity.Actor) -> str:
    """Of a browser in which somebody has signed in."""
    return str(world.signed_in(someone).cookies[settings.SESSION_COOKIE_NAME].value)


def test_openid_client_finds_nothing_to_complain_of(live_server: LiveServer, someone: identity.Actor, secret: str, cookie: str) -> None:
    node = shutil.which("node")
    assert node, "Node is needed to build the front end, too"
    given = {
        "issuer": live_server.url,
        "client_id": "hr-system",
        "client_secret": secret,
        "redirect_uri": BACK,
        "gone": GONE,
        "cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}",
        "username": someone.username,
        "password": world.PASSWORD,
    }
    # a module finds its packages by where it lies
    beside = FRONTEND / "node_modules/.relying_party.mjs"
    beside.write_text(SCRIPT.read_text())
    ran = subprocess.run([node, str(beside), json.dumps(given)], capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    results: dict[str, Any] = json.loads(ran.stdout)
    assert not {name: why for name, why in results.items() if why is not True}
    assert len(results) >= 19


def test_authlib_signs_somebody_in_and_refreshes(live_server: LiveServer, secret: str, cookie: str) -> None:
    told = httpx.get(f"{live_server.url}/.well-known/openid-configuration").json()
    with OAuth2Session("hr-system", secret, scope="openid profile", redirect_uri=BACK, code_challenge_method="S256") as client:
        verifier = "v" * 64
        address, state = client.create_authorization_url(told["authorization_endpoint"], nonce="once", code_verifier=verifier)
        back = httpx.get(address, cookies={settings.SESSION_COOKIE_NAME: cookie}).headers["location"]
        token = client.fetch_token(told["token_endpoint"], authorization_response=back, code_verifier=verifier, state=state)
        keys = KeySet.import_key_set(httpx.get(told["jwks_uri"]).json())
        read = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
        options = {"iss": {"value": told["issuer"]}, "aud": {"value": "hr-system"}}
        known = {"nonce": "once", "client_id": "hr-system", "access_token": token["access_token"]}
        claims = CodeIDToken(read.claims, read.header, options, known)
        claims.validate()
        assert client.get(told["userinfo_endpoint"]).json()["sub"] == claims["sub"]
        again = client.refresh_token(told["token_endpoint"], refresh_token=token["refresh_token"])
        assert again["refresh_token"] != token["refresh_token"]
        client.revoke_token(told["revocation_endpoint"], token=again["access_token"])
        assert client.get(told["userinfo_endpoint"]).status_code == 401


def test_the_departments_of_the_demo_city_sign_people_in_and_out(live_server: LiveServer, someone: identity.Actor, cookie: str) -> None:
    relying.register({"human_resources": world.office().code, "housing_fund": world.office().code}, now=clock.now())
    relying.register({}, now=clock.now())  # they are there
    signon.give_consent(actor=someone, client_id="fund-hall", scopes=("openid", "profile", "office"), now=clock.now())
    person = {"cookies": {settings.SESSION_COOKIE_NAME: cookie}}
    for department, app in relying.apps(live_server.url):

        async def use(department: relying.Department, app: relying.RelyingApp) -> None:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url=department.origin) as client, httpx.AsyncClient(**person) as browser:
                assert someone.name not in (await client.get("/")).text
                back = (await browser.get((await client.get("/login")).headers["location"])).headers["location"]
                assert (await client.get(back.replace("iss=", "was="))).status_code == 400
                back = (await browser.get((await client.get("/login")).headers["location"])).headers["location"]
                assert (await client.get(back)).status_code == 303
                assert (await client.get(back)).status_code == 400
                assert someone.name in (await client.get("/")).text
                leaving = (await client.get("/logout")).headers["location"]
                assert someone.name not in (await client.get("/")).text
                assert "id_token_hint=" in leaving

        asyncio.run(use(department, app))
