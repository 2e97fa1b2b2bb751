"""The picture of a use: handed in with it, hidden until somebody has read it, shown to nobody else before."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from factories import world
from factories.opening import Opening
from factories.pictures import bomb, picture, with_place
from factories.sharing import NOW
from zhengtong.apps.flow.participation import api
from zhengtong.apps.flow.participation.models import Reuse, ReusePicture
from zhengtong.apps.foundation.identity import api as identity

TOKEN = re.compile(r'name="token" value="([^"]+)"')


def sent(client: Client, number: int, content: bytes | None, **changes: Any) -> Any:
    token = TOKEN.search(client.get("/open/reuses/new/").content.decode())
    assert token
    facts: dict[str, Any] = {"token": token[1], "title": "换乘通", "kind": "app", "maker": "云州快行", "link": "https://example.com/app"}
    facts |= {"summary": "公交换乘查询", "datasets": str(number), "caption": "换乘页面的截图"}
    if content is not None:
        facts["picture"] = SimpleUploadedFile("../../x.php", content, content_type="text/html")
    return client.post("/open/reuses/new/", {**facts, **changes})


def test_a_picture_goes_through_moderation_with_its_use(opening: Opening) -> None:
    number, client = opening.opened(), Client()
    answer = sent(client, number, with_place())
    assert answer.status_code == 302, answer.content.decode()
    receipt = answer["Location"]
    use = Reuse.objects.get()
    addresses = [f"/open/reuses/{use.number}/{name}" for name in ("", "picture.webp", "thumbnail.webp", "card.png")]
    # its author sees it, those who decide see it, nobody else does
    own = Client().get(f"{receipt}picture.webp")
    assert (own.status_code, own["Content-Type"], own["Cache-Control"]) == (200, "image/webp", "no-store")
    assert Image.open(io.BytesIO(own.content)).size == (480, 640)
    assert "王小明".encode() not in own.content
    assert f'src="{receipt}picture.webp"' in Client().get(receipt).content.decode()
    desk = f"/work/voices/{use.number}/picture.webp"
    assert world.signed_in(opening.circle.approver).get(desk).content == own.content
    assert Client().get(desk).status_code == 302
    assert world.signed_in(world.official(identity.Role.STEWARD)).get(desk).status_code == 404
    assert Client().get(f"{receipt[:-3]}xx/picture.webp").status_code == 404
    assert [Client().get(one).status_code for one in addresses] == [404] * 4
    assert "thumbnail.webp" not in Client().get("/open/reuses/").content.decode()

    api.show(actor=opening.circle.approver, number=use.number, now=NOW)
    assert [Client().get(one).status_code for one in addresses] == [200] * 4
    listed = Client().get("/open/reuses/").content.decode()
    assert f'src="{addresses[2]}" alt="换乘页面的截图"' in listed
    shown = Client().get(addresses[1])
    assert (shown["Cache-Control"], shown["X-Content-Type-Options"]) == ("no-cache", "nosniff")
    assert Client().get(addresses[1], headers={"if-none-match": shown["ETag"]}).status_code == 304
    assert f'property="og:image" content="http://testserver{addresses[3]}"' in Client().get(addresses[0]).content.decode()

    api.reject(actor=opening.circle.approver, number=use.number, reason="与数据无关", now=NOW)
    assert [Client().get(one).status_code for one in addresses] == [404] * 4


def test_a_use_without_a_picture_has_none(opening: Opening) -> None:
    number = opening.opened()
    assert sent(Client(), number, None, caption="").status_code == 302
    use = Reuse.objects.get()
    api.show(actor=opening.circle.approver, number=use.number, now=NOW)
    assert "<img" not in Client().get(f"/open/reuses/{use.number}/").content.decode()
    assert Client().get(f"/open/reuses/{use.number}/picture.webp").status_code == 404


@pytest.mark.parametrize(
    ("content", "changes", "words"),
    [
        (b"GIF89a<script>", {}, "文件不是能读的图片"),
        (bomb(30_000, 30_000), {}, "万像素"),
        (picture(size=(50, 50)), {}, "至少 120 像素"),
        (picture(), {"caption": ""}, "至少写 2 个字"),
        (picture(), {"caption": "联系 13812345678"}, "手机号码"),
        (None, {}, "没有图片"),
    ],
)
def test_hostile_files_and_half_answers_are_refused(opening: Opening, content: bytes | None, changes: dict[str, str], words: str) -> None:
    answer = sent(Client(), opening.opened(), content, **changes)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Reuse.objects.exists()


def test_too_many_bytes_are_refused_before_anything_is_read(opening: Opening) -> None:
    answer = sent(Client(), opening.opened(), b"\0" * (6 * 2**20))
    assert answer.status_code == 413
    assert not Reuse.objects.exists()


def test_sending_twice_keeps_one_picture(opening: Opening) -> None:
    work = api.Work("换乘通", "app", "云州快行", "https://example.com/app", "公交换乘查询", (opening.opened(),), "", picture(), "截图")
    for _time in range(2):
        api.file_reuse(work=work, form="t", actor=None, now=NOW)
    assert (Reuse.objects.count(), ReusePicture.objects.count()) == (1, 1)
