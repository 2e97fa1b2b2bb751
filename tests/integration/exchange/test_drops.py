"""Files in drop folders: taken once, whole, in order, by nobody else's doing; and what was handed in and forgotten."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from factories import world
from factories.exchange import identity
from factories.sharing import NOW, Circle
from factories.sharing import resource as another_resource
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.exchange.models import Binding, DropFolder, FileEdition, Run
from zhengtong.apps.flow.exchange.operations import dropping, folders
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.errors import Invalid, Refused
from zhengtong.toolkit.environment import environment

pytestmark = pytest.mark.usefixtures("hub")

HEAD = "公民身份号码,姓名,手机号码,行政区划代码,出生日期,金额"
MAPPING = {"sfzh": "公民身份号码", "xm": "姓名", "sjh": "手机号码", "qh": "行政区划代码", "csrq": "出生日期", "je": "金额"}
LATER = NOW + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def places(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    monkeypatch.setenv("ZHENGTONG_DROP_ROOT", str(tmp_path / "drop"))
    environment.cache_clear()
    yield  # type: ignore[misc]
    monkeypatch.undo()
    environment.cache_clear()


def text(*numbers: int, head: str = HEAD) -> bytes:
    lines = [f"{identity(number)},王{number},1380000{number:04d},370102,1949-12-31,1" for number in numbers]
    return "\n".join([head, *lines, ""]).encode("gb18030")


def bind(circle: Circle, data: bytes, resource: int = 0, **changes: Any) -> None:
    resource = resource or circle.resource
    edition = exchange.receive_file(by=circle.keeper, resource_id=resource, stream=io.BytesIO(data), file_name="一.csv", now=NOW)
    exchange.bind_file(by=circle.keeper, resource_id=resource, wanted=exchange.FileBinding(edition, MAPPING, **changes), now=NOW)


@pytest.fixture
def circle(hub: str) -> Circle:
    made = Circle()
    bind(made, text(1))
    exchange.set_drop_folder(actor=made.keeper, resource_id=made.resource, folder="dibao", pattern="*.csv", now=NOW)
    return made


@pytest.fixture
def folder(circle: Circle, tmp_path: Path) -> Path:
    exchange.take_drops(now=NOW)  # makes it
    return tmp_path / "drop" / circle.provider.code / "dibao"


def put(folder: Path, name: str, data: bytes, *, at: int = 0, marked: bool = True) -> None:
    (folder / name).write_bytes(data)
    os.utime(folder / name, ns=(at, at))
    if marked:
        (folder / f"{name}.done").touch()


def carried_out() -> list[str]:
    """Carry out the runs that were asked for; how each ended."""
    return [str(exchange.carry_out(run)) for run in Run.objects.filter(state="queued").values_list("pk", flat=True)]


def hub_rows(resource: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from hub.r_{resource}")
        return int(cursor.fetchone()[0])


def lying(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_a_file_is_taken_collected_and_moved_away(circle: Circle, folder: Path) -> None:
    put(folder, "2026-06.csv", text(1, 2))
    assert exchange.take_drops(now=LATER) == 1
    assert carried_out() == ["finished"]
    assert hub_rows(circle.resource) == 2
    assert lying(folder) == {"done/2026-06.csv"}
    assert Run.objects.get().requested_by == "process:worker"
    assert exchange.editions(circle.resource)[0].file_name == "2026-06.csv"


def test_files_are_taken_one_run_after_the_other_oldest_first(circle: Circle, folder: Path) -> None:
    put(folder, "b.csv", text(2), at=1)
    put(folder, "a.csv", text(3), at=2)
    put(folder, "note.txt", b"")
    assert exchange.take_drops(now=LATER) == 1
    assert lying(folder) == {"a.csv", "a.csv.done", "note.txt", "note.txt.done", "done/b.csv"}
    assert exchange.take_drops(now=LATER) == 0  # the run is still open
    carried_out()
    assert exchange.take_drops(now=LATER) == 1
    carried_out()
    assert hub_rows(circle.resource) == 2
    assert Run.objects.count() == 2


def test_a_file_without_a_marker_is_complete_when_it_has_settled(circle: Circle, folder: Path) -> None:
    put(folder, "slow.csv", text(1, 2)[:60], marked=False)
    assert exchange.take_drops(now=NOW) == 0
    put(folder, "slow.csv", text(1, 2), marked=False)
    assert exchange.take_drops(now=NOW + timedelta(seconds=21)) == 0  # it has grown meanwhile
    assert exchange.take_drops(now=NOW + timedelta(seconds=40)) == 0
    assert exchange.take_drops(now=NOW + timedelta(seconds=42)) == 1
    carried_out()
    assert hub_rows(circle.resource) == 2


def test_the_same_bytes_are_taken_once_whatever_they_are_called(circle: Circle, folder: Path) -> None:
    put(folder, "first.csv", text(1, 2))
    exchange.take_drops(now=LATER)
    carried_out()
    put(folder, "again.csv", text(1, 2))
    put(folder, "first.csv", text(1, 2))
    assert exchange.take_drops(now=LATER) == 2
    assert Run.objects.count() == 1
    assert FileEdition.objects.count() == 2
    (digest,) = {name.split(".")[1] for name in lying(folder) if name.count(".") == 2}
    assert lying(folder) == {"done/first.csv", "done/again.csv", f"done/first.{digest}.csv"}


def test_a_kill_between_commit_and_move_doubles_nothing(circle: Circle, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "x.csv", text(1, 2))
    with monkeypatch.context() as killed:
        killed.setattr(folders.Folder, "move", lambda *_args, **_more: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            exchange.take_drops(now=LATER)
    assert exchange.take_drops(now=LATER) == 1
    assert Run.objects.count() == 1
    assert FileEdition.objects.filter(file_name="x.csv").count() == 1
    assert lying(folder) == {"done/x.csv"}


def test_a_kill_before_the_commit_leaves_the_file_to_the_next_turn(circle: Circle, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "x.csv", text(1, 2))
    real = dropping.replace_file

    def killed(**facts: Any) -> None:
        real(**facts)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(dropping, "replace_file", killed)
        with pytest.raises(KeyboardInterrupt):
            exchange.take_drops(now=LATER)
    assert Run.objects.count() == 0
    assert exchange.take_drops(now=LATER) == 1
    assert Run.objects.count() == 1


def test_what_cannot_be_taken_is_put_aside_with_the_reason(circle: Circle, folder: Path) -> None:
    put(folder, "wrong.csv", text(2, head=HEAD.replace("金额", "数额")))
    put(folder, "noise.csv", b"\x00\x01\x02")
    assert exchange.take_drops(now=LATER) == 2
    assert lying(folder) == {f"refused/{name}" for name in ("wrong.csv", "wrong.csv.reason.txt", "noise.csv", "noise.csv.reason.txt")}
    assert "金额" in (folder / "refused/wrong.csv.reason.txt").read_text()
    security.unfold()
    told = security.entries(security.EntryFilter(event="exchange:drop:refused"))
    assert {row.detail["file"] for row in told} == {"wrong.csv", "noise.csv"}
    assert all(row.outcome != "ok" and row.office == circle.provider.code for row in told)
    shown = exchange.drop_folder(circle.resource)
    assert shown is not None
    assert shown.refused_sentence
    assert Run.objects.count() == 0


def test_links_and_pipes_lead_nowhere(circle: Circle, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(text(1, 2, 3))
    (folder / "link.csv").symlink_to(secret)
    os.link(secret, folder / "second-name.csv")
    os.mkfifo(folder / "pipe.csv")
    for name in ("link", "second-name", "pipe"):
        (folder / f"{name}.csv.done").touch()
    assert exchange.take_drops(now=LATER) == 3
    assert Run.objects.count() == 0
    assert secret.read_bytes() == text(1, 2, 3)
    aside = {name for name in lying(folder) if not name.endswith(".txt")}
    assert aside == {f"refused/{name}.csv" for name in ("link", "second-name", "pipe")}


def test_a_folder_that_is_swapped_for_a_link_is_not_followed(circle: Circle, folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    put(elsewhere, "x.csv", text(1, 2))
    folder.rename(tmp_path / "was")
    folder.symlink_to(elsewhere)
    assert exchange.take_drops(now=LATER) == 0
    folder.unlink()
    folder.mkdir()
    (folder / "refused").symlink_to(elsewhere)
    put(folder, "noise.csv", b"\x00")
    assert exchange.take_drops(now=LATER) == 0
    assert lying(elsewhere) == {"x.csv", "x.csv.done"}
    security.unfold()
    assert not security.entries(security.EntryFilter(event="exchange:drop:refused"))  # nor is it told anew with every turn


@pytest.mark.parametrize("name", ["../other", "a/b", "/etc", ".", "..", ".hidden", "a..b", "a\0b"])
def test_a_folder_cannot_be_named_out_of_the_offices_own(circle: Circle, name: str) -> None:
    with pytest.raises(Invalid):
        exchange.set_drop_folder(actor=circle.keeper, resource_id=circle.resource, folder=name, pattern="*.csv", now=NOW)


@pytest.mark.parametrize("pattern", ["", "*/x", "[a]", "*.done", "../*"])
def test_a_pattern_names_files_only(circle: Circle, pattern: str) -> None:
    with pytest.raises(Invalid):
        exchange.set_drop_folder(actor=circle.keeper, resource_id=circle.resource, folder="dibao", pattern=pattern, now=NOW)


def test_one_folder_feeds_one_resource_and_only_its_keepers_name_it(circle: Circle) -> None:
    other = another_resource(circle.provider, name="另一份")
    with pytest.raises(exchange.NotBoundToFile):
        exchange.set_drop_folder(actor=circle.keeper, resource_id=other, folder="dibao", pattern="*.csv", now=NOW)
    bind(circle, text(1), other)
    with pytest.raises(exchange.FolderTaken):
        exchange.set_drop_folder(actor=circle.keeper, resource_id=other, folder="dibao", pattern="*.csv", now=NOW)
    stranger = circle.stranger
    with pytest.raises(Refused):
        exchange.set_drop_folder(actor=stranger, resource_id=circle.resource, folder="x", pattern="*", now=NOW)
    with pytest.raises(Refused):
        exchange.set_vanishing(actor=stranger, resource_id=circle.resource, percent=90, reason="x", now=NOW)
    exchange.set_drop_folder(actor=circle.keeper, resource_id=circle.resource, folder="", pattern="", now=NOW)
    assert not DropFolder.objects.exists()


# ------------------------------------------------------------------ how much may vanish
def test_more_than_the_limit_vanishes_only_after_somebody_has_said_why(circle: Circle, folder: Path) -> None:
    bind(circle, text(*range(1, 11)), absent="delete")
    exchange.start_collect(by=circle.keeper, resource_id=circle.resource, now=NOW)
    assert carried_out() == ["finished"]
    put(folder, "few.csv", text(1, 2))
    exchange.take_drops(now=LATER)
    assert carried_out() == ["failed"]
    assert hub_rows(circle.resource) == 10
    for percent, reason in ((0, "x"), (101, "x"), (90, " ")):
        with pytest.raises(Invalid):
            exchange.set_vanishing(actor=circle.keeper, resource_id=circle.resource, percent=percent, reason=reason, now=NOW)
    exchange.set_vanishing(actor=circle.keeper, resource_id=circle.resource, percent=90, reason="两个街道划出", now=NOW)
    exchange.start_collect(by=circle.keeper, resource_id=circle.resource, now=LATER)
    assert carried_out() == ["finished"]
    assert hub_rows(circle.resource) == 2
    security.unfold()
    (told,) = security.entries(security.EntryFilter(event="exchange:vanishing:set"))
    assert told.detail == {"percent": 90, "reason": "两个街道划出"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Binding.objects.update(vanishing_reason="")


# ------------------------------------------------------------------ handed in and forgotten
def test_what_was_never_bound_is_removed_after_some_days(circle: Circle) -> None:
    unbound = exchange.receive_file(by=circle.keeper, resource_id=circle.resource, stream=io.BytesIO(text(5)), file_name="x.csv", now=NOW)
    stored = FileEdition.objects.get(pk=unbound).stored
    lost = default_storage.save(f"exchange-files/{circle.resource}/lost", io.BytesIO(b"of a kill"))  # type: ignore[arg-type]
    kept = default_storage.save("ledger/other", io.BytesIO(b"not ours"))  # type: ignore[arg-type]
    written = default_storage.get_modified_time(lost)
    assert exchange.forget_uploads(before=min(NOW, written), now=NOW) == 0
    assert exchange.forget_uploads(before=max(NOW, written) + timedelta(days=1), now=LATER) == 2
    assert [default_storage.exists(name) for name in (stored, lost, kept)] == [False, False, True]
    assert FileEdition.objects.count() == 1  # the bound one
    assert default_storage.exists(FileEdition.objects.get().stored)
    security.unfold()
    (told,) = security.entries(security.EntryFilter(event="exchange:upload:forgotten"))
    assert (told.rows, told.office) == (1, circle.provider.code)


# ------------------------------------------------------------------ the page
def test_the_page_sets_folder_and_limit_and_turns_others_away(circle: Circle) -> None:
    browser, at = world.signed_in(circle.keeper), f"/work/bindings/{circle.resource}/file/handling/"
    assert f"{circle.provider.code}/dibao" in browser.get(at).content.decode()
    assert browser.post(at, {"folder": "../x", "pattern": "*.csv"}).status_code == 422
    assert browser.post(at, {"folder": "renkou", "pattern": "*.xlsx"}).status_code == 302
    assert DropFolder.objects.get().name == "renkou"
    assert browser.post(at, {"percent": "80", "reason": ""}).status_code == 422
    assert browser.post(at, {"percent": "80", "reason": "名单拆分"}).status_code == 302
    assert Binding.objects.get().most_vanishing == 80
    assert f"{circle.provider.code}/renkou" in browser.get(f"/work/bindings/{circle.resource}/").content.decode()
    stranger = world.signed_in(circle.stranger)
    assert stranger.get(at).status_code in {403, 404}
    assert stranger.post(at, {"folder": "x", "pattern": "*"}).status_code in {403, 404}
    assert DropFolder.objects.get().name == "renkou"
