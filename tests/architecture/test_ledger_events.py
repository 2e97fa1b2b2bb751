"""The published vocabulary of the ledger is the one that the source writes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from zhengtong.apps.flow.sharing.rules.clocks import EventKind

ROOT = Path(__file__).parents[2]
EVENT = re.compile(r"[a-z]+:[a-z-]+:[a-z-]+")
DOCUMENT = ROOT / "docs/protocols/ledger-events.md"
#: names of addresses, which look the same
NOT_EVENTS = {"front"}


def table(text: str) -> set[str]:
    return set(re.findall(r"^\| `([a-z:-]+)` \|", text, re.MULTILINE))


def written(source: str) -> Iterator[str]:
    """Every event in a module; a part that is known at run time alone is ``*``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and EVENT.fullmatch(node.value):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "*" for part in node.values)
            if re.fullmatch(r"[a-z]+:[a-z-]+:\*", text) and text.split(":")[0] not in NOT_EVENTS:
                yield text


def missing(events: set[str], known: set[str]) -> set[str]:
    return {one for one in events if one not in known and not any(re.fullmatch(one.replace("*", "[a-z-]+"), row) for row in known)}


EVENTS = {event for path in (ROOT / "src").rglob("*.py") for event in written(path.read_text())}


def test_every_event_in_the_source_is_in_the_table() -> None:
    assert not missing(EVENTS, table(DOCUMENT.read_text()))


def test_every_row_of_the_table_is_written_somewhere() -> None:
    families = [one.replace("*", "[a-z-]+") for one in EVENTS if "*" in one]
    assert not {row for row in table(DOCUMENT.read_text()) if row not in EVENTS and not any(re.fullmatch(one, row) for one in families)}


def test_every_kind_of_event_of_sharing_is_in_the_table() -> None:
    known = table(DOCUMENT.read_text())
    assert not [kind for kind in EventKind if not {f"sharing:application:{kind}", f"sharing:grant:{kind}"} & known]


def test_every_event_of_a_resource_is_in_the_table() -> None:
    known = table(DOCUMENT.read_text())
    folder = ROOT / "src/zhengtong/apps/resources/catalog/operations"
    calls = {
        word for path in folder.glob("*.py") for word in re.findall(r'storing\.(?:finish|tell|record)\(row, "([a-z-]+)"', path.read_text())
    }
    assert calls
    assert not [word for word in calls if f"catalog:resource:{word}" not in known]


@pytest.mark.parametrize(
    "source", ['security.record("nobody:knows:this", at=now)', 'record(f"nobody:knows:{kind}")', 'EntryForm.of(event="gateway:x:y")']
)
def test_an_event_that_the_table_lacks_is_noticed(source: str) -> None:
    assert missing(set(written(source)), table(DOCUMENT.read_text()))
