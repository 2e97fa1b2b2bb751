"""Parameters of an action, as they came in an address, a form or a JSON object, read with their types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from zhengtong.apps.flow.opendata.rest.ckan.errors import ParametersWrong

_YES, _NO = frozenset({"true", "yes", "t", "y", "1", "on"}), frozenset({"false", "no", "f", "n", "0", "", "none"})
_LONGEST_NUMBER = 15


class Parameters:
    """Reads values by name; what is wrong is said in CKAN's words."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def raw(self, name: str) -> Any:
        """A value as it came; None where there is none."""
        value = self._given.get(name)
        return None if value == "" else value

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        value = self.raw(name)
        if value is None:
            return default
        if isinstance(value, list | dict):
            raise ParametersWrong({name: ["Must be a Unicode string value"]})
        return str(value)

    def required(self, name: str, *others: str) -> str:
        """A text that must be there, under its name or a former one."""
        for one in (name, *others):
            if found := self.text(one):
                return found
        raise ParametersWrong({name: ["Missing value"]})

    def number(self, name: str, default: int, *, most: int) -> int:
        """A whole number of 0 or more, cut to ``most`` as CKAN cuts it."""
        value = self.raw(name)
        if value is None:
            return default
        text = str(value).strip()
        if isinstance(value, bool) or not text.isdecimal():
            raise ParametersWrong({name: ["Invalid integer" if not text.removeprefix("-").isdecimal() else "Must be a natural number"]})
        return most if len(text) > _LONGEST_NUMBER else min(int(text), most)

    def signed(self, name: str, default: int) -> int:
        """A whole number; a negative one means without a limit."""
        text = str(self.raw(name) if self.raw(name) is not None else default).strip()
        return -1 if text.removeprefix("-").isdecimal() and text.startswith("-") else self.number(name, default, most=10**6)

    def queries(self, name: str) -> list[str]:
        """One query or several, none of them split."""
        value = self.raw(name)
        if isinstance(value, list):
            return [str(one) for one in value]
        return [self.text(name)] if value is not None else []

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Yes or no, in any of CKAN's words."""
        value = self.raw(name)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        text = str(value).strip().lower()
        if text not in _YES | _NO:
            raise ParametersWrong({name: ["Must be one of: true, false"]})
        return text in _YES

    def structure(self, name: str, kind: type[Any]) -> Any:
        """A list or an object, or a text that holds one as JSON; None where there is none."""
        value = self.raw(name)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                raise ParametersWrong({name: ["Cannot parse JSON"]}) from None
        if value is not None and not isinstance(value, kind):
            raise ParametersWrong({name: [f"Not a {'list' if kind is list else 'dictionary'}"]})
        return value

    def words(self, name: str) -> list[str]:
        """A list of texts, as a list, as JSON, or with commas between."""
        value = self.raw(name)
        if isinstance(value, str):
            value = self.structure(name, list) if value.lstrip().startswith("[") else value.split(",")
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, str | int) for one in value):
            raise ParametersWrong({name: ["Not a list of strings"]})
        return [str(one).strip() for one in value if str(one).strip()]
