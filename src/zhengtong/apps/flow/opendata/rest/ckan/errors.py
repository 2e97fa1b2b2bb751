"""Refusals in CKAN's own shape: a type that clients tell apart, a message or fields with what is wrong, a status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class CkanError(Exception):
    """A refusal. ``kind`` and ``status`` are CKAN's (ckan/views/api.py)."""

    kind = "Search Error"
    status = 409

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)

    def document(self) -> dict[str, Any]:
        """The member ``error`` of the answer."""
        return {"__type": self.kind, "message": self.message}


class NotThere(CkanError):
    """There is none, or it is not open."""

    kind, status = "Not Found Error", 404

    def __init__(self, message: str = "") -> None:
        super().__init__(f"Not found: {message}" if message else "Not found")


class NotPermitted(CkanError):
    """An action that changes something: nothing is changed here."""

    kind, status = "Authorization Error", 403


class QueryWrong(CkanError):
    """A query that is not understood."""

    kind, status = "Search Query Error", 400


class BadRequest(CkanError):
    """A request that cannot be read at all; CKAN answers with a plain sentence."""

    kind, status = "Bad Request", 400


class ParametersWrong(CkanError):
    """Parameters that break a rule, each with what is wrong."""

    kind, status = "Validation Error", 409

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self.fields = {name: list(sentences) for name, sentences in fields.items()}
        super().__init__("; ".join(f"{name}: {' '.join(sentences)}" for name, sentences in self.fields.items()))

    def document(self) -> dict[str, Any]:
        """Fields beside the type, without a message, as CKAN does."""
        return {"__type": self.kind, **self.fields}
