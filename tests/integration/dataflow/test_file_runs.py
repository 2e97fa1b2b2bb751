"""Files into hub tables: the same counts, quarantine and restart as from a database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.integration.dataflow.conftest import World
from zhengtong.engines.dataflow.connectors.files.reader import FileSource
from zhengtong.engines.dataflow.ddl import create_table_sql
from zhengtong.engines.dataflow.items import Item, ItemType
from zhengtong.engines.dataflow.job import Job
from zhengtong.engines.dataflow.reconcile import Counts
from zhengtong.engines.dataflow.rules import CodeList, NotNull, Unique
from zhengtong.kernel.sentences import from_text

SCHOOLS = (
    Item(key="code", name="学校标识码", length=10, is_key=True),
    Item(key="name", name="学校名称", length=60),
    Item(key="place", name="所在地", length=40),
    Item(key="level", name="办学层次", length=10),
    Item(key="province", name="分组", length=40),
    Item(key="note", name="备注", length=100),
)


def file_job(world: World, source: FileSource, items: tuple[Item, ...], table: str, **changes: object) -> Job:
    if world.sql("select to_regclass(%s)", table) == [(None,)]:
        for statement in create_table_sql("public", table, items):
            world.sql(statement)
    job = world.job(source=source, items=items, mapping={item.key: item.name for item in items}, **changes)
    return replace(job, target=replace(job.target, table=table))


def test_the_register_of_schools_arrives_whole(world: World, shared_data: Path) -> None:
    (path,) = (shared_data / "registers").iterdir()
    rules = (CodeList(item="level", codes=("本科", "专科")), NotNull(item="province"))
    job = file_job(world, FileSource.looked_at(path), SCHOOLS, "school", rules=rules, chunk_rows=700)
    assert world.run(job).counts == Counts(read=2919, inserted=2919)
    assert world.sql("select level, count(*) from school group by 1 order by 2") == [("本科", 1365), ("专科", 1554)]
    assert world.sql("select count(distinct province), count(note) filter (where note = '') from school") == [(31, 0)]
    assert world.run(job).counts == Counts(read=2919, unchanged=2919)


def test_decimals_of_gdp(world: World, shared_data: Path) -> None:
    path = shared_data / "macro/gdp-by-province-gb18030.csv"
    items = (
        Item(key="region", name="地区", is_key=True),
        Item(key="y2024", name="2024年", type=ItemType.DECIMAL, precision=9, scale=1),
    )
    assert world.run(file_job(world, FileSource.looked_at(path), items, "gdp")).counts == Counts(read=31, inserted=31)
    assert world.sql("select y2024::text from gdp where region = '北京市'") == [("49670.2",)]


PEOPLE = (
    Item(key="id", name="id", type=ItemType.INTEGER, is_key=True),
    Item(key="name", name="name"),
    Item(key="born", name="born", type=ItemType.DATE),
)


def messy(tmp_path: Path, rows: int = 40) -> Path:
    """Rows 1 to ``rows`` with a ragged one, a repeat, a bad date, a NUL and a missing key among them."""
    lines = [f"{number},n{number},2000-01-01" for number in range(1, rows + 1)]
    lines[4] = "5,ragged"
    lines[9] = "1,again,2000-01-01"
    lines[14] = "15,n15,2000-02-30"
    lines[19] = "20,a\0b,2000-01-01"
    lines[24] = ",nobody,2000-01-01"
    path = tmp_path / "people.csv"
    path.write_text("id,name,born\n" + "\n".join(lines) + "\n")
    return path


def test_each_bad_row_says_why_and_where(world: World, tmp_path: Path) -> None:
    job = file_job(world, FileSource.looked_at(messy(tmp_path)), PEOPLE, "people", chunk_rows=6)
    assert world.run(job).counts == Counts(read=40, inserted=35, quarantined=4, duplicates=1)
    found = world.sql("select line, rules, reason, row from zhengtong.exchange_quarantine order by line")
    assert [(line, rules) for line, rules, _, _ in found] == [
        (6, ["row-shape"]),
        (11, ["duplicate-key"]),
        (16, ["type:born"]),
        (21, ["nul-character"]),
        (26, ["not-null:id"]),
    ]
    assert (from_text(found[0][2]), found[0][3]) == ("第 6 行有 2 列,应为 3 列", ["5", "ragged"])
    assert found[3][3]["name"] == "a␀b"


def test_a_stopped_file_goes_on_at_its_line(world: World, tmp_path: Path, stop_after: Callable[[int], Callable[[], bool]]) -> None:
    job = file_job(world, FileSource.looked_at(messy(tmp_path)), PEOPLE, "people", chunk_rows=6)
    first = world.run(job, stop=stop_after(2))
    assert not first.finished
    second = world.run(job)
    assert (second.run, second.counts) == (first.run, Counts(read=40, inserted=35, quarantined=4, duplicates=1))


def test_another_file_under_the_same_name_starts_anew(
    world: World, tmp_path: Path, stop_after: Callable[[int], Callable[[], bool]]
) -> None:
    path = messy(tmp_path)
    job = file_job(world, FileSource.looked_at(path), PEOPLE, "people", chunk_rows=6)
    first = world.run(job, stop=stop_after(2))
    path.write_text("id,name,born\n100,x,2001-01-01\n")
    second = world.run(job)
    assert (second.run != first.run, second.counts) == (True, Counts(read=1, inserted=1))


def test_one_value_in_a_file_holds_across_chunks(world: World, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("id,name,born\n" + "".join(f"{number},n{number % 7},\n" for number in range(20)))
    job = file_job(world, FileSource.looked_at(path), PEOPLE, "people", chunk_rows=5, rules=(Unique(item="name"),))
    assert world.run(job).counts == Counts(read=20, inserted=7, quarantined=13)
