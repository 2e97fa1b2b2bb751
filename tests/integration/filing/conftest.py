"""The gateway that tests of filing ask."""

import pytest

from factories.filing import Gateway, Town, gateway

__all__ = ["gateway", "town"]


@pytest.fixture
def town(gateway: Gateway, db: None) -> Town:
    """An office, sources and a process."""
    return Town(gateway)
