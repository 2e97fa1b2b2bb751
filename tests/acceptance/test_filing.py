"""A citizen of the city files: values come through the real gateway, leave their traces, and make one case."""

from __future__ import annotations

import re
import time

import httpx
import pytest

from factories.city import City

pytestmark = pytest.mark.acceptance
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_ITEM = re.compile(r'href="(/services/items/[^"]+/)"[^>]*>\s*(?:<[^>]+>)*\s*老年人优待证办理')


def test_what_the_register_knows_is_filled_in_and_on_record(city: City) -> None:
    client = httpx.Client(base_url=city.web, timeout=60, follow_redirects=True)

    def sent(address: str, **form: str) -> httpx.Response:
        found = _TOKEN.search(client.get(address).text)
        assert found is not None
        return client.post(address, data={"csrfmiddlewaretoken": found[1], **form}, headers={"Referer": city.web})

    number = city.citizens["长辈"]
    assert sent("/me/login/", number=number, password="demo").status_code == 200
    listed = client.get("/services/", params={"q": "老年人优待证办理"}).text
    item = _ITEM.search(listed)
    assert item is not None, listed[:3000]
    apply = re.search(r'href="(/me/apply/[^"]+/)"', client.get(item[1]).text)
    assert apply is not None
    page = sent(apply[1])
    base = re.sub(r"questions/.*", "", page.url.path)
    assert sent(f"{base}questions/may/", act="go", **{"old-there": "1", "old": "yes"}).url.path == f"{base}questions/person/"
    person = client.get(f"{base}questions/person/").text
    assert "来自云州市公安局" in person
    assert f"{number[:6]}********{number[-4:]}" in person
    assert 'name="number"' not in person
    phone = re.search(r'name="phone" value="([^"]*)"', person)
    answer = sent(f"{base}questions/person/", act="go", phone=(phone[1] if phone else "") or "13800001234")
    while "/questions/" in answer.url.path:
        answer = sent(answer.url.path, act="go")
    assert answer.url.path == f"{base}materials/"
    for _document in range(8):
        answer = sent(answer.url.path)
        if "/check/" in answer.url.path:
            break
        files = {"file": ("照片.pdf", b"%PDF-1.7 photo", "application/pdf")}
        token = _TOKEN.search(answer.text)
        assert token is not None
        data = {"csrfmiddlewaretoken": token[1], "way": "upload|"}
        answer = client.post(answer.url.path, data=data, files=files, headers={"Referer": city.web})
        assert answer.status_code == 200, answer.text[:3000]
    receipts = [sent(f"{base}check/") for _click in range(2)]
    numbers = {re.search(r"<code[^>]*>(\w{20,})</code>", one.text)[1] for one in receipts}  # type: ignore[index]
    assert len(numbers) == 1
    # who read about me: the platform, for this filing, what was filled in
    for _wait in range(20):
        readers = client.get("/me/readers/").text
        if "service-filing" in readers and numbers & set(re.findall(r"\w{20,}", readers)):
            break
        time.sleep(0.5)
    assert "常住人口基本信息" in readers
    assert "提交了申请" in readers
