"""The provider as a relying system sees it, and what it refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import KeySet
from pytest_django import Settings

from factories import world
from factories.signon import BACK, GONE, Party, answer, enter, next_of, relying_system, userinfo
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.identity.models import SessionRecord
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.foundation.signon import api as signon
from zhengtong.apps.foundation.signon.models import AccessToken, RefreshToken
from zhengtong.kernel import clock
from zhengtong.toolkit import token_keys

pytestmark = pytest.mark.django_db


@pytest.fixture
def party() -> Party:
    return Party("hr-system", relying_system())


def claims_of(told: dict[str, Any]) -> dict[str, Any]:
    """The claims of an ID token whose signature verifies against the published keys."""
    keys = KeySet.import_key_set(Client().get("/oauth/jwks").json())
    read = jwt.decode(told["id_token"], keys, algorithms=["RS256"])
    assert read.header["kid"] in {key["kid"] for key in Client().get("/oauth/jwks").json()["keys"]}
    return dict(read.claims)


def events() -> list[tuple[str, str]]:
    security.unfold()
    return [(row.event, row.outcome) for row in security.entries(security.EntryFilter(event="signon:"), limit=200)]


def test_a_system_learns_who_has_signed_in_and_no_more_than_it_asked_for(party: Party) -> None:
    place = world.office()
    someone = world.official(identity.Role.STEWARD, at=place)
    browser = world.signed_in(someone)
    got = party.ask(browser)
    assert (got["at"], got["state"], got["iss"]) == (BACK, "a state", "http://testserver")
    told = party.tokens(got["code"]).json()
    assert told["expires_in"] <= 600
    claims = claims_of(told)
    assert (claims["iss"], claims["aud"], claims["nonce"]) == ("http://testserver", "hr-system", "a nonce")
    assert claims["exp"] - claims["iat"] <= 600
    assert not {"name", "office", "roles"} & set(claims)
    info = userinfo(told["access_token"]).json()
    assert info == {
        "sub": claims["sub"],
        "name": someone.name,
        "office": place.code,
        "office_name": place.name,
        "roles": [{"role": "steward", "office": place.code}],
    }
    assert str(someone.account_id) != claims["sub"]
    assert someone.username not in claims["sub"]
    assert userinfo(party.sign_on(browser, scope="openid")["access_token"]).json() == {"sub": claims["sub"]}
    assert ("signon:person:signed-on", "ok") in events()
    assert not AccessToken.objects.exclude(token="").exists()
    assert not RefreshToken.objects.exclude(token="").exists()


def test_a_subject_is_the_same_in_its_sector_and_another_elsewhere(party: Party) -> None:
    browser = world.signed_in(world.official())
    beside = Party("pay-system", relying_system("pay-system", redirect_uris=("https://hr.example.cn/pay",)), "https://hr.example.cn/pay")
    elsewhere = Party("tax-system", relying_system("tax-system", redirect_uris=("https://tax.example.cn/cb",)), "https://tax.example.cn/cb")
    subjects = [claims_of(one.sign_on(browser))["sub"] for one in (party, party, beside, elsewhere)]
    assert subjects[0] == subjects[1] == subjects[2] != subjects[3]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"response_type": "id_token"}, "unauthorized_client"),
        ({"response_type": "code id_token"}, "unauthorized_client"),
        ({"scope": "openid money"}, "invalid_scope"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "perhaps"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"request_uri": "https://hr.example.cn/request"}, "request_uri_not_supported"),
    ],
)
def test_what_is_not_allowed_is_refused_at_the_systems_address(party: Party, changed: dict[str, str | None], error: str) -> None:
    browser = world.signed_in(world.official())
    got = party.ask(browser, **changed)
    assert (got["at"], got.get("error"), got["iss"]) == (BACK, error, "http://testserver")
    assert "code" not in got


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": BACK + "/"},
        {"redirect_uri": BACK + "?next=1"},
        {"redirect_uri": "https://hr.example.cn.evil.example/callback"},
        {"redirect_uri": "https://evil.example/callback"},
    ],
)
def test_nothing_is_sent_to_an_address_that_was_not_approved(party: Party, changed: dict[str, str | None]) -> None:
    for prompt in ("", "none"):
        for browser in (world.signed_in(world.official()), Client()):
            response = browser.get("/oauth/authorize", party.question(prompt=prompt, **changed))
            assert response.status_code == 400
            assert "Location" not in response


def test_strangers_are_sent_to_sign_in_and_come_back_to_the_system(party: Party) -> None:
    someone, browser = world.official(), Client()
    sent = browser.get("/oauth/authorize", party.question())
    assert sent["Location"].startswith("/sign-in/?next=/oauth/authorize")
    back = enter(browser, someone, sent["Location"])
    leaving = browser.get(back["Location"])
    assert leaving.status_code == 200  # a form's answer may not redirect to another host, so a page does
    assert party.tokens(answer(leaving)["code"]).status_code == 200


def test_a_silent_question_gets_a_silent_answer(party: Party, settings: Settings) -> None:
    assert party.ask(Client(), prompt="none")["error"] == "login_required"
    someone = world.official()
    browser = world.signed_in(someone)
    assert "code" in party.ask(browser, prompt="none")
    SessionRecord.objects.filter(account_id=someone.account_id).update(seen_at=clock.now() - timedelta(seconds=settings.IDLE_SECONDS + 1))
    got = party.ask(browser, prompt="none")
    assert (got["error"], got["state"], got["iss"]) == ("login_required", "a state", "http://testserver")


def test_prompt_login_and_max_age_need_a_fresh_sign_in_of_this_browser(party: Party) -> None:
    someone = world.official()
    browser = world.signed_in(someone)
    SessionRecord.objects.update(started_at=clock.now() - timedelta(minutes=5))
    world.signed_in(someone)  # elsewhere, which is no proof here
    assert "code" in party.ask(browser, max_age="600")
    for changed in ({"prompt": "login"}, {"max_age": "60"}, {"max_age": "0"}, {"prompt": "select_account"}):
        sent = browser.get("/oauth/authorize", party.question(**changed))
        assert sent["Location"].startswith("/sign-in/")
        # going on without signing in leads there again
        onward = next_of(sent["Location"])
        assert browser.get(onward)["Location"].startswith("/sign-in/")
        before = clock.now()
        back = enter(browser, someone, sent["Location"])
        claims = claims_of(party.tokens(answer(browser.get(back["Location"]))["code"]).json())
        assert claims["auth_time"] >= int(before.timestamp())
        SessionRecord.objects.update(started_at=clock.now() - timedelta(minutes=5))
    assert party.ask(browser, prompt="none", max_age="60")["error"] == "login_required"


def test_a_mark_of_having_signed_in_belongs_to_one_question(party: Party) -> None:
    someone = world.official()
    browser = world.signed_in(someone)
    sent = browser.get("/oauth/authorize", party.question(prompt="login", state="one"))
    mark = next_of(sent["Location"]).rpartition("asked=")[2]
    enter(browser, someone, sent["Location"])
    other = browser.get("/oauth/authorize", party.question(prompt="login", state="two") | {"asked": mark})
    assert other["Location"].startswith("/sign-in/")
    forged = browser.get("/oauth/authorize", party.question(prompt="login") | {"asked": "forged"})
    assert forged["Location"].startswith("/sign-in/")


def test_a_hint_of_another_person_is_no_answer_for_this_one(party: Party) -> None:
    mine, theirs = world.signed_in(world.official()), world.signed_in(world.official())
    hint = party.sign_on(mine)["id_token"]
    assert "code" in party.ask(mine, prompt="none", id_token_hint=hint)
    assert party.ask(theirs, prompt="none", id_token_hint=hint)["error"] == "login_required"
    assert party.ask(mine, prompt="none", id_token_hint=hint[:-6] + "AAAAAA")["error"] == "login_required"


def test_codes_count_once_with_their_verifier_for_their_system(party: Party) -> None:
    browser = world.signed_in(world.official())
    other = Party("pay-system", relying_system("pay-system"))
    code = party.ask(browser)["code"]
    assert party.tokens(code, code_verifier="x" * 43).json()["error"] == "invalid_grant"
    code = party.ask(browser)["code"]
    assert other.tokens(code, code_verifier=party.verifier).json()["error"] == "invalid_grant"
    assert party.tokens(code, redirect_uri=GONE).status_code == 400
    code = party.ask(browser)["code"]
    assert party.tokens(code).status_code == 200
    assert party.tokens(code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("grant", ["password", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code", "implicit"])
def test_no_other_flow_gives_tokens(party: Party, grant: str) -> None:
    someone = world.official()
    form = {"grant_type": grant, "username": someone.username, "password": world.PASSWORD, "device_code": "x", "scope": "openid"}
    response = party.post("/oauth/token", form)
    assert response.status_code in {400, 401}
    assert "access_token" not in response.content.decode()


def test_only_a_right_secret_gets_tokens(party: Party) -> None:
    browser = world.signed_in(world.official())
    code = party.ask(browser)["code"]
    for secret in ("", "wrong", party.secret + "x"):
        refused = Party("hr-system", secret, verifier=party.verifier).tokens(code)
        assert refused.status_code == 401
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": party.verifier,
        "client_id": "hr-system",
    }
    assert Client().post("/oauth/token", form).status_code == 401
    assert Client().post("/oauth/token", form | {"client_secret": party.secret}).status_code == 200


def test_a_refresh_token_counts_once_and_its_second_use_ends_the_family(party: Party) -> None:
    first = party.sign_on(world.signed_in(world.official()))
    second = party.refresh(first["refresh_token"]).json()
    assert claims_of(second)["auth_time"] == claims_of(first)["auth_time"]
    assert userinfo(second["access_token"]).status_code == 200
    assert party.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert userinfo(second["access_token"]).status_code == 401
    assert party.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
    assert ("signon:token:replayed", "token-replayed") in events()


def test_revoked_tokens_open_nothing(party: Party) -> None:
    told = party.sign_on(world.signed_in(world.official()))
    stranger = Party("pay-system", relying_system("pay-system"))
    assert stranger.post("/oauth/revoke", {"token": told["access_token"]}).status_code == 200
    assert userinfo(told["access_token"]).status_code == 200
    assert party.post("/oauth/revoke", {"token": told["access_token"]}).status_code == 200
    assert userinfo(told["access_token"]).status_code == 401
    assert party.refresh(told["refresh_token"]).json()["error"] == "invalid_grant"
    assert userinfo(told["id_token"]).status_code == 401


def test_a_token_in_an_address_opens_nothing(party: Party) -> None:
    token = party.sign_on(world.signed_in(world.official()))["access_token"]
    assert Client().get("/oauth/userinfo", {"access_token": token}).status_code == 400
    assert Client().post("/oauth/userinfo", {"access_token": token}).status_code == 200
    assert Client().post(f"/oauth/userinfo?access_token={token}", {}).status_code == 400


@pytest.mark.parametrize("how", ["session", "others", "account", "sign-out"])
def test_what_ends_a_session_ends_what_hangs_on_it(party: Party, how: str) -> None:
    someone = world.official()
    browser = world.signed_in(someone)
    told = party.sign_on(browser)
    code = party.ask(browser)["code"]
    other = party.sign_on(world.signed_in(someone))
    record = SessionRecord.objects.get(session_key=browser.session.session_key)
    if how == "session":
        identity.end_session(actor=world.official(duty=identity.Duty.SECURITY), handle=record.handle, now=clock.now())
    elif how == "others":
        identity.end_other_sessions(actor=someone, session_key="another", now=clock.now())
    elif how == "account":
        identity.set_active(actor=world.official(duty=identity.Duty.SYSTEM), account_id=someone.account_id, active=False, now=clock.now())
    else:
        browser.post("/sign-out/")
    assert userinfo(told["access_token"]).status_code == 401
    assert party.refresh(told["refresh_token"]).json()["error"] == "invalid_grant"
    assert party.tokens(code).json()["error"] == "invalid_grant"
    assert userinfo(other["access_token"]).status_code == (200 if how in {"session", "sign-out"} else 401)


def test_tokens_end_with_the_longest_time_of_a_session(party: Party, settings: Settings) -> None:
    told = party.sign_on(world.signed_in(world.official()))
    RefreshToken.objects.update(signed_in_at=clock.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE + 1))
    assert party.refresh(told["refresh_token"]).json()["error"] == "invalid_grant"


def test_signing_out_by_a_system_asks_only_where_it_must(party: Party) -> None:
    someone = world.official()
    browser = world.signed_in(someone)
    told, elsewhere = party.sign_on(browser), party.sign_on(world.signed_in(someone))
    ask = {"post_logout_redirect_uri": GONE, "state": "s"}
    for changed in ({"client_id": "hr-system"}, {"id_token_hint": elsewhere["id_token"]}):
        page = browser.get("/oauth/logout", ask | changed)
        assert (page.status_code, "oauth/logout/confirmed" in page.content.decode()) == (200, True)
    assert userinfo(told["access_token"]).status_code == 200
    for changed in ({"id_token_hint": told["id_token"], "client_id": "other"}, {"id_token_hint": "x.y.z"}, {"client_id": "nobody"}):
        assert browser.get("/oauth/logout", ask | changed).status_code == 400
    assert browser.get("/oauth/logout", {"id_token_hint": told["id_token"], "post_logout_redirect_uri": BACK}).status_code == 400
    gone = browser.get("/oauth/logout", ask | {"id_token_hint": told["id_token"]})
    assert gone["Location"] == f"{GONE}?state=s"
    assert userinfo(told["access_token"]).status_code == 401
    assert browser.get("/account/").status_code == 302
    assert browser.get("/oauth/logout", ask | {"id_token_hint": told["id_token"]})["Location"] == f"{GONE}?state=s"


def test_a_person_who_says_so_is_signed_out(party: Party) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/oauth/logout/confirmed", {"client_id": "hr-system"}).status_code == 403
    browser = world.signed_in(world.official())
    party.sign_on(browser)
    left = browser.post("/oauth/logout/confirmed", {"client_id": "hr-system", "post_logout_redirect_uri": GONE})
    assert answer(left)["at"] == GONE
    assert browser.get("/account/").status_code == 302


def test_other_systems_need_consent_which_is_remembered_and_taken_back() -> None:
    party = Party("club-system", relying_system("club-system", asks_consent=True))
    someone = world.official()
    browser = world.signed_in(someone)
    assert party.ask(browser, prompt="none")["error"] == "consent_required"
    page = browser.get("/oauth/authorize", party.question())
    assert "您的姓名" in page.content.decode()
    assert page["X-Frame-Options"] == "DENY"
    address = page.wsgi_request.get_full_path()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    assert strict.post(address, {"agree": "1"}).status_code == 403
    assert answer(browser.post(address, {"refuse": "1"}))["error"] == "access_denied"
    got = answer(browser.post(address, {"agree": "1"}))
    assert (got["state"], got["iss"]) == ("a state", "http://testserver")
    told = party.tokens(got["code"]).json()
    assert "code" in party.ask(browser, prompt="none")
    assert browser.get("/oauth/authorize", party.question(prompt="consent")).status_code == 200
    signon.sign_off(actor=someone, client_id="club-system", now=clock.now())
    assert userinfo(told["access_token"]).status_code == 401
    assert party.ask(browser, prompt="none")["error"] == "consent_required"
    assert {("signon:consent:given", "ok"), ("signon:person:signed-off", "ok")} <= set(events())


def test_discovery_says_what_is_true() -> None:
    told = Client().get("/.well-known/openid-configuration").json()
    assert told["issuer"] == "http://testserver"
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert (told["response_types_supported"], told["subject_types_supported"]) == (["code"], ["pairwise"])
    for name in (
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "end_session_endpoint",
        "revocation_endpoint",
    ):
        path = told[name].removeprefix("http://testserver")
        assert Client().get(path).status_code != 404, name


def test_a_rotated_key_verifies_what_it_signed_and_a_stolen_one_does_not(party: Party) -> None:
    browser = world.signed_in(world.official())
    before = party.sign_on(browser)
    old, new = token_keys.rotate_token_key()
    assert claims_of(before)["sub"] == claims_of(party.sign_on(browser))["sub"]
    assert {old, new} <= {key["kid"] for key in Client().get("/oauth/jwks").json()["keys"]}
    stolen, _newest = token_keys.rotate_token_key(stolen=True)
    assert stolen == new
    listed = {key["kid"] for key in Client().get("/oauth/jwks").json()["keys"]}
    assert new not in listed
    assert old in listed
    assert "d" not in Client().get("/oauth/jwks").json()["keys"][0]
