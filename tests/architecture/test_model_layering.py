"""Foreign keys written as strings are invisible to import-linter; hold them to the same storeys."""

from __future__ import annotations

import tomllib
from itertools import chain
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Field

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def ranks() -> dict[str, int]:
    """Every app's place in the contracts, counted from the ground: a higher one may point at a lower one."""
    contracts = tomllib.loads(PYPROJECT.read_text())["tool"]["importlinter"]["contracts"]
    layers = {contract["containers"][0]: contract["layers"] for contract in contracts if len(contract.get("containers", ())) == 1}
    groups = [f"zhengtong.apps.{group.strip('()')}" for group in reversed(layers["zhengtong.apps"])]
    storeys = chain.from_iterable([(group, layer) for layer in reversed(layers.get(group, []))] for group in groups)
    return {f"{group}.{app.strip(' ()')}": rank for rank, (group, layer) in enumerate(storeys) for app in layer.split("|")}


RANKS = ranks()
RELATIONS = [
    field
    for model in apps.get_models()
    for field in model._meta.get_fields()
    if isinstance(field, Field) and field.is_relation and field.related_model
]


@pytest.mark.parametrize("field", RELATIONS, ids=str)
def test_foreign_keys_point_downwards(field: Field) -> None:
    source = apps.get_app_config(field.model._meta.app_label).name
    target = apps.get_app_config(field.related_model._meta.app_label).name
    if source == target or source not in RANKS or target not in RANKS:
        return
    assert RANKS[source] > RANKS[target], f"{source} must not point up at {target}"


def test_every_app_of_ours_has_a_rank() -> None:
    ours = {config.name for config in apps.get_app_configs() if config.name.startswith("zhengtong.apps.")}
    assert ours <= set(RANKS)
