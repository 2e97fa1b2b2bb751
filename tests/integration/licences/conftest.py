"""An office that issues licences."""

from __future__ import annotations

import pytest

from factories import licences


@pytest.fixture
def desk(db: None) -> licences.Desk:
    return licences.desk()
