"""
Every page and every act of the web, asked for by everybody: those who may get it, all others are refused, strangers are sent to sign in.

The tables below are the whole answer to "who may see and do what on the pages". A route that stands in none of them fails the test, so a
new page cannot be forgotten. Addresses come from the pages themselves: links and forms that each account finds. What a refusal hides
(whether there is such a thing at all) is the operations' business and tested with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from factories.city import City

pytestmark = pytest.mark.acceptance

#: in the order in which they look for addresses: what the first one finds is what all ask for
ACCOUNTS = {
    "c": "civil.steward",
    "C": "civil.head",
    "e": "edu.steward",
    "E": "edu.head",
    "d": "edu.developer",
    "p": "police.steward",
    "b": "bureau.approver",
    "y": "admin.system",
    "s": "admin.security",
    "a": "admin.audit",
    "w": "civil.clerk",
}
ALL = "".join(ACCOUNTS)
#: a citizen with a company, who is no official: sees what is theirs and what is public, and is refused wherever an official may go
CITIZEN = "n"
EVERYBODY = {**ACCOUNTS, CITIZEN: "法定代表人"}
_BEGIN = ["/", "/share/", "/work/", "/manage/", "/account/", "/me/"]
_MOST_PAGES = 200
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_ADDRESS = re.compile(r'<(?:a|form|button|div|input)\b[^>]*?\b(?:href|action|formaction|hx-get|hx-post)="(/[^"]*)"')
_REFUSED = {403, 404}

#: page → those who get it
MAY_SEE: dict[str, str] = {
    "filing:appointments": "n",
    "filing:book": "n",
    "filing:connect": "y",
    "filing:corrections": ALL,
    "filing:listed": "n",
    "filing:sources": "y",
    "filing:window": "w",
    "filing:window-receive": "w",
    "participation:desk-demand": "cCb",
    "licences:coverage": ALL,
    "licences:export": ALL,
    "licences:issue": "c",
    "licences:job": "c",
    "licences:jobs": ALL,
    "licences:licence": "cC",
    "licences:licences": ALL,
    "licences:read": "cepw",
    "licences:type": ALL,
    "licences:type-new": "cep",
    "licences:show": "n",
    "licences:download": "n",
    "licences:types": ALL,
    "licences:wallet": "n",
    "participation:desk-demands": ALL,
    "participation:desk-voice": "cCb",
    "participation:desk-voices": ALL,
    "cases:act": "w",
    "cases:case": "w",
    "cases:docking": ALL,
    "cases:docking-new": "b",
    "cases:export": ALL,
    "cases:find": ALL,
    "cases:own": "n",
    "cases:own-case": "n",
    "cases:process": ALL,
    "cases:process-file": ALL,
    "cases:process-import": "b",
    "cases:processes": ALL,
    "cases:why": "w",
    "cases:work": ALL,
    "citizens:acting": "n",
    "citizens:agent-give": "n",
    "citizens:claim": "w",
    "citizens:claims": "w",
    "citizens:company-bind": "n",
    "citizens:contact": "n",
    "citizens:delegate-give": "n",
    "citizens:guardian-add": "n",
    "citizens:home": "n",
    "citizens:desk-objections": ALL,
    "citizens:object": "n",
    "citizens:objections": "n",
    "citizens:readers": "n",
    "citizens:readers-json": "n",
    "citizens:register-set": "y",
    "citizens:registers": "y",
    "citizens:rights": "n",
    "citizens:security": "n",
    "calendar:export": ALL,
    "calendar:history": ALL,
    "calendar:year": ALL,
    "catalog:change-many": "cep",
    "catalog:copy": "cCb",
    "catalog:edit": "c",
    "catalog:entry": ALL,
    "catalog:export": ALL,
    "catalog:harvest-add": "cepb",
    "catalog:harvests": "cepb",
    "catalog:import": "b",
    "catalog:imports": "cepb",
    "catalog:new": "cep",
    "catalog:search": ALL,
    "catalog:followed": ALL,
    "catalog:synonym": "b",
    "catalog:synonyms": ALL,
    "catalog:synonyms-csv": ALL,
    "catalog:tree": ALL,
    "catalog:upward": "b",
    "catalog:worklist": ALL,
    "exchange:binding": "c",
    "exchange:bindings": ALL,
    "exchange:file-upload": "c",
    "exchange:fronts": ALL,
    "exchange:receipt": "cCw",
    "exchange:run": "cCw",
    "exchange:runs": ALL,
    "identity:account": ALL,
    "identity:account-add": "y",
    "identity:account-detail": "y",
    "identity:accounts": "y",
    "identity:delegate": ALL,
    "identity:history": ALL + CITIZEN,
    "identity:passkeys": ALL + CITIZEN,
    "identity:key-add": "ed",
    "identity:lockouts": "s",
    "identity:password": ALL + CITIZEN,
    "identity:role-detail": "s",
    "identity:roles": "s",
    "identity:second-factor": ALL + CITIZEN,
    "identity:sessions": "s",
    "identity:system": "ed",
    "identity:system-add": "cedp",
    "identity:system-networks": "ed",
    "identity:system-notes": "ed",
    "identity:systems": ALL,
    "notices:notices": ALL,
    "ratings:link": "w",
    "ratings:reason-set": "b",
    "ratings:settings": "b",
    "ratings:term-set": "b",
    "ratings:ticket": "wb",
    "ratings:ticket-act": "b",
    "ratings:work": ALL,
    "signon:secret-add": "y",
    "signon:signed-on": ALL + CITIZEN,
    "signon:system": "ys",
    "signon:system-add": "y",
    "signon:system-change": "y",
    "signon:systems": "ys",
    "services:import": "b",
    "services:imports": "cepb",
    "services:item": "cb",
    "services:form": "cb",
    "services:form-document": "cb",
    "services:form-page": "c",
    "services:form-preview": "cb",
    "services:form-preview-page": "cb",
    "services:form-refusals": "c",
    "services:form-simulation": "cb",
    "services:item-edit": "c",
    "services:item-new": "cep",
    "services:items": ALL,
    "services:items-export": ALL,
    "services:materials": "cepb",
    "services:sources": "cepb",
    "opendata:news-desk": "b",
    "indicators:evidence": "b",
    "opendata:opening": "cCb",
    "opendata:openings": ALL,
    "opendata:closed": ALL,
    "opendata:developer-list": "b",
    "opendata:plans": ALL,
    "opendata:requests": ALL,
    "opendata:requests-export": ALL,
    "organisations:office": "y",
    "organisations:office-add": "y",
    "organisations:office-end": "y",
    "organisations:office-merge": "y",
    "organisations:office-rename": "y",
    "organisations:offices": "y",
    "organisations:outline-load": "y",
    "organisations:outlines": "y",
    "organisations:region-load": "y",
    "organisations:regions": "y",
    "security:checks": "a",
    "security:entries": "a",
    "security:entry": "a",
    "security:exports": "a",
    "security:heads": "a",
    "security:subject-search": "a",
    "sharing:act": "eE",
    "sharing:application": "cCeEdbw",
    "sharing:applications": ALL,
    "sharing:basket": ALL,
    "sharing:document": "cCeEdbw",
    "sharing:given": ALL,
    "sharing:grant": "cCeEdbw",
    "sharing:grant-act": "Cb",
    "sharing:grants": ALL,
    "sharing:receipt": "cCeEdbw",
    "sharing:received": ALL,
    "sharing:why": "cCeEdbw",
    "shell:manage": "ysa",
    "shell:work": ALL,
    "quality:alike": ALL,
    "quality:contents": ALL,
    "quality:duties": ALL,
    "quality:duties-csv": ALL,
    "quality:duties-import": "b",
    "quality:duties-office": ALL,
    "quality:lineage": ALL,
    "quality:links": "cep",
    "quality:office": "cCb",
    "quality:offices": ALL,
    "quality:offices-csv": ALL,
    "quality:source": ALL,
    "quality:sources": ALL,
    "quality:sources-csv": ALL,
    "quality:standard": ALL,
    "quality:standard-add": "b",
    "quality:standard-change": "b",
    "quality:standards": ALL,
    "quality:standards-csv": ALL,
    "quality:standards-import": "b",
}
#: act → those who may do it, and what they would send; everybody else tries
MAY_DO: dict[str, tuple[str, dict[str, str]]] = {
    "licences:allow": ("C", {}),
    "licences:licence-act": ("C", {"act": "suspend"}),
    "participation:desk-assign": ("b", {"office": "云州市民政局", "number": "XQ0"}),
    "participation:desk-demand-act": ("cCb", {"act": "reopen", "reason": "测试"}),
    "participation:desk-voice-act": ("cCb", {"act": "reject", "answer": "测试"}),
    "participation:desk-voice-contact": ("cCb", {}),
    "participation:desk-contact": ("cCb", {}),
    "cases:own-give-up": ("n", {"reason": "测试"}),
    "cases:application": ("w", {"purpose": "测试"}),
    "catalog:act": ("cCb", {"act": "withdraw", "reason": "测试"}),
    "catalog:synonym-remove": ("b", {}),
    "catalog:upward-report": ("b", {"office": "测试"}),
    "citizens:right-revoke": ("n", {}),
    "exchange:collect": ("c", {}),
    "exchange:front-remove": ("eEd", {}),
    "exchange:push-change": ("ed", {"change": "stop"}),
    "exchange:push-end": ("eEd", {}),
    "exchange:push-run": ("ed", {}),
    "exchange:retry": ("c", {}),
    "exchange:schedule": ("c", {"every": "60"}),
    "identity:account-active": ("y", {"active": "0"}),
    "identity:account-password": ("y", {}),
    "identity:duty": ("s", {"duty": "audit"}),
    "identity:key-revoke": ("ed", {}),
    "identity:role-assign": ("s", {}),
    "identity:session-end": ("s", {}),
    "identity:system-active": ("ed", {"active": "0"}),
    "opendata:opening-act": ("Cb", {"act": "withdraw", "reason": "测试"}),
    "quality:source-name": ("b", {"reason": "测试"}),
    "quality:standard-withdraw": ("b", {"reason": "测试"}),
    "security:entries-csv": ("a", {}),
    "services:form-change": ("c", {"act": "undo"}),
    "services:form-import": ("c", {"text": "{}"}),
    "signon:system-active": ("ys", {"active": "0"}),
    "services:item-act": ("cb", {"act": "submit"}),
    "services:source-remove": ("cepb", {}),
}
#: acts and pages that concern nobody but whoever asks, or lead on to others
ONES_OWN = {
    "quality:alike-hints",
    "participation:demand-support",
    "participation:rate",
    "calendar:this-year",
    "cases:several",
    "catalog:follow",
    "catalog:several",
    "services:items-several",
    "identity:sign-out",
    "notices:mark-read",
    "set_display",
    "set_language",
    "oauth2_provider:authorize",
    "oauth2_provider:logout-confirmed",
    "oauth2_provider:rp-initiated-logout",
    "signon:sign-off",
    "sharing:basket-put",
    "shell:home",
}
#: what everybody gets, strangers too
PUBLIC = {
    "licences:offline",
    "licences:verify",
    "ratings:figures",
    "ratings:figures-csv",
    "ratings:figures-json",
    "services:feed",
    "services:for-me",
    "services:front",
    "services:guide-item",
    "opendata:areas-table",
    "opendata:chart",
    "opendata:chart-csv",
    "indicators:score",
    "indicators:score-datasets",
    "indicators:score-office",
    "indicators:score-offices-csv",
    "participation:comments",
    "participation:correct",
    "participation:demand",
    "participation:demand-new",
    "participation:demands",
    "participation:demands-csv",
    "participation:reuse",
    "participation:reuse-new",
    "participation:reuses",
    "participation:demand-suggest",
    "opendata:dataset",
    "opendata:dataset-feed",
    "opendata:datasets",
    "opendata:datasets-csv",
    "opendata:developers",
    "opendata:developer-register",
    "opendata:developer-enter",
    "opendata:feed",
    "opendata:enter",
    "opendata:file",
    "opendata:front",
    "opendata:help",
    "opendata:news",
    "opendata:sitemap",
    "opendata:statistics",
    "opendata:statistics-csv",
    "opendata:suggestions",
    "opendata:workbench",
    "openrest:ckan-action",
    "openrest:data-json",
    "openrest:dcat-catalogue",
    "openrest:dcat-dataset",
    "openrest:ogc-landing",
}
#: the way in
OPEN = {
    "citizens:login",
    "citizens:recover",
    "citizens:recover-code",
    "citizens:register",
    "identity:kept",
    "identity:passkey",
    "identity:second-step",
    "identity:sign-in",
    "identity:step-up",
}
#: what this city has no example of; the tests of the apps ask for these
NO_EXAMPLE = {
    "services:form-field",
    "filing:appointment-cancel",
    "filing:begin",
    "filing:case-file",
    "filing:check",
    "filing:drop",
    "filing:file",
    "filing:hall",
    "filing:hall-add",
    "filing:hall-display",
    "filing:material",
    "filing:materials",
    "filing:page",
    "filing:receipt",
    "filing:refused",
    "filing:window-begin",
    "filing:window-check",
    "filing:window-drop",
    "filing:window-end",
    "filing:window-file",
    "filing:window-material",
    "filing:window-materials",
    "filing:window-page",
    "filing:window-receipt",
    "filing:window-refused",
    "filing:window-visit",
    "oauth2_provider:jwks-info",
    "oauth2_provider:oidc-connect-discovery-info",
    "oauth2_provider:revoke-token",
    "oauth2_provider:token",
    "oauth2_provider:user-info",
    "signon:proposal-decide",
    "signon:proposal-withdraw",
    "signon:secret-revoke",
    "licences:allowance-end",
    "licences:job-refused",
    "licences:keys",
    "licences:status-list",
    "licences:type-decide",
    "licencesrest:elssp",
    "citizens:check",
    "citizens:right-answer",
    "citizens:desk-objection",
    "citizens:objection",
    "ratings:rate",
    "ratings:rate-by-link",
    "ratings:thanks",
    "services:quarantine",
    "services:sitemap",
    "cases:docking-end",
    "cases:docking-send",
    "cases:letter",
    "cases:own-letter",
    "cases:own-supply",
    "cases:supplied",
    "casesrest:acts",
    "casesrest:application",
    "casesrest:openapi",
    "casesrest:visits",
    "cases:process-assign",
    "cases:process-publish",
    "quality:content",
    "quality:content-decide",
    "quality:alike-decide",
    "quality:compare",
    "quality:duty-link",
    "quality:source-take-back",
    "indicators:evidence-remove",
    "participation:desk-picture",
    "participation:own-picture",
    "participation:reuse-card",
    "participation:reuse-picture",
    "participation:reuse-thumbnail",
    "participation:receipt",
    "participation:receipt-take",
    "participation:receipt-withdraw",
    "catalog:upward-batch",
    "catalog:upward-file",
    "catalog:change",
    "catalog:harvest",
    "catalog:harvest-change",
    "catalog:harvest-look",
    "catalog:harvest-read",
    "catalog:harvest-remove",
    "catalog:unfollow",
    "calendar:change",
    "calendar:undo",
    "catalog:quarantine",
    "catalog:versions",
    "exchange:binding-mapping",
    "exchange:binding-table",
    "exchange:download",
    "exchange:file",
    "exchange:file-handling",
    "exchange:file-mapping",
    "exchange:file-replace",
    "exchange:progress",
    "exchange:push",
    "exchange:rejects",
    "exchange:rejects-csv",
    "exchange:stop",
    "identity:delegation-end",
    "identity:passkey-remove",
    "identity:own-session-end",
    "identity:role-withdraw",
    "identity:second-factor-remove",
    "identity:second-factor-reset",
    "identity:sessions-end-others",
    "identity:unlock",
    "opendata:own-developer",
    "opendata:own-developer-act",
    "opendata:developer-desk",
    "opendata:developer-act",
    "opendata:compare",
    "opendata:news-end",
    "opendata:apply",
    "opendata:granted",
    "opendata:own-act",
    "opendata:own-request",
    "opendata:request",
    "opendata:request-act",
    "opendata:explain-closed",
    "opendata:plan",
    "opendata:plan-act",
    "opendata:plan-now",
    "opendata:public-plan",
    "opendata:public-plan-csv",
    "opendata:opening-overrule",
    "opendata:opening-progress",
    "opendata:opening-reword",
    "opendata:client",
    "opendata:areas",
    "opendata:card",
    "opendata:dataset-card",
    "opendata:points",
    "opendata:propose",
    "opendata:robots",
    "opendata:sitemap-page",
    "opendata:version",
    "opendata:workbench-choices",
    "openrest:ckan-action-plain",
    "openrest:ckan-dump",
    "openrest:ckan-openapi",
    "openrest:dcat-dataset-negotiated",
    "openrest:dcat-negotiated",
    "openrest:ogc-api",
    "openrest:ogc-collection",
    "openrest:ogc-collections",
    "openrest:ogc-conformance",
    "openrest:ogc-feature",
    "openrest:ogc-items",
    "openrest:ogc-landing-plain",
    "openrest:ogc-schema",
    "organisations:outline-loaded",
    "organisations:outline-refused",
    "organisations:region-loaded",
    "organisations:region-refused",
    "security:check",
    "security:export-download",
    "security:subject",
    "sharing:apply",
    "sharing:basket-take",
    "sharing:check",
    "sharing:edit",
    "sharing:propose",
    "sharing:try",
}


def signed_in(city: City, account: str) -> httpx.Client:
    """A session; empty for a stranger's. A citizen is named by what the demo prints beside their number."""
    client = httpx.Client(base_url=city.web, timeout=120)
    if account:
        door, field = ("/sign-in/", "username") if account in ACCOUNTS.values() else ("/me/login/", "number")
        found = _TOKEN.search(client.get(door).text)
        assert found is not None
        name = account if account in ACCOUNTS.values() else city.citizens[account]
        form = {"csrfmiddlewaretoken": found[1], field: name, "password": "demo"}
        assert client.post(door, data=form, headers={"Referer": city.web}).status_code == 302
    return client


def _sent_away(answer: httpx.Response) -> bool:
    """Whether a stranger was sent to sign in."""
    return answer.status_code == 302 and any(door in answer.headers["location"] for door in ("/sign-in/", "/me/login/"))


def _own_page(letter: str) -> str:
    """A page with a form that an account gets."""
    return {"": "/sign-in/", CITIZEN: "/me/"}.get(letter, "/account/")


def kind(address: str) -> str:
    return resolve(address).view_name


def addresses_of(client: httpx.Client) -> Iterator[str]:
    """Addresses of this site on the pages that the account reaches, one page of each kind."""
    waiting, seen = list(_BEGIN), set[str]()
    while waiting and len(seen) < _MOST_PAGES:
        address = waiting.pop(0)
        if kind(address) in seen:
            continue
        seen.add(kind(address))
        answer = client.get(address)
        if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        for found in _ADDRESS.findall(answer.text):
            path = unescape(found).partition("?")[0].partition("#")[0]
            if not path.startswith("/static/"):
                waiting.append(path)
                yield path


def routes() -> set[str]:
    """The names of all routes."""

    def walk(resolver: URLResolver, space: str) -> Iterator[str]:
        for one in resolver.url_patterns:
            if isinstance(one, URLResolver):
                yield from walk(one, f"{space}{one.namespace}:" if one.namespace else space)
            elif isinstance(one, URLPattern) and one.name:
                yield space + one.name

    return set(walk(get_resolver(), ""))


@pytest.fixture(scope="module")
def sessions(city: City) -> dict[str, httpx.Client]:
    return {letter: signed_in(city, account) for letter, account in EVERYBODY.items()} | {"": signed_in(city, "")}


@pytest.fixture(scope="module")
def examples(sessions: dict[str, httpx.Client]) -> dict[str, str]:
    """Route → the first address of it that anybody finds."""
    found: dict[str, str] = {}
    for letter in EVERYBODY:
        for address in addresses_of(sessions[letter]):
            found.setdefault(kind(address), address)
    return found


def test_every_route_has_its_place_in_one_of_the_tables(examples: dict[str, str]) -> None:
    tables = [set(MAY_SEE), set(MAY_DO), ONES_OWN, PUBLIC, OPEN, NO_EXAMPLE]
    assert sum(map(len, tables)) == len(set.union(*tables))
    assert set.union(*tables) == routes()
    assert {*MAY_SEE, *MAY_DO, *PUBLIC} <= set(examples)


def test_pages_answer_those_who_may_and_nobody_else(sessions: dict[str, httpx.Client], examples: dict[str, str]) -> None:
    wrong = []
    for route, may in MAY_SEE.items():
        for letter, account in EVERYBODY.items():
            status = sessions[letter].get(examples[route]).status_code
            if (status != 200) if letter in may else (status not in _REFUSED):
                wrong.append(f"{route} {examples[route]}: {account} got {status}")
        answer = sessions[""].get(examples[route])
        if not _sent_away(answer):
            wrong.append(f"{route} {examples[route]}: a stranger got {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_what_is_public_answers_everybody(sessions: dict[str, httpx.Client], examples: dict[str, str]) -> None:
    wrong = []
    for route in PUBLIC:
        for letter in ("", *EVERYBODY):
            status = sessions[letter].get(examples[route]).status_code
            if status != 200:
                wrong.append(f"{route} {examples[route]}: {EVERYBODY.get(letter, 'a stranger')} got {status}")
    assert not wrong, "\n".join(wrong)


def test_acts_are_refused_to_all_who_may_not(sessions: dict[str, httpx.Client], examples: dict[str, str], city: City) -> None:
    wrong = []
    for letter, account in {**EVERYBODY, "": "a stranger"}.items():
        client = sessions[letter]
        token = _TOKEN.search(client.get(_own_page(letter)).text)
        assert token is not None
        for route, (may, form) in MAY_DO.items():
            if letter and letter in may:
                continue
            answer = client.post(examples[route], data={"csrfmiddlewaretoken": token[1], **form}, headers={"Referer": city.web})
            if not (_sent_away(answer) if not letter else answer.status_code in _REFUSED):
                wrong.append(f"{route} {examples[route]}: {account} got {answer.status_code}")
            # the page that asks first is for nobody else either
            if letter and (asked := client.get(examples[route]).status_code) not in {*_REFUSED, 405}:
                wrong.append(f"{route} {examples[route]}: {account} was asked, {asked}")
    assert not wrong, "\n".join(wrong)
