"""Stars, comments, corrections and reuses of a real open dataset; the pages of strangers and of the desk."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from factories import world
from factories.opening import Opening
from factories.sharing import NOW, Circle
from factories.voices import MISTAKE, WISH, admitted, filed
from zhengtong.apps.flow.participation import api
from zhengtong.apps.flow.participation.models import Comment, Correction, Demand, Rating, Reuse
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.errors import Invalid

TOKEN = re.compile(r'name="token" value="([^"]+)"')
WORK = api.Work("换乘通", "app", "云州快行科技", "https://example.com/app", "公交换乘查询", ())
GARBAGE: list[dict[str, Any]] = [
    {},
    {"title": "x" * 5000, "text": "x" * 5000, "wrong": "x" * 5000},
    {"title": "\ud7ff\uffff", "stars": "NaN", "text": "\u202e", "link": "javascript:alert(1)"},
    {"stars": "99999999999999999999999", "parent": "PL1", "datasets": "9" * 400, "column": "'; drop table", "provider": "没有的局"},
    {"title": "\0", "text": "\0", "name": "\0", "row": "\0", "token": "\0"},
    {"token": "x" * 1000, "frequency": "zz", "way": "[]", "asker": "office", "kind": "?"},
]


def said(dataset: int, text: str, *, actor: Actor | None = None, parent: str = "", form: str = "t") -> tuple[api.Receipt, bool]:
    return api.comment(dataset=dataset, text=text, name="市民", parent=parent, form=form, actor=actor, now=NOW)


def corrected(dataset: int, *, actor: Actor | None = None, **changes: str) -> str:
    receipt = api.file_correction(dataset=dataset, mistake=replace(MISTAKE, **changes), form="t", actor=actor, now=NOW)
    return receipt.number


def test_stars_count_once_and_can_be_changed(opening: Opening) -> None:
    number = opening.opened()
    for visitor, stars in (("a", 5), ("b", 2), ("a", 3)):
        api.rate(dataset=number, stars=stars, visitor=visitor, now=NOW)
    assert (api.counts([number])[number].stars, api.counts([number])[number].ratings) == (2.5, 2)
    for wrong in (0, 6, -1):
        with pytest.raises(Invalid):
            api.rate(dataset=number, stars=wrong, visitor="a", now=NOW)
    api.take_rating_back(dataset=number, visitor="a")
    assert Rating.objects.count() == 1
    assert api.counts([number, 10**9])[10**9] == api.Counts()


def test_comments_wait_for_a_reader_and_the_offices_word_is_marked(opening: Opening) -> None:
    number = opening.opened()
    circle = opening.circle
    receipt, public = said(number, "很有用,希望每月更新")
    assert not public
    assert api.comments(number) == []
    for other in (circle.stranger, circle.steward):
        with pytest.raises(api.VoiceUnknown):
            api.show(actor=other, number=receipt.number, now=NOW)
        assert api.desk_voice(receipt.number, actor=other, now=NOW) is None
    assert api.voices_waiting(circle.keeper) == api.voices_waiting(circle.approver) == 1
    assert api.voices_waiting(circle.stranger) == 0
    api.show(actor=circle.keeper, number=receipt.number, now=NOW)
    with pytest.raises(api.WrongState):
        api.show(actor=circle.keeper, number=receipt.number, now=NOW)
    answer, public = said(number, "自七月起每月更新", actor=circle.keeper, parent=receipt.number)
    assert public
    [shown] = api.comments(number)
    assert [(one.name, one.official) for one in shown.answers] == [(circle.provider.name, True)]
    with pytest.raises(Invalid):
        said(number, "再回复", parent=answer.number)
    with pytest.raises(Invalid):
        said(number, "我的电话13800000001")
    with pytest.raises(Invalid):
        api.reject(actor=circle.approver, number=receipt.number, reason="", now=NOW)
    api.reject(actor=circle.approver, number=receipt.number, reason="与数据无关", now=NOW)
    assert api.comments(number) == []
    own = api.own_voice(receipt.number, receipt.secret, now=NOW)
    assert own is not None
    assert own.answer == "与数据无关"
    assert api.own_voice(receipt.number, "wrong", now=NOW) is None
    api.show(actor=circle.approver, number=receipt.number, now=NOW)
    assert len(api.comments(number)) == 1


def test_a_correction_is_checked_in_time_and_noted_on_the_page(opening: Opening) -> None:
    number, circle = opening.opened(), opening.circle
    with pytest.raises(Invalid):
        corrected(number, column="lxr")
    first = corrected(number)
    assert corrected(number) == first
    [waiting] = api.voices(circle.keeper, api.Subject.CORRECTION, state="open", now=NOW)
    assert waiting.acts == {"accept", "decline"}
    for wrong in (circle.stranger, circle.steward):
        with pytest.raises(api.VoiceUnknown):
            api.answer_correction(actor=wrong, number=first, accept=True, answer="核实无误", now=NOW)
    with pytest.raises(api.NotAllowed):
        api.answer_correction(actor=circle.approver, number=first, accept=True, answer="核实无误", now=NOW)
    with pytest.raises(Invalid):
        api.answer_correction(actor=circle.keeper, number=first, accept=False, answer="", now=NOW)
    late = NOW + timedelta(days=20)
    assert api.remind(now=late) == 1
    assert api.remind(now=late) == 0
    api.answer_correction(actor=circle.keeper, number=first, accept=True, answer="名称已按公告更正,下一版生效", now=late)
    assert Correction.objects.get().in_time is False
    page = Client().get(f"/open/datasets/{number}/").content.decode()
    assert "名称已按公告更正" in page
    assert "名称是旧的" not in page
    api.reopen_correction(actor=circle.approver, number=first, reason="公告另有说明", now=late)
    assert "名称已按公告更正" not in Client().get(f"/open/datasets/{number}/").content.decode()


def test_a_reuse_is_shown_with_its_link_as_text(opening: Opening) -> None:
    number, circle = opening.opened(), opening.circle
    for wrong in ({"datasets": ()}, {"datasets": (10**9,)}, {"link": "http://example.com"}, {"kind": "x"}, {"title": "打13800000001"}):
        with pytest.raises(Invalid):
            api.file_reuse(work=replace(WORK, **{"datasets": (number,), **wrong}), form="t", actor=None, now=NOW)  # type: ignore[arg-type]
    receipt = api.file_reuse(work=replace(WORK, datasets=(number,)), form="t", actor=None, now=NOW)
    assert api.reuses() == []
    with pytest.raises(api.VoiceUnknown):
        api.show(actor=circle.stranger, number=receipt.number, now=NOW)
    api.show(actor=circle.approver, number=receipt.number, now=NOW)
    assert [one.title for one in api.reuses(text="换乘", kind="app", dataset=number)] == ["换乘通"]
    assert api.reuses(kind="paper") == []
    page = Client().get(f"/open/datasets/{number}/").content.decode()
    assert '<a href="https://example.com/app" rel="nofollow ugc noopener noreferrer">https://example.com/app</a>' in page
    assert "换乘通" in Client().get("/open/reuses/?q=公交").content.decode()


def test_a_demand_is_closed_with_what_is_there(opening: Opening) -> None:
    number, circle = opening.opened(), opening.circle
    found = api.suggestions("希望获取全市行政区划的代码", official=False)
    assert [one.dataset for one in found] == [number]
    assert all(one.resource is None for one in found)
    receipt = admitted(circle)
    with pytest.raises(api.DemandUnknown):
        api.take(number=receipt.number, secret="wrong", dataset=number, resource=None, actor=None, now=NOW)
    with pytest.raises(Invalid):
        api.take(number=receipt.number, secret=receipt.secret, dataset=None, resource=circle.resource, actor=None, now=NOW)
    api.take(number=receipt.number, secret=receipt.secret, dataset=number, resource=None, actor=None, now=NOW)
    assert api.answers_by_dataset([number]) == {number: 1}
    assert api.counts([number])[number].demands == 1
    assert "满足了 1 项需求" in Client().get("/open/demands/?side=supply").content.decode()


def test_a_stranger_asks_on_the_pages_and_comes_back_by_the_link(opening: Opening) -> None:
    opening.opened()
    browser = Client()
    page = browser.get("/open/demands/new/").content.decode()
    form = {
        **{name: getattr(WISH, name) for name in ("title", "purpose", "items", "asker", "name", "contact")},
        "title": "行政区划代码历史变更",
    }
    form["token"] = TOKEN.findall(page)[0]
    looked = browser.post("/open/demands/new/", {**form, "look": "1"})
    assert "也许已经有了" in looked.content.decode()
    assert form["purpose"] in looked.content.decode()
    assert not Demand.objects.exists()
    wrong = browser.post("/open/demands/new/", {**form, "items": ""})
    assert wrong.status_code == 422
    assert form["purpose"] in wrong.content.decode()
    assert browser.post("/open/demands/new/", {**form, "website": "spam"}).status_code == 422
    sent = browser.post("/open/demands/new/", form)
    assert sent.status_code == 302
    again = browser.post("/open/demands/new/", form)
    assert again["Location"] == sent["Location"]
    receipt = browser.get(sent["Location"])
    assert (receipt["Referrer-Policy"], receipt["Cache-Control"]) == ("no-referrer", "no-store")
    text = receipt.content.decode()
    assert "就是它" in text
    assert "13800000001" not in text
    assert browser.get(sent["Location"][:-2] + "x/").status_code == 404
    number = Demand.objects.get().number
    assert browser.get(f"/open/demands/{number}/").status_code == 404
    assert browser.post(sent["Location"] + "withdraw/").status_code == 302
    assert browser.post(sent["Location"] + "withdraw/").status_code == 409
    assert browser.post(sent["Location"] + "take/", {"dataset": "x"}).status_code == 409


def test_the_desk_passes_on_answers_and_shows_contacts(opening: Opening) -> None:
    number, circle = opening.opened(), opening.circle
    receipt = filed()
    bureau, office = world.signed_in(circle.approver), world.signed_in(circle.keeper)
    listed = bureau.get("/work/demands/").content.decode()
    assert WISH.title in listed
    assert "13800000001" not in listed
    refused = office.post("/work/demands/assign/", {"office": circle.provider.name, "number": [receipt.number]})
    assert refused.status_code == 404
    sent = bureau.post("/work/demands/assign/", {"office": circle.provider.name, "number": [receipt.number]})
    assert sent.status_code == 302
    page = office.get(f"/work/demands/{receipt.number}/").content.decode()
    assert "1********01" in page
    shown = office.post(f"/work/demands/{receipt.number}/contact/").content.decode()
    assert "13800000001" in shown
    short = office.post(f"/work/demands/{receipt.number}/act/", {"act": "promise", "on": "", "reason": "正在整理"})
    assert short.status_code == 422
    assert "正在整理" in short.content.decode()
    assert office.post(f"/work/demands/{receipt.number}/act/", {"act": "x"}).status_code == 422
    assert office.post(f"/work/demands/{receipt.number}/act/", {"act": "satisfy", "dataset": str(number)}).status_code == 302
    board = Client().get("/open/demands/").content.decode()
    assert "已满足" in board
    answer = Client().get("/open/demands/export.csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[arg-type]
    assert len(lines) == 2
    assert "13800000001" not in lines[1]
    nobody = world.signed_in(circle.stranger)
    for address in (f"/work/demands/{receipt.number}/", f"/work/voices/{corrected(number)}/"):
        assert nobody.get(address).status_code == 404
        for act in ("act/", "contact/"):
            assert nobody.post(address + act, {"act": "reopen", "reason": "x", "answer": "xxxx"}).status_code in {403, 404}
        assert Client().get(address).status_code == 302


def test_corrections_and_comments_on_the_pages(opening: Opening) -> None:
    number, circle = opening.opened(), opening.circle
    browser = Client()
    form = {name: getattr(MISTAKE, name) for name in ("row", "column", "wrong", "right", "evidence")}
    assert browser.get(f"/open/datasets/{number}/corrections/new/?column=mc").status_code == 200
    sent = browser.post(f"/open/datasets/{number}/corrections/new/", form)
    assert "剩 10 个工作日" in browser.get(sent["Location"]).content.decode() or sent.status_code == 302
    said_so = browser.post(f"/open/datasets/{number}/comments/", {"text": "很好用", "name": "市民"})
    assert said_so.status_code == 302
    office = world.signed_in(circle.keeper)
    comment = Comment.objects.get().number
    assert office.get("/work/voices/?kind=PL").content.decode().count(comment) > 0
    assert office.post(f"/work/voices/{comment}/act/", {"act": "show"}).status_code == 302
    assert "很好用" in browser.get(f"/open/datasets/{number}/").content.decode()
    assert "很好用" in browser.get(f"/open/datasets/{number}/comments/?answer={comment}").content.decode()
    for kind in ("PL", "JC", "YY", "x"):
        assert office.get(f"/work/voices/?kind={kind}&after=x").status_code == 200
    assert office.get(f"/work/voices/{Correction.objects.get().number}/").status_code == 200
    rated = browser.post(f"/open/datasets/{number}/rating/", {"stars": "4"})
    assert rated.cookies["zhengtong_visitor"]["httponly"]
    browser.post(f"/open/datasets/{number}/rating/", {"stars": "5"})
    assert Rating.objects.get().stars == 5
    browser.post(f"/open/datasets/{number}/rating/", {"stars": "0"})
    assert not Rating.objects.exists()


def test_garbage_is_refused_and_never_breaks(opening: Opening) -> None:
    number = opening.opened()
    demand = admitted(Circle(provider=opening.circle.provider, bureau=opening.circle.bureau)).number
    addresses = (
        "/open/demands/new/",
        f"/open/datasets/{number}/comments/",
        f"/open/datasets/{number}/corrections/new/",
        f"/open/datasets/{number}/rating/",
        "/open/reuses/new/",
        f"/open/demands/{demand}/support/",
        "/open/receipts/XQ1/x/take/",
        "/open/receipts/XQ1/x/withdraw/",
    )
    for place, address in enumerate(addresses):
        for turn, form in enumerate(GARBAGE):
            browser = Client(REMOTE_ADDR=f"192.0.2.{place * 10 + turn}")
            assert browser.post(address, form).status_code < 500, (address, form)
        browser = Client(REMOTE_ADDR=f"2001:db8:0:{place}::1")
        for kind, raw in (
            ("application/x-www-form-urlencoded", "title=需要数据&text=评论".encode("gbk")),
            ("application/x-www-form-urlencoded; charset=gbk", "title=需要数据".encode("gbk")),
            ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
            ("application/json", b"[[[["),
            ("text/plain", b"\xff\xfe\x00"),
        ):
            assert browser.generic("POST", address, raw, content_type=kind).status_code < 500, (address, kind)
        assert browser.post(address, b"x" * 70_000, content_type="text/plain").status_code == 413
    strict = Client(enforce_csrf_checks=True)
    assert {strict.post(address, {}).status_code for address in addresses} == {403}
    for address in (
        "/open/demands/?order=x&state=x&way=x&office=x&after=~&q=" + "长" * 500,
        "/open/demands/?side=supply&after=9~9",
        "/open/demands/export.csv?order=title&after=x",
        "/open/demands/suggestions/?title=%00",
        "/open/demands/suggestions/?title=" + "企业的信息" * 50,
        "/open/demands/new/?title=x",
        "/open/reuses/?dataset=" + "9" * 40,
        "/open/reuses/?dataset=%EF%BC%91&kind=x&after=" + "9" * 30,
        "/open/demands/XQ0/",
        "/open/receipts/YY0/x/",
        f"/open/datasets/{10**30}/comments/",
        "/open/datasets/999999/corrections/new/",
    ):
        assert Client().get(address).status_code < 500, address
    # what a wrong encoding made of a text may wait for its reader; nothing of it is public
    assert not Comment.objects.filter(state="shown").exists()
    assert not Reuse.objects.exists()


def test_an_address_that_files_too_much_is_told_so(opening: Opening) -> None:
    number = opening.opened()
    browser = Client(REMOTE_ADDR="198.51.100.7")
    answers = [browser.post(f"/open/datasets/{number}/rating/", {"stars": "5"}).status_code for _ in range(api.MOST_AN_HOUR["rating"] + 1)]
    assert answers == [302] * api.MOST_AN_HOUR["rating"] + [429]
    assert Client(REMOTE_ADDR="198.51.100.8").post(f"/open/datasets/{number}/rating/", {"stars": "5"}).status_code == 302
