"""People of the demo city act on a dataset whose rows a real department has."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from factories.opening import Opening, divisions


@pytest.fixture
def hub(settings: Settings, transactional_db: None, tmp_path: Path) -> str:
    """The platform's own database as exchange reaches it, past Django, and a file store of its own."""
    head, _, options = settings.DATABASE_URL.partition("?")
    settings.DATABASE_URL = f"{head.rpartition('/')[0]}/{connection.settings_dict['NAME']}?{options}"
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.DATABASE_URL


@pytest.fixture
def opening(hub: str, database_url: str) -> Opening:
    """A resource whose data lies in the hub."""
    divisions(database_url)
    return Opening(database_url)
