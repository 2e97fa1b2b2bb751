"""An application as its pages show it."""

from __future__ import annotations

from typing import Any

from zhengtong.apps.flow.sharing import api
from zhengtong.apps.flow.sharing.web.words import CHANNEL_NAMES, MASKS, OPERATORS, SHARING_TYPES
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.toolkit.ui.speech import listed


def words_of(view: api.ApplicationView) -> dict[str, Any]:
    """An application with the names that people read."""
    names = {item.key: item.name for item in catalog.resource(view.resource_id).items}
    answer = view.answer
    return {
        "one": view,
        "names": names,
        "channels": [CHANNEL_NAMES[one] for one in view.channels],
        "sharing_type": SHARING_TYPES.get(view.sharing_type, ""),
        "system": identity.system(view.system) if view.system else None,
        "answer_items": [(names.get(key, key), MASKS[answer["masks"].get(key, "none")]) for key in answer.get("items", ())],
        "answer_scope": [
            (names.get(rule["item"], rule["item"]), OPERATORS[rule["operator"]], listed(rule["values"]))
            for rule in answer.get("row_scope", ())
        ],
    }
