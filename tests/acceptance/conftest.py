"""A whole city with its processes and a browser, started once for all acceptance tests of a run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from factories.city import City, running_city

ROOT = Path(__file__).parents[2]
AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker has the city, and so there is one city."""
    for item in items:
        if "city" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("city"))


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The city of this run."""
    with running_city(tmp_path_factory.mktemp("city"), tmp_path_factory.mktemp("shared")) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """
    Debian's Chromium; required where everything is, else the tests are skipped without it.

    Not for the session: while it is there an event loop runs in this thread, which other tests must not find.
    """
    if CHROMIUM is None or not AXE.exists():
        if os.environ.get("ZHENGTONG_REQUIRE_ALL"):
            pytest.fail("chromium and axe-core are required here")
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=[*arguments, "--disable-component-update", "--disable-sync"])
        yield launched
        launched.close()
