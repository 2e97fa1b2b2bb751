"""Exchange runs on real databases: the hub is the test database, sources and front databases are others beside it."""

from __future__ import annotations

import pytest
from django.db import connection
from pytest_django import Settings


@pytest.fixture
def hub(settings: Settings, transactional_db: None) -> str:
    """The platform's own database as exchange reaches it, past Django."""
    head, _, options = settings.DATABASE_URL.partition("?")
    settings.DATABASE_URL = f"{head.rpartition('/')[0]}/{connection.settings_dict['NAME']}?{options}"
    return settings.DATABASE_URL
