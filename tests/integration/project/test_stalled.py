"""A worker is really killed in the middle of an import: another takes it up, and every record is there once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from factories import catalog as factory
from factories import world
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.catalog.models import Resource
from zhengtong.kernel import clock
from zhengtong.project import stalled

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = Path(__file__).with_name("import_worker.py")


def worker(files: Path, *given: str) -> subprocess.Popen[str]:
    known = connection.settings_dict
    address = f"postgresql://{known['USER']}:{known['PASSWORD']}@/{known['NAME']}?host={known['HOST']}&port={known['PORT']}"
    environment = {
        **os.environ,
        "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "zhengtong.project.settings",
        "ZHENGTONG_VAR": str(files),
    }
    return subprocess.Popen([sys.executable, str(WORKER), *given], env=environment, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def files(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"  # type: ignore[attr-defined]
    return tmp_path


def jobs() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select status::text from procrastinate_jobs where task_name = 'catalog:run-import'")
        return [row[0] for row in cursor.fetchall()]


def test_an_import_of_a_killed_worker_is_taken_up_by_itself(files: Path) -> None:
    city = factory.city()
    data = json.dumps([{"id": str(number), "标题": f"名录{number}"} for number in range(5)]).encode()
    run = catalog.receive_import(actor=city.approver, office=city.bureau.code, data=data, file_name="a.json", now=world.NOW)
    catalog.start_import(
        actor=city.approver, run_id=run.id, mapping={"id": "source_id", "标题": "title"}, publish=False, class_code="", now=clock.now()
    )
    first = worker(files, "stall")
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "stalled\n"
        with pytest.raises(catalog.ImportBusy):
            catalog.run_import(run_id=run.id, now=clock.now())
    finally:
        first.kill()
        first.wait()
    assert jobs() == ["doing"]
    cut = catalog.import_run(run.id, actor=city.approver)
    assert (cut.state, cut.done, Resource.objects.count()) == ("running", 2, 2)
    assert stalled.take_up() == [], "half a minute of silence is not over"
    taken = stalled.take_up(silence=0)
    assert [one.task for one in taken] == ["catalog:run-import"]
    assert jobs() == ["todo"]
    second = worker(files)
    second.communicate(timeout=120)
    assert jobs() == ["succeeded"]
    done = catalog.import_run(run.id, actor=city.approver)
    assert (done.state, done.added, done.total, Resource.objects.count()) == ("done", 5, 5, 5)
    assert stalled.take_up(silence=0) == []
