"""Each test of quality has a file store of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def own_files(settings: Settings, tmp_path: Path) -> Path:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, var=tmp_path)
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path
