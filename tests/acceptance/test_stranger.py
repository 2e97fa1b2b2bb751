"""
The loop as a stranger walks it, through the pages alone: find, apply, be answered, call with the printed sample, receive a push, be refused
for what was not granted, and verify the ledger offline.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from factories.city import City
from zhengtong.kernel import clock
from zhengtong.kernel.codes import identity_number
from zhengtong.toolkit.postgres.embedded import EmbeddedPostgres

pytestmark = pytest.mark.acceptance

_PERSONS, _DIVISIONS = "101001/000001", "103001/000001"
_WAIT_SECONDS = 20
Enter = Callable[[str], Any]


@pytest.fixture
def enter(city: City, browser: Any) -> Iterator[Enter]:
    """The page of somebody who has signed in, one browser for each account."""
    pages: dict[str, Any] = {}

    def page_of(account: str) -> Any:
        if account not in pages:
            context = browser.new_context(base_url=city.web, locale="zh-CN", accept_downloads=True)
            pages[account] = page = context.new_page()
            page.set_default_timeout(_WAIT_SECONDS * 1000)
            page.goto("/sign-in/")
            page.fill("#id_username", account)
            page.fill("#id_password", "demo")
            page.click("main button.btn-primary")
        return pages[account]

    yield page_of
    for page in pages.values():
        page.context.close()


def press(page: Any, name: str) -> None:
    """A link or a button of the page by its words."""
    page.locator("main a:visible, main button:visible").filter(has_text=name).last.click()
    page.wait_for_load_state()


def source_of(city: City, database: str) -> str:
    return EmbeddedPostgres.under(Path(city.environment["ZHENGTONG_VAR"])).url(database)


def people(city: City) -> tuple[tuple[str, str, str], str]:
    """A resident (number, name, county), and the number of one who lives in another county."""
    with psycopg.connect(source_of(city, "demo_public_security")) as connection:
        found = connection.execute('select "GMSFHM", "XM", "HKSZD_XZQH" from public_security.czrk_jbxx order by 1').fetchall()
    sound = [one for one in found if all(one) and identity_number.is_valid(one[0])]
    return sound[0], next(one[0] for one in sound if one[2] != sound[0][2])


def system_with_key(page: Any) -> str:
    """Register a calling system and make its key; the secret."""
    page.goto("/work/systems/add/")
    page.fill("#id_system_id", "stranger")
    page.fill("#id_name", "陌生人的系统")
    press(page, "登记")
    press(page, "添加密钥")
    press(page, "添加")
    return str(page.locator("#secret-once").inner_text())


def applied(page: Any) -> list[str]:
    """Two resources from the catalog into the basket, one form for both, submitted; the numbers by resource."""
    for words, name in (("行政区划", "行政区划代码"), ("常住人口", "常住人口基本信息")):
        page.goto("/share/")
        page.fill("#q", words)
        page.press("#q", "Enter")
        page.locator("main .results a").filter(has_text=name).first.click()
        press(page, "放入申请车")
    page.goto("/share/basket/")
    press(page, "填写申请")
    for name, text in (("usage_basis", "《义务教育法》第十二条"), ("scenario", "入学报名"), ("usage_scope", "基础教育科")):
        page.fill(f"#id_{name}", text)
    page.fill("#id_purpose", "核验户籍")
    page.fill("#id_purpose_code", "stranger")
    for channel in ("lookup", "verify", "push"):
        page.check(f"input[name=channels][value={channel}]")
    page.select_option("#id_system", "stranger")
    page.fill("#id_since", clock.today().isoformat())
    page.fill("#id_until", (clock.today() + timedelta(days=200)).isoformat())
    for key in ("xzqhdm", "xzqhmc", "gmsfhm", "xm", "hkszdxzqh", "lxdh"):
        page.check(f"input[name^=items_][value={key}]")
    for key in ("xzqhdm", "gmsfhm"):
        page.check(f"input[name^=filters_][value={key}]")
    press(page, "继续:核对")
    numbers = re.findall(r"number=(SQ\d+)", page.url)
    press(page, "确认并提交签批")
    return numbers


def answered(page: Any, head: Any, number: str, *, county: str = "") -> str:
    """The other office's steward proposes, without the telephone and for one county; its head concludes; the grant's number."""
    page.goto(f"/share/applications/{number}/propose/")
    page.check("input[name=decision][value=agree]")
    if county:
        page.uncheck("input[name=take_lxdh]")
        page.select_option("#id_scope_item_0", "hkszdxzqh")
        page.fill("#id_scope_values_0", county)
        # a further line must not bring back what was left out
        press(page, "再加一条")
        assert not page.is_checked("input[name=take_lxdh]")
    press(page, "报负责人审批")
    head.goto("/work/")
    head.click(f"main tr:has-text('{number}') a")
    press(head, "审批答复")
    press(head, "审批答复")
    return str(re.search(r"SH\d+", head.locator("main").inner_text() + head.content())[0])  # type: ignore[index]


def called(sample: str, secret: str, *arguments: str) -> str:
    """What a printed program prints."""
    environment = {**os.environ, "ZHENGTONG_SECRET": secret}
    done = subprocess.run([sys.executable, "-c", sample, *arguments], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_a_stranger_walks_the_loop(city: City, enter: Enter, tmp_path: Path) -> None:
    secret = system_with_key(enter("edu.developer"))
    divisions, persons = applied(enter("edu.steward"))
    for number in (divisions, persons):
        enter("edu.head").goto(f"/share/applications/{number}/sign/")
        press(enter("edu.head"), "签批")
    (number, name, county), elsewhere = people(city)
    answered(enter("civil.steward"), enter("civil.head"), divisions)
    grant = answered(enter("police.steward"), enter("police.head"), persons, county=county)

    developer = enter("edu.developer")
    developer.goto(f"/share/grants/{grant}/try/")
    sample = developer.locator("#sample-1").text_content()
    deadline = time.monotonic() + _WAIT_SECONDS
    while not (answer := called(sample, secret, number)).startswith("200") and time.monotonic() < deadline:
        time.sleep(0.2)
    assert f'"xm":"{name[0]}{"*" * (len(name) - 1)}"' in answer
    assert '"data":[]' in called(sample, secret, elsewhere)
    assert "foreign-item" in called(sample.replace("&fields=", "&fields=lxdh,"), secret, number)
    assert "purpose-refused" in called(sample.replace('PURPOSE = "stranger"', 'PURPOSE = "marketing"'), secret, number)

    received(city, developer, grant, county)
    verified(enter("admin.audit"), tmp_path)


def received(city: City, page: Any, grant: str, county: str) -> None:
    """The office's own database gets the rows of the one county, their names masked."""
    with psycopg.connect(source_of(city, "postgres"), autocommit=True) as connection:
        connection.execute("create database stranger_front")
    page.goto("/work/fronts/")
    page.fill("#id_name", "自己的库")
    page.fill("#id_url", source_of(city, "stranger_front"))
    press(page, "测试并登记")
    page.goto(f"/share/grants/{grant}/push/")
    label = next(text for text in page.locator("#id_front option").all_inner_texts() if "自己的库" in text)
    page.select_option("#id_front", label=label)
    page.fill("#id_table", "residents")
    press(page, "建立推送")
    press(page, "现在推送")
    page.locator("main").get_by_text("已完成").first.wait_for()
    with psycopg.connect(source_of(city, "stranger_front")) as front:
        row = front.execute(
            "select count(*), count(*) filter (where xm like '_%*'), min(hkszdxzqh), max(hkszdxzqh) from residents"
        ).fetchone()
        columns = {one[0] for one in front.execute("select column_name from information_schema.columns where table_name = 'residents'")}
    assert row is not None
    assert row[0] == row[1] > 0
    assert row[2:] == (county, county)
    assert "lxdh" not in columns


def verified(page: Any, folder: Path) -> None:
    """The exported ledger verifies with its own script, which imports nothing of ours, and no longer once a byte is changed."""
    page.goto("/manage/ledger/exports/")
    press(page, "开始导出")
    button = page.locator("main button").filter(has_text="下载").first
    button.wait_for()
    with page.expect_download() as arriving:
        button.click()
    arriving.value.save_as(folder / "ledger.zip")
    with zipfile.ZipFile(folder / "ledger.zip") as archive:
        archive.extractall(folder)
    [script] = folder.rglob("verify_ledger.py")
    check = [sys.executable, "-I", str(script), str(script.parent)]
    assert "0 problems" in subprocess.run(check, capture_output=True, text=True, check=True).stdout
    blocks = max(
        (one for one in script.parent.rglob("*") if one.is_file() and one.suffix not in {".py", ".pem"}), key=lambda one: one.stat().st_size
    )
    content = blocks.read_bytes()
    assert b"stranger" in content
    blocks.write_bytes(content.replace(b"stranger", b"stranges", 1))
    assert subprocess.run(check, capture_output=True, text=True, check=False).returncode != 0
