"""Scores are measured on what is really open."""

from integration.opendata.conftest import hub, opening

__all__ = ["hub", "opening"]
