"""The pages on which a file becomes the source of a resource, without JavaScript."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from factories import world
from factories.exchange import identity, source
from factories.sharing import Circle
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.exchange.models import Binding, Run

pytestmark = pytest.mark.usefixtures("hub")

HEAD = "公民身份号码,姓名,手机号码,行政区划代码,出生日期,金额"


@pytest.fixture(autouse=True)
def file_store(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def circle(hub: str) -> Circle:
    return Circle()


def line(number: int) -> str:
    return f"{identity(number)},王{number},1380000{number:04d},370102,1949-12-31,1"


def file(text: str, name: str = "低保.csv", encoding: str = "gb18030") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(encoding))


def columns() -> dict[str, str]:
    keys = ("sfzh", "xm", "sjh", "qh", "csrq", "je")
    return {f"column_{key}": name for key, name in zip(keys, HEAD.split(","), strict=True)}


def bound(browser: Client, at: str, lines: list[str]) -> str:
    """Go through the steps; the address of the edition."""
    step = browser.post(f"{at}file/", {"file": file("\n".join(["本市低保名单", HEAD, *lines, ""]))})
    assert step.status_code == 302, step.content.decode()
    saved = browser.post(f"{step['Location']}mapping/", {**columns(), "rules_sfzh": ["identity-number"], "save": "1"})
    assert saved.status_code == 302, saved.content.decode()
    return str(step["Location"])


def test_a_file_is_handed_in_corrected_bound_collected_and_replaced(circle: Circle) -> None:
    browser, at = world.signed_in(circle.keeper), f"/work/bindings/{circle.resource}/"
    assert f"{at}file/" in browser.get(at).content.decode()
    step = browser.post(f"{at}file/", {"file": file("\n".join(["本市低保名单", HEAD, line(1), line(2), ""]))})
    look = browser.get(step["Location"]).content.decode()
    for word in ("gb18030", "第 2 行", "说明文字", "王*"):
        assert word in look
    assert identity(1) not in look
    refused = browser.post(step["Location"], {"encoding": "utf-8", "header": "2", "lines": "1"})
    assert (refused.status_code, "不能按 utf-8 解码" in refused.content.decode()) == (422, True)
    assert browser.post(step["Location"], {"encoding": "", "header": "0", "lines": "1"}).status_code == 422
    corrected = browser.post(step["Location"], {"encoding": "gb18030", "header": "1", "lines": "2"})
    assert corrected.status_code == 302
    assert "本市低保名单/公民身份号码" in browser.get(step["Location"]).content.decode()
    browser.post(step["Location"], {"encoding": "gb18030", "header": "2", "lines": "1"})
    mapping = browser.get(f"{step['Location']}mapping/").content.decode()
    assert "列名相同" in mapping
    assert identity(1) not in mapping
    wrong = browser.post(f"{step['Location']}mapping/", {**columns(), "column_xm": "", "save": "1"})
    assert (wrong.status_code, "没有对应的来源列" in wrong.content.decode()) == (422, True)
    assert browser.post(f"{step['Location']}mapping/", {**columns(), "look": "1"}).status_code == 200
    assert not Binding.objects.exists()
    saved = browser.post(f"{step['Location']}mapping/", {**columns(), "rules_sfzh": ["identity-number"], "save": "1"})
    assert saved["Location"] == at
    page = browser.get(at).content.decode()
    for word in ("低保.csv", "历期文件", "提交新一期文件", "修改对应与规则"):
        assert word in page
    assert "低保.csv" in browser.get("/work/bindings/").content.decode()
    assert "按更正重新读取" not in browser.get(step["Location"]).content.decode()
    assert browser.post(step["Location"], {"encoding": "", "header": "1", "lines": "1"}).status_code == 422


def test_the_next_edition_comes_in_on_a_page_and_rejects_show_their_lines(circle: Circle) -> None:
    browser, at = world.signed_in(circle.keeper), f"/work/bindings/{circle.resource}/"
    bound(browser, at, [line(1), line(2)])
    lacking = browser.post(f"{at}file/next/", {"file": file("姓名,金额\n王,1\n"), "collect": "on"})
    assert lacking.status_code == 422
    assert "缺少列:公民身份号码" in lacking.content.decode()
    assert not Run.objects.exists()
    assert browser.post(f"{at}file/next/", {}).status_code == 422
    assert browser.get(f"{at}file/next/").status_code == 200
    answer = browser.post(f"{at}file/next/", {"file": file("\n".join([HEAD, line(3), "缺,列", ""]), "二期.csv"), "collect": "on"})
    assert answer.status_code == 302, answer.content.decode()
    run = Run.objects.get()
    assert str(run.pk) in answer["Location"]
    exchange.carry_out(run.pk)
    page = browser.get(answer["Location"]).content.decode()
    assert "相符" in page
    assert "新一期文件已收下,共 2 行。" in page
    rejects = browser.get(f"{answer['Location']}rejects/").content.decode()
    assert "第 3 行" in rejects
    assert "应为 6 列" in rejects
    csv = b"".join(browser.get(f"{answer['Location']}rejects.csv")).decode()  # type: ignore[arg-type]
    assert "缺" in csv


@pytest.mark.parametrize(
    ("content", "word"), [(b"", "空"), (b"<html><table><tr><td>1</td></tr></table></html>", "网页"), (b"%PDF-1.7 x", "PDF")]
)
def test_what_is_no_table_is_refused_in_place(circle: Circle, content: bytes, word: str) -> None:
    browser, at = world.signed_in(circle.keeper), f"/work/bindings/{circle.resource}/"
    answer = browser.post(f"{at}file/", {"file": SimpleUploadedFile("名单.xls", content)})
    assert (answer.status_code, word in answer.content.decode()) == (422, True)


def test_other_offices_are_turned_away(circle: Circle) -> None:
    keeper, at = world.signed_in(circle.keeper), f"/work/bindings/{circle.resource}/"
    place = bound(keeper, at, [line(1)])
    for who in (circle.chief, circle.steward, circle.stranger):
        browser = world.signed_in(who)
        for address in (f"{at}file/", f"{at}file/next/", place, f"{place}mapping/"):
            assert browser.get(address).status_code == 403, address
            assert browser.post(address, {"file": file(f"{HEAD}\n{line(2)}\n"), **columns()}).status_code == 403, address
    assert Client().get(place).status_code == 302
    assert keeper.get(f"{at}file/99999/").status_code == 404


def test_a_table_binding_may_become_a_file_binding(circle: Circle, database_url: str) -> None:
    source(database_url)
    browser, at = world.signed_in(circle.keeper), f"/work/bindings/{circle.resource}/"
    bound(browser, at, [line(1)])
    missing = browser.post(at, {"url": ""})
    assert missing.status_code == 422
    assert browser.post(f"{at}schedule/", {"every": "5"}).status_code == 422
