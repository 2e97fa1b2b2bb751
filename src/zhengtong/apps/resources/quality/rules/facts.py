"""What an entry is judged by: what it says, what is known of its import, its binding and the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol


class SaysItem(Protocol):
    """A data item as the catalog says it."""

    @property
    def key(self) -> str:
        """Its name for machines."""

    @property
    def name(self) -> str:
        """Its name for people."""

    @property
    def data_type(self) -> str:
        """The letter of its type."""

    @property
    def length(self) -> int | None:
        """Characters or digits; None where none is stated."""

    @property
    def is_key(self) -> bool:
        """Whether it tells the rows apart."""

    @property
    def dictionary(self) -> str:
        """The code list its values come from."""

    @property
    def sensitivity(self) -> str:
        """Which personal fact it holds."""


class Says(Protocol):
    """What a published entry says, in the elements of the national form; ``catalog.api.Content`` is one."""

    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def class_code(self) -> str: ...
    @property
    def format_class(self) -> str: ...
    @property
    def format_types(self) -> tuple[str, ...]: ...
    @property
    def sharing_type(self) -> str: ...
    @property
    def sharing_condition(self) -> str: ...
    @property
    def sharing_scope(self) -> str: ...
    @property
    def sharing_purpose(self) -> str: ...
    @property
    def sharing_modes(self) -> tuple[str, ...]: ...
    @property
    def legal_basis(self) -> str: ...
    @property
    def is_open(self) -> bool | None: ...
    @property
    def open_condition(self) -> str: ...
    @property
    def update_cycle(self) -> str: ...
    @property
    def data_level(self) -> str: ...
    @property
    def contact(self) -> str: ...
    @property
    def data_updated_on(self) -> date | None: ...
    @property
    def items(self) -> Sequence[SaysItem]: ...


@dataclass(frozen=True)
class Bound:
    """What stands behind an entry; ``collected_on`` is the day of the last finished collection, None before the first."""

    collected_on: date | None = None


@dataclass(frozen=True)
class Facts:
    """An entry on a day. ``flags`` are what its import left to be checked, as the catalog keeps them."""

    says: Says
    published_on: date
    today: date
    bound: Bound | None = None
    flags: Sequence[Mapping[str, object]] = ()
