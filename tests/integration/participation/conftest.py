"""Voices are about a dataset that is really open."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from factories.opening import Opening, divisions


@pytest.fixture
def opening(settings: Settings, transactional_db: None, tmp_path: Path, database_url: str) -> Opening:
    """A resource whose data lies in the hub: the platform's own database as exchange reaches it, past Django."""
    head, _, options = settings.DATABASE_URL.partition("?")
    settings.DATABASE_URL = f"{head.rpartition('/')[0]}/{connection.settings_dict['NAME']}?{options}"
    settings.MEDIA_ROOT = tmp_path / "files"
    divisions(database_url)
    return Opening(database_url)
