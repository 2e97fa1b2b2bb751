"""A conditional item makes an application conditional, whatever its resource is."""

from __future__ import annotations

import pytest

from zhengtong.apps.flow.sharing.rules import requests


@pytest.mark.parametrize(
    ("resource", "items", "expected"),
    [("1", ["", ""], "1"), ("1", ["", "2"], "2"), ("2", ["1", ""], "2"), ("3", ["2"], "3")],
)
def test_the_strictest_item_decides(resource: str, items: list[str], expected: str) -> None:
    assert requests.effective_type(resource, items) == expected
