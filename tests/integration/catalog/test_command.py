"""``zhengtong catalog``: what operators type, and what machines read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from factories import catalog as factory
from zhengtong.project.commands.catalog import group

pytestmark = pytest.mark.django_db


def run(*words: str, code: int = 0) -> dict[str, object]:
    answer = CliRunner().invoke(group, [*words, "--json"])
    assert answer.exit_code == code, answer.output
    found = json.loads(answer.stdout)
    assert isinstance(found, dict)
    return found


def test_a_portal_is_harvested_checked_and_exported(tmp_path: Path) -> None:
    city = factory.city()
    file, mapping = tmp_path / "portal.json", tmp_path / "mapping.json"
    file.write_text(json.dumps([{"名": "名录", "周期": "每年"}, {"名": ""}]), encoding="utf-8")
    mapping.write_text(json.dumps({"名": "title", "周期": "update_frequency"}), encoding="utf-8")
    first = run("import", str(file), "--mapping", str(mapping), "--office", city.bureau.code, "--source", "portal", "--publish")
    assert {name: first[name] for name in ("total", "added", "unchanged", "quarantined", "source")} == {
        "total": 2,
        "added": 1,
        "unchanged": 0,
        "quarantined": 1,
        "source": "portal",
    }
    assert (
        run("import", str(file), "--mapping", str(mapping), "--office", city.bureau.code, "--source", "portal", "--publish")["unchanged"]
        == 1
    )
    assert run("index", "rebuild") == {"entries": 1}
    city.published()
    assert run("index", "check", code=1)["database"] == 2
    assert run("index", "check", "--mend")["mended"] is True
    assert run("index", "check")["missing"] == []
    target = tmp_path / "out.xlsx"
    run("export", str(target), "--region", "37")
    assert target.read_bytes().startswith(b"PK")
    plain = CliRunner().invoke(group, ["export", str(tmp_path / "out.csv"), "--office", city.office.code])
    assert "已写入" in plain.stdout
    assert "殡葬火化信息" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
