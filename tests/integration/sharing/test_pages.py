"""Pages of sharing: the right person sees and does, others are told so, and forms say everything at once."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from factories import sharing as factory
from factories import world
from factories.sharing import KEYS, NOW, Circle
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.flow.sharing.models import Application
from zhengtong.apps.flow.sharing.web import slots
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.contracts.grants import Channel

pytestmark = pytest.mark.django_db


@pytest.fixture
def circle() -> Circle:
    return Circle()


def filled(circle: Circle, *resources: int, **changes: Any) -> dict[str, Any]:
    """What a browser sends for a complete application."""
    facts: dict[str, Any] = {
        "office": circle.consumer.code,
        "usage_basis": "《义务教育法》第十二条",
        "scenario": "入学报名",
        "usage_scope": "基础教育科",
        "purpose_code": "enrol",
        "purpose": "核验资格",
        "channels": ["lookup"],
        "system": circle.system,
        "since": "2026-06-01",
        "until": "2099-05-31",
        "keep_as": "",
    }
    for one in resources or (circle.resource,):
        facts |= {f"items_{one}": ["sfzh", "xm"], f"filters_{one}": ["sfzh"]}
    return facts | changes


# ------------------------------------------------------------------ basket, form, check, submit
def test_from_the_basket_to_the_heads_desk(circle: Circle) -> None:
    second = factory.resource(circle.provider, name="婚姻登记信息")
    browser = world.signed_in(circle.steward)
    for one in (circle.resource, second):
        assert browser.post(f"/share/basket/put/{one}/").status_code == 302
    assert "婚姻登记信息" in browser.get("/share/basket/").content.decode()
    assert browser.get("/share/apply/").status_code == 200
    answer = browser.post("/share/apply/", filled(circle, circle.resource, second, keep_as="入学"))
    assert answer.status_code == 302, answer.content.decode()
    numbers = list(Application.objects.order_by("pk").values_list("number", flat=True))
    check = browser.get(answer["Location"])
    assert all(number in check.content.decode() for number in numbers)
    assert set(Application.objects.values_list("state", flat=True)) == {"draft"}
    assert browser.post("/share/check/", {"number": numbers})["Location"] == "/share/applications/"
    assert set(Application.objects.values_list("state", flat=True)) == {"signing"}
    assert [one.title for one in sharing.templates(circle.steward)] == ["入学"]
    assert browser.get("/share/apply/")["Location"] == "/share/basket/"


def test_the_form_says_everything_that_is_missing_at_once_and_links_to_it(circle: Circle) -> None:
    sharing.put_in_basket(actor=circle.steward, resource_id=circle.resource, now=NOW)
    browser = world.signed_in(circle.steward)
    answer = browser.post("/share/apply/", {"office": circle.consumer.code, "channels": ["lookup"], "purpose_code": "Bad Code"})
    page = answer.content.decode()
    assert answer.status_code == 422
    summary = page[page.index("error-summary") : page.index("</form>", page.index("error-summary"))]
    for name in ("usage_basis", "scenario", "usage_scope", "purpose", "purpose_code", "since", "until", "system"):
        assert f'href="#id_{name}"' in summary, name
    for name in (f"items_{circle.resource}", f"filters_{circle.resource}"):
        assert name in summary
    assert not Application.objects.exists()


def test_a_draft_is_kept_incomplete_and_goes_on_later(circle: Circle) -> None:
    sharing.put_in_basket(actor=circle.steward, resource_id=circle.resource, now=NOW)
    browser = world.signed_in(circle.steward)
    assert browser.post("/share/apply/", {"office": circle.consumer.code, "scenario": "报名", "draft": "1"}).status_code == 302
    number = Application.objects.get().number
    assert "报名" in browser.get(f"/share/applications/{number}/edit/").content.decode()
    answer = browser.post(f"/share/applications/{number}/edit/", filled(circle))
    assert answer["Location"] == f"/share/check/?number={number}"
    assert Application.objects.get().items == ["sfzh", "xm"]


def test_a_template_fills_the_words_and_leaves_the_rest(circle: Circle) -> None:
    words = {"purpose_code": "enrol", "purpose": "核验", "usage_basis": "某法第九条", "scenario": "报名", "usage_scope": "科室"}
    sharing.keep_template(actor=circle.steward, office=circle.consumer.code, title="入学", **words)
    sharing.put_in_basket(actor=circle.steward, resource_id=circle.resource, now=NOW)
    template = sharing.templates(circle.steward)[0]
    data = {"fill": "1", "template": template.id, "office": circle.consumer.code, f"items_{circle.resource}": ["xm"]}
    page = world.signed_in(circle.steward).post("/share/apply/", data).content.decode()
    assert "某法第九条" in page
    assert 'value="xm" class="form-check-input" id="id_items' in page or "checked" in page


def test_the_basket_button_knows_what_lies_inside(circle: Circle, rf: Any) -> None:
    request = rf.get("/share/resources/1/?a=b")
    request.actor = circle.steward
    assert "放入申请车" in slots.basket_button(request, circle.resource)
    sharing.put_in_basket(actor=circle.steward, resource_id=circle.resource, now=NOW)
    assert "移出申请车" in slots.basket_button(request, circle.resource)
    request.actor = circle.chief
    assert slots.basket_button(request, circle.resource) == ""
    assert (
        world.signed_in(circle.steward).post(f"/share/basket/take/{circle.resource}/", {"next": "//evil.example/"})["Location"]
        == "/share/basket/"
    )


def test_what_an_operation_refuses_comes_back_to_the_form(circle: Circle) -> None:
    own = factory.resource(circle.consumer, name="本单位的资源")
    sharing.put_in_basket(actor=circle.steward, resource_id=own, now=NOW)
    browser = world.signed_in(circle.steward)
    answer = browser.post("/share/apply/", filled(circle, own))
    assert answer.status_code == 422
    assert "不用申请" in answer.content.decode()
    sharing.take_from_basket(actor=circle.steward, resource_id=own)
    for number in (1, 2):
        sharing.put_in_basket(actor=circle.steward, resource_id=circle.resource, now=NOW)
        assert browser.post("/share/apply/", filled(circle, keep_as="入学")).status_code == 302
        assert Application.objects.count() == number


# ------------------------------------------------------------------ who sees what
#: who finds which form while the provider has to answer, and while a grant is in force
MAY_ANSWERING = {
    "withdraw": {"steward", "head"},
    "dispute": {"steward", "head"},
    "ask-supplement": {"keeper"},
    "ask-extension": {"keeper"},
    "propose": {"keeper"},
}
MAY_IN_FORCE = {"suspend": {"chief", "approver"}, "terminate": {"head", "chief", "approver"}}


def pages(circle: Circle) -> dict[str, set[str]]:
    """Every page → who may open it."""
    number = circle.signed()
    grant = circle.granted()
    given = sharing.grant(grant).application
    both = {"steward", "head", "keeper", "chief", "approver"}
    everyone = both | {"stranger"}
    return {
        "/share/basket/": everyone,
        "/share/applications/": everyone,
        "/share/grants/": everyone,
        "/work/": everyone,
        "/work/answers/": everyone,
        "/work/grants/": everyone,
        "/work/notices/": everyone,
        f"/share/applications/{number}/": both,
        f"/share/applications/{number}/why/": both,
        f"/share/applications/{number}/receipt/": both,
        **{f"/share/applications/{number}/{act}/": MAY_ANSWERING.get(act, set()) for act in sharing.ApplicationAct},
        f"/share/applications/{given}/": both,
        f"/share/grants/{grant}/": both,
        f"/share/grants/{grant}/document.json": both,
        f"/share/grants/{grant}/try/": {"steward"},
        **{f"/share/grants/{grant}/do/{act}/": MAY_IN_FORCE.get(act, set()) for act in sharing.GrantAct},
    }


def test_every_page_opens_for_the_right_people_and_for_nobody_else(circle: Circle) -> None:
    wanted = pages(circle)
    for who in ("steward", "head", "keeper", "chief", "approver", "stranger"):
        browser = world.signed_in(getattr(circle, who))
        for address, right in wanted.items():
            status = browser.get(address).status_code
            assert (status == 200) == (who in right), (who, address, status)
            assert status in {200, 403, 404}
    for address in wanted:
        answer = Client().get(address)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in/")


def test_acts_by_the_wrong_person_change_nothing(circle: Circle) -> None:
    number = circle.signed()
    assert world.signed_in(circle.keeper).post(f"/share/applications/{number}/conclude/").status_code in {403, 409}
    assert world.signed_in(circle.stranger).post(f"/share/applications/{number}/withdraw/").status_code == 404
    assert circle.state(number) == "answering"
    assert world.signed_in(circle.steward).get("/share/applications/SQ0/").status_code == 404
    assert world.signed_in(circle.steward).get(f"/share/applications/{number}/nonsense/").status_code == 404


# ------------------------------------------------------------------ the course, by forms
def test_the_whole_course_by_forms(circle: Circle) -> None:
    number = circle.draft()
    steward, head, keeper, chief = (world.signed_in(getattr(circle, who)) for who in ("steward", "head", "keeper", "chief"))
    at = f"/share/applications/{number}/"
    assert steward.post(f"{at}submit/").status_code == 302
    assert head.post(f"{at}send-back/", {"reason": ""}).status_code == 422
    assert head.post(f"{at}sign/").status_code == 302
    more = keeper.post(f"{at}ask-supplement/", {"lines": "3", "what_1": "使用依据", "more": "1"})
    assert 'name="what_4"' in more.content.decode()
    assert "使用依据" in more.content.decode()
    assert (
        keeper.post(f"{at}ask-supplement/", {"lines": "2", "what_1": "使用依据", "remedy_1": "附文件", "what_2": "场景"}).status_code == 302
    )
    page = steward.get(at).content.decode()
    assert "附文件" in page
    assert "期限暂停" in page
    assert steward.post(f"{at}edit/", filled(circle)).status_code == 302
    assert steward.post(f"{at}supplement/", {"note": "已改"}).status_code == 302
    assert keeper.post(f"{at}ask-extension/", {"days": "11", "reason": "x"}).status_code == 422
    assert keeper.post(f"{at}ask-extension/", {"days": "3", "reason": "数据分散"}).status_code == 302
    approver = world.signed_in(circle.approver)
    assert approver.post(f"{at}decide-extension/", {"decision": "yes", "reason": ""}).status_code == 302
    form = keeper.get(f"{at}propose/").content.decode()
    assert 'name="mask_sfzh"' in form
    proposal = {
        "rules": "2", "decision": "agree", "reason": "", "take_sfzh": "on", "take_xm": "on", "mask_sfzh": "identity", "mask_xm": "name",
        "scope_item_0": "qh", "scope_operator_0": "in", "scope_values_0": "370102,370103", "scope_item_1": "", "scope_operator_1": "eq",
        "per_second": "10", "per_day": "1000", "page_rows": "100",
    }  # fmt: skip
    assert keeper.post(f"{at}propose/", {**proposal, "take_sfzh": "", "take_xm": ""}).status_code == 422
    assert 'name="scope_item_2"' in keeper.post(f"{at}propose/", {**proposal, "more": "1"}).content.decode()
    assert keeper.post(f"{at}propose/", proposal).status_code == 302
    assert "370102、370103" in chief.get(f"{at}conclude/").content.decode()
    assert chief.post(f"{at}conclude/").status_code == 302
    grant = sharing.application(number, actor=circle.steward, now=NOW).grant_number
    document = sharing.grant(grant).document
    assert document.scope[0].values == ("370102", "370103")
    assert document.quota.per_second == 10
    assert "110105********002X" in steward.get(f"/share/grants/{grant}/").content.decode()
    assert chief.post(f"/share/grants/{grant}/do/suspend/", {"reason": "核查"}).status_code == 302
    assert "核查" in steward.get(f"/share/grants/{grant}/").content.decode()


def test_a_refusal_without_reason_comes_back_to_the_form(circle: Circle) -> None:
    number = circle.signed()
    data = {"rules": "1", "decision": "refuse", "reason": "", "scope_operator_0": "eq", "per_second": "1", "per_day": "1", "page_rows": "1"}
    masks = {f"mask_{key}": "none" for key in KEYS}
    answer = world.signed_in(circle.keeper).post(f"/share/applications/{number}/propose/", data | masks)
    assert answer.status_code == 422
    assert "不予共享必须说明理由" in answer.content.decode()


def test_a_dispute_is_decided_on_its_page(circle: Circle) -> None:
    number = circle.signed()
    assert world.signed_in(circle.steward).post(f"/share/applications/{number}/dispute/", {"reason": "拖延"}).status_code == 302
    bureau = world.signed_in(circle.approver)
    assert number in bureau.get("/work/").content.decode()
    answer = bureau.post(f"/share/applications/{number}/answer-dispute/", {"decision": "no", "reason": "期限未到"})
    assert answer.status_code == 302
    assert "不支持异议:期限未到" in bureau.get(f"/share/applications/{number}/").content.decode()


def test_why_it_is_due_that_day_is_a_table(circle: Circle) -> None:
    page = world.signed_in(circle.keeper).get(f"/share/applications/{circle.signed()}/why/").content.decode()
    assert page.count("<tr>") > 10
    assert "起算日,不计入" in page
    number = circle.draft()
    assert world.signed_in(circle.steward).get(f"/share/applications/{number}/why/").status_code == 404


def test_notices_are_marked_read(circle: Circle) -> None:
    circle.signed()
    browser = world.signed_in(circle.keeper)
    assert "未读" in browser.get("/work/notices/").content.decode()
    browser.post("/work/notices/read/")
    assert ">未读<" not in browser.get("/work/notices/").content.decode()


# ------------------------------------------------------------------ lists
@pytest.mark.parametrize(("who", "address"), [("steward", "/share/applications/"), ("keeper", "/work/answers/"), ("keeper", "/work/")])
def test_lists_ask_the_database_no_more_for_many_than_for_few(circle: Circle, who: str, address: str) -> None:
    browser = world.signed_in(getattr(circle, who))
    circle.signed()
    browser.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        browser.get(address)
    for _ in range(8):
        circle.signed()
    with CaptureQueriesContext(connection) as many:
        browser.get(address)
    assert len(many) <= len(few)


def test_grant_lists_ask_no_more_for_many(circle: Circle) -> None:
    browser = world.signed_in(circle.steward)
    circle.granted()
    browser.get("/share/grants/")
    with CaptureQueriesContext(connection) as few:
        browser.get("/share/grants/")
    for _ in range(4):
        circle.granted(resource=factory.resource(circle.provider))
    with CaptureQueriesContext(connection) as many:
        browser.get("/share/grants/")
    assert len(many) <= len(few)


def test_lists_page_by_key_and_filter_by_state(circle: Circle) -> None:
    for _ in range(52):
        number = circle.draft()
    circle.signed()
    browser = world.signed_in(circle.steward)
    first = browser.get("/share/applications/?state=draft").content.decode()
    assert first.count('href="/share/applications/SQ') == 50
    following = first[first.index('rel="next"') - 200 : first.index('rel="next"')].rpartition('href="')[2].partition('"')[0]
    second = browser.get("/share/applications/" + following.replace("&amp;", "&")).content.decode()
    assert second.count('href="/share/applications/SQ') == 2
    assert number in first
    assert number not in second


# ------------------------------------------------------------------ the signed document
def test_the_signed_document_verifies_offline(circle: Circle, tmp_path: Path) -> None:
    grant = circle.granted()
    browser = world.signed_in(circle.steward)
    document = json.loads(browser.get(f"/share/grants/{grant}/document.json").content)
    (tmp_path / f"{grant}.json").write_text(json.dumps(document, ensure_ascii=False))
    assert base64.b64decode(document["signature"])
    page = browser.get(f"/share/grants/{grant}/").content.decode()
    printed = page[page.index('id="verify">') + len('id="verify">') :].partition("</pre>")[0]
    for code, sign in (("&quot;", '"'), ("&#x27;", "'"), ("&amp;", "&"), ("&gt;", ">"), ("&lt;", "<")):
        printed = printed.replace(code, sign)
    if not shutil.which("openssl"):
        pytest.skip("openssl is not here")
    done = subprocess.run(["bash", "-euc", printed], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verified Successfully" in done.stdout, done.stderr
    (tmp_path / f"{grant}.json").write_text(json.dumps({**document, "payload": document["payload"].replace("lookup", "push")}))
    assert subprocess.run(["bash", "-euc", printed], cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_only_developers_of_the_consumer_try_calls(circle: Circle) -> None:
    grant = circle.granted()
    for who in ("head", "keeper", "approver"):
        assert world.signed_in(getattr(circle, who)).get(f"/share/grants/{grant}/try/").status_code == 403
    page = world.signed_in(circle.steward).get(f"/share/grants/{grant}/try/").content.decode()
    assert "还没有可用的 HMAC 密钥" in page
    identity.add_key(by=circle.steward, system_id=circle.system, algorithm="hmac-sha256", now=NOW)
    browser = world.signed_in(circle.steward)
    data = {"channel": "lookup", "purpose": "enrol", "given_sfzh": "11010519491231002X", "key": "foreign"}
    assert browser.post(f"/share/grants/{grant}/try/", data).status_code == 422
    assert Channel.LOOKUP in sharing.grant(grant).document.channels


def test_everybody_stands_at_the_desk_they_came_from(circle: Circle) -> None:
    number, grant = circle.signed(), circle.granted()
    here = [
        (f"/share/applications/{number}/", "/work/answers/", "/share/applications/"),
        (f"/share/grants/{grant}/", "/work/grants/", "/share/grants/"),
    ]
    for address, theirs, ours in here:
        for who, desk in ((circle.keeper, theirs), (circle.approver, theirs), (circle.steward, ours)):
            page = world.signed_in(who).get(address)
            assert [one.address for one in page.context["desks"] if one.current] == [desk]
            assert [one.address for one in page.context["doors"] if one.current] == [f"/{desk.split('/')[1]}/"]


def test_applications_and_grants_count_for_themselves(circle: Circle) -> None:
    first, grant, second = circle.signed(), circle.granted(), circle.signed()
    assert first[:6] == second[:6] == f"SQ{NOW.year}"
    assert grant.startswith(f"SH{NOW.year}")
    # the granted one had an application in between
    assert int(second[6:]) == int(first[6:]) + 2
    assert int(circle.pushed()[6:]) == int(grant[6:]) + 1


def test_notices_and_lines_of_the_timeline_are_read_in_either_language(circle: Circle) -> None:
    number = circle.signed()
    sharing.ask_extension(actor=circle.keeper, number=number, days=3, reason="同意", now=NOW)
    client = world.signed_in(circle.approver)
    assert "提供方申请延期 3 个工作日,请决定" in client.get("/work/notices/").content.decode()
    client.cookies["zhengtong_language"] = "en"
    assert "The provider asks for an extension of 3 working days: please decide" in client.get("/work/notices/").content.decode()
    page = client.get(f"/share/applications/{number}/").content.decode()
    assert "Extension asked for" in page
    # what somebody wrote stays as written, though the interface has the word too
    assert "同意" in page


# ------------------------------------------------------------------ sent twice, left open too long
def test_a_form_sent_twice_makes_one_set_of_applications(circle: Circle) -> None:
    sharing.put_in_basket(actor=circle.steward, resource_id=circle.resource, now=NOW)
    browser = world.signed_in(circle.steward)
    check = browser.post("/share/apply/", filled(circle))["Location"]
    again = browser.post("/share/apply/", filled(circle), follow=True)
    assert "没有重复申请" in again.content.decode()
    assert Application.objects.count() == 1
    numbers = {"number": [Application.objects.get().number]}
    assert browser.post(check, numbers).status_code == 302
    assert "没有重复提交" in browser.post(check, numbers, follow=True).content.decode()
    with pytest.raises(sharing.BasketChanged):
        sharing.apply(
            actor=circle.steward,
            office=circle.consumer.code,
            wanted={circle.resource: ("xm",)},
            draft=sharing.Draft(circle.request()),
            now=NOW,
            from_basket=True,
        )


def test_applications_of_another_office_are_not_submitted_with_ones_own(circle: Circle) -> None:
    number = circle.draft()
    assert world.signed_in(circle.stranger).post("/share/check/", {"number": [number]}).status_code == 404
    assert circle.state(number) == "draft"


def test_what_the_provider_left_out_stays_out_when_a_line_is_added(circle: Circle) -> None:
    number = circle.signed()
    form = {
        "rules": "1", "decision": "agree", "reason": "", "take_sfzh": "on", "mask_sfzh": "identity", "scope_item_0": "qh",
        "scope_operator_0": "eq", "scope_values_0": "370102", "per_second": "1", "per_day": "1", "page_rows": "1", "more": "1",
    }  # fmt: skip
    page = world.signed_in(circle.keeper).post(f"/share/applications/{number}/propose/", form).content.decode()
    boxes = dict(re.findall(r'name="take_(\w+)"[^>]*?( checked)?>', page))
    assert boxes["sfzh"]
    assert not boxes["xm"]
    assert 'value="370102"' in page


def test_a_delivered_application_is_not_called_a_draft(circle: Circle) -> None:
    number = circle.signed()
    sharing.ask_supplement(actor=circle.keeper, number=number, missing=[("使用依据", "")], now=NOW)
    browser = world.signed_in(circle.steward)
    page = browser.get(f"/share/applications/{number}/edit/").content.decode()
    assert "存为草稿" not in page
    assert "保存修改" in page
    # and what has been delivered is not emptied by a button that asks for less
    answer = browser.post(f"/share/applications/{number}/edit/", {"office": circle.consumer.code, "draft": "1"})
    assert answer.status_code == 422


def test_the_summary_of_errors_tells_one_resource_from_the_other(circle: Circle) -> None:
    second = factory.resource(circle.provider, name="婚姻登记信息")
    for one in (circle.resource, second):
        sharing.put_in_basket(actor=circle.steward, resource_id=one, now=NOW)
    page = world.signed_in(circle.steward).post("/share/apply/", {"office": circle.consumer.code}).content.decode()
    assert "所需信息项:婚姻登记信息" in page
    assert "所需信息项:低保对象信息" in page


@pytest.mark.parametrize("signed_out", [True, False])
def test_a_form_that_comes_after_the_session_ended_is_kept_for_its_writer(circle: Circle, settings: Settings, *, signed_out: bool) -> None:
    sharing.put_in_basket(actor=circle.steward, resource_id=circle.resource, now=NOW)
    browser = world.signed_in(circle.steward)
    if signed_out:
        browser.post("/sign-out/")
    else:
        settings.IDLE_SECONDS = -1
    sent = browser.post("/share/apply/", filled(circle, scenario="写了很久的场景说明"), headers={"origin": "http://testserver"})
    assert "/sign-in/" in sent["Location"]
    settings.IDLE_SECONDS = 900
    entered = browser.post(sent["Location"], {"username": circle.steward.username, "password": world.PASSWORD})
    assert entered["Location"] == "/sign-in/kept/"
    page = browser.get("/sign-in/kept/").content.decode()
    assert "写了很久的场景说明" in page
    assert 'action="/share/apply/"' in page
    assert not Application.objects.exists()  # nothing is sent by itself
    assert browser.get("/sign-in/kept/").status_code == 302  # shown once


def test_a_kept_form_is_not_shown_to_somebody_else_nor_one_from_a_foreign_site(circle: Circle, settings: Settings) -> None:
    browser = world.signed_in(circle.steward)
    settings.IDLE_SECONDS = -1
    browser.post("/share/apply/", filled(circle, scenario="写了很久的场景说明"), headers={"origin": "http://testserver"})
    settings.IDLE_SECONDS = 900
    browser.post("/sign-in/", {"username": circle.keeper.username, "password": world.PASSWORD})
    assert browser.get("/sign-in/kept/").status_code == 302
    browser.post("/sign-out/")
    browser.post("/share/apply/", filled(circle, scenario="别处来的"), headers={"origin": "http://elsewhere.example"})
    assert browser.post("/sign-in/", {"username": circle.keeper.username, "password": world.PASSWORD})["Location"] != "/sign-in/kept/"
    assert Client().get("/sign-in/kept/").status_code == 302


def test_a_page_left_open_over_a_new_sign_in_shows_what_was_typed(circle: Circle) -> None:
    browser = world.signed_in(circle.steward)
    browser.handler.enforce_csrf_checks = True
    facts = filled(circle, scenario="写了很久的场景说明", password="do-not-show")
    sent = browser.post("/share/apply/", facts, headers={"origin": "http://testserver"})
    assert sent.status_code == 403
    assert "写了很久的场景说明" in sent.content.decode()
    assert "do-not-show" not in sent.content.decode()
    foreign = browser.post("/share/apply/", facts, headers={"origin": "http://elsewhere.example"})
    assert "写了很久的场景说明" not in foreign.content.decode()


@pytest.mark.parametrize("address", ["/share/?office=%00", "/share/grants/a%00b/", "/work/catalog/?q=%00", "/share/check/?number=%00"])
def test_a_nul_is_refused_by_name(circle: Circle, address: str) -> None:
    answer = world.signed_in(circle.steward).get(address)
    assert answer.status_code == 400
    assert "bad-text" in answer.content.decode()


def test_a_failure_shows_the_number_that_the_log_has(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = world.signed_in(circle.steward)
    browser.raise_request_exception = False

    def fails(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(sharing, "basket", fails)
    with structlog.testing.capture_logs() as logged:
        answer = browser.get("/share/basket/", headers={"referer": "http://testserver/share/?q=a"})
    assert answer.status_code == 500
    page = answer.content.decode()
    assert next(line["number"] for line in logged if line["event"] == "page failed") in page
    assert 'href="/share/?q=a"' in page
