"""The size a reader can hold: modules up to 500 lines, functions up to 60, no drawers for everything."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src/zhengtong"
MODULES = [path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts]
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "core"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_module_and_functions_stay_readable(module: Path) -> None:
    text = module.read_text()
    assert text.count("\n") <= 500
    long = [
        f"{node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 60
    ]
    assert not long
    assert module.stem not in DRAWERS


@pytest.mark.parametrize("module", [path for path in MODULES if path.stat().st_size], ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_says_what_it_is(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text()))
