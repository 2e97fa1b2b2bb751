"""Pictures for social media: named in the page, made of what is published, gone with the dataset."""

from __future__ import annotations

import io
import re

import pytest
from django.test import Client
from PIL import Image

from factories.opening import Opening
from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.toolkit import pictures

pytestmark = pytest.mark.usefixtures("hub")


def named(address: str) -> str:
    page = Client().get(address).content.decode()
    found = re.search(r'property="og:image" content="http://testserver([^"]+)"', page)
    assert found, page[:2000]
    assert f'name="twitter:image" content="http://testserver{found[1]}"' in page
    return found[1]


def test_pages_name_their_card_and_it_is_a_picture(opening: Opening) -> None:
    number = opening.opened()
    for address in ("/open/", f"/open/datasets/{number}/"):
        answer = Client().get(named(address))
        assert (answer.status_code, answer["Content-Type"], answer["X-Content-Type-Options"]) == (200, "image/png", "nosniff")
        assert Image.open(io.BytesIO(answer.content)).size == (1200, 630)
        assert Client().get(named(address), headers={"if-none-match": answer["ETag"]}).status_code == 304


def test_no_parameter_writes_on_a_card(opening: Opening) -> None:
    number = opening.opened()
    here = f"/open/datasets/{number}/card.png"
    assert Client().get(here).content == Client().get(f"{here}?title=Hacked&v=7&office=x").content


def test_a_card_is_drawn_once(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    number = opening.opened()
    Client().get(f"/open/datasets/{number}/card.png")
    before = pictures.card.cache_info()
    Client().get(f"/open/datasets/{number}/card.png?v=2")
    assert pictures.card.cache_info().misses == before.misses


def test_a_card_goes_with_its_dataset_and_tells_no_rows_of_a_conditional_one(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, ...]] = []
    monkeypatch.setattr(pictures, "card", lambda _brand, _title, lines: seen.append(lines) or b"")
    number = opening.opened()
    Client().get(f"/open/datasets/{number}/card.png")
    assert "12 行" in seen[-1][1]
    opendata.withdraw(actor=opening.circle.chief, number=number, reason="有误", now=NOW)
    assert Client().get(f"/open/datasets/{number}/card.png").status_code == 410
    opening.opened(conditions=opendata.Conditions("company", "研究区划沿革", "加密保存,不得转让", 365, 180))
    Client().get(f"/open/datasets/{number}/card.png")
    assert seen[-1][1].startswith("有条件开放")
    assert Client().get("/open/datasets/999999/card.png").status_code == 404
