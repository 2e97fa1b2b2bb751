"""
A routing snapshot, compiled: grants checked, and every question shape planned once.

A grant that is not signed by a trusted key does not become a route, whatever the snapshot around it says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import msgspec

from zhengtong.contracts import grants
from zhengtong.contracts.grants import Channel, Grant, GrantedItem, GrantState, Mask, Operator
from zhengtong.contracts.projection import UnknownItem, scope_sql, select_list
from zhengtong.contracts.routing import Column, Route, Snapshot
from zhengtong.contracts.signed import SignedDocument
from zhengtong.engines.crypto.signing import PublicKey
from zhengtong.gateway import plans
from zhengtong.gateway.batching import Batch
from zhengtong.gateway.credentials import CallerFile, Credential, compile_callers
from zhengtong.gateway.entries import EntryForm
from zhengtong.gateway.plans import Filter, Source
from zhengtong.gateway.refusals import (
    FilterRequired,
    ForeignItem,
    GrantExpired,
    GrantNotYet,
    GrantSuspended,
    GrantTerminated,
    MaskedRange,
    NotFilterable,
)
from zhengtong.gateway.settings import Keys
from zhengtong.gateway.tables import Account
from zhengtong.gateway.values import Check, check_for

_SHAPES_KEPT = 128
_FORMS_KEPT = 256
_RECEIVED = frozenset({Operator.EQ, Operator.IN})


class GrantNotTrusted(ValueError):
    """A grant cannot be served: its signature, its format or its items do not hold."""


def open_grant(document: SignedDocument, trusted: Mapping[str, PublicKey]) -> Grant:
    """
    Check and read a grant.

    :raises GrantNotTrusted: if no trusted key signed it, or it is no grant.
    """
    key = trusted.get(document.key_id)
    if key is None or key.scheme.value != document.scheme or not key.verify(document.payload.encode(), document.signature):
        raise GrantNotTrusted(f"not signed by a trusted key: {document.key_id!r}")
    try:
        return grants.decode(document.payload)
    except msgspec.MsgspecError as exc:
        raise GrantNotTrusted(str(exc)) from exc


@dataclass(frozen=True, slots=True)
class Item:
    """A granted item: how it is masked, and how values for it are checked (None: it cannot be filtered on)."""

    granted: GrantedItem
    check: Check | None
    #: ``person`` or ``company`` if values name one, else empty
    subject: str


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A question without its values: ``fields`` empty for all; ``filters`` in the order of the values."""

    fields: tuple[GrantedItem, ...]
    filters: tuple[Filter, ...]
    #: checks for the values, in their order
    checks: tuple[Check, ...]
    #: where look-ups by the whole unique key are collected; None if this is none
    lookups: Batch | None
    #: where pages are collected; those that go on after a cursor apart, none without a unique key
    pages: Batch
    pages_after: Batch | None
    names: tuple[str, ...]
    #: items of the unique key, which a cursor holds
    width: int
    #: (position among the values, kind) of those that name a person or a company
    named: tuple[tuple[int, str], ...]
    #: (event, caller, purpose) → the constant parts of the trace
    forms: dict[tuple[str, str, str], EntryForm]


@dataclass(eq=False)
class CompiledRoute:
    """One grant as it is served."""

    source: Route
    grant: Grant
    columns: Mapping[str, Column]
    items: Mapping[str, Item]
    purposes: frozenset[str]
    not_before: int
    not_after: int
    state: GrantState
    accounts: dict[str, Account] = field(default_factory=dict)
    #: parameter name → shape of the question that has this one equality filter and nothing else
    simple: dict[bytes, Shape] = field(default_factory=dict)
    _shapes: dict[tuple[str, tuple[Filter, ...]], Shape] = field(default_factory=dict)
    _verifications: dict[tuple[str, ...], Batch] = field(default_factory=dict)
    _forms: dict[tuple[str, ...], EntryForm] = field(default_factory=dict)

    @classmethod
    def of(cls, route: Route, trusted: Mapping[str, PublicKey]) -> CompiledRoute:
        """
        Check and compile.

        :raises GrantNotTrusted: if the route cannot be served.
        """
        grant = open_grant(route.grant, trusted)
        columns = {column.key: column for column in route.table.columns}
        subjects = route.table.subjects
        items = {
            item.key: Item(item, check_for(columns[item.key].type) if item.key in columns else None, subjects.get(item.key, ""))
            for item in grant.items
        }
        if grant.quota.per_second < 1 or not grant.items:
            raise GrantNotTrusted("a grant needs items and a rate of at least one call a second")
        try:
            select_list(grant.items, columns)
            scope_sql(grant.scope, columns)
        except UnknownItem as exc:
            raise GrantNotTrusted(exc.sentence) from exc
        if not columns.keys() >= {*route.table.unique, *route.table.indexed}:
            raise GrantNotTrusted("the table's keys are not among its columns")
        return cls(
            source=route,
            grant=grant,
            columns=columns,
            items=items,
            purposes=frozenset(purpose.code for purpose in grant.purposes),
            not_before=int(grant.not_before.timestamp() * 1_000_000_000),
            not_after=int(grant.not_after.timestamp() * 1_000_000_000),
            state=route.state,
        )

    @cached_property
    def table(self) -> Source:
        """The table under the row scope of the grant."""
        return Source(self.source.table, self.columns, self.grant.scope)

    def check_in_force(self, now_ns: int) -> None:
        """
        Refuse a grant that moves no data at ``now_ns``.

        :raises GrantSuspended, GrantTerminated, GrantNotYet, GrantExpired: saying why.
        """
        if self.state is GrantState.ACTIVE and self.not_before <= now_ns < self.not_after:
            return
        if self.state is GrantState.SUSPENDED:
            raise GrantSuspended(remedy="与提供方联系")
        if self.state is GrantState.TERMINATED:
            raise GrantTerminated
        raise GrantNotYet if now_ns < self.not_before else GrantExpired(remedy="重新申请共享")

    def item(self, key: str) -> Item:
        """
        A granted item.

        :raises ForeignItem: if the grant does not have it; whether the table has it stays unsaid.
        """
        item = self.items.get(key)
        if item is None:
            raise ForeignItem(field=key[:64])
        return item

    def filterable(self, key: str, operator: Operator) -> Item:
        """
        A granted item that may be compared so.

        :raises ForeignItem, NotFilterable, MaskedRange: if it may not.
        """
        item = self.item(key)
        if not item.granted.filterable or item.check is None:
            raise NotFilterable(field=key)
        if item.granted.mask is not Mask.NONE and operator is not Operator.EQ:
            raise MaskedRange(field=key)
        return item

    # ------------------------------------------------------------------ shapes, planned once
    def shape(self, wanted: str, filters: tuple[Filter, ...]) -> Shape:
        """
        The plans for a question: ``wanted`` is the text of ``fields``, empty for all.

        :raises ForeignItem, NotFilterable, MaskedRange, FilterRequired: if the grant does not allow it.
        """
        shape = self._shapes.get((wanted, filters))
        if shape is None:
            shape = self._plan(wanted, filters)
            if len(self._shapes) >= _SHAPES_KEPT:
                self._shapes.pop(next(iter(self._shapes)))
            self._shapes[wanted, filters] = shape
        return shape

    def _plan(self, wanted: str, filters: tuple[Filter, ...]) -> Shape:
        fields = tuple(self.item(key).granted for key in dict.fromkeys(wanted.split(","))) if wanted else self.grant.items
        items = tuple(self.filterable(each.item, each.operator) for each in filters)
        required = self.grant.required_filters
        if required and not any(each.item in required and each.operator in _RECEIVED for each in filters):
            raise FilterRequired(field=",".join(required))
        unique, most = self.table.table.unique, self.grant.quota.page_rows
        return Shape(
            fields=fields,
            filters=filters,
            checks=tuple(item.check for item in items if item.check is not None),
            lookups=self._lookups(fields, filters),
            pages=Batch(plans.pages(self.table, fields, filters, most, after=False)),
            pages_after=Batch(plans.pages(self.table, fields, filters, most, after=True)) if unique else None,
            names=tuple(item.key for item in fields),
            width=len(unique),
            named=tuple((number, item.subject) for number, item in enumerate(items) if item.subject),
            forms={},
        )

    def _lookups(self, fields: Sequence[GrantedItem], filters: tuple[Filter, ...]) -> Batch | None:
        """Equality on the whole unique key finds one row at most and needs no page."""
        keys = [each.item for each in filters]
        if not filters or sorted(keys) != sorted(self.table.table.unique) or any(each.operator is not Operator.EQ for each in filters):
            return None
        return Batch(plans.unique_lookup(self.table, fields, keys))

    def verification(self, keys: tuple[str, ...]) -> Batch:
        """The batch that answers whether a row has values for these items."""
        batch = self._verifications.get(keys)
        if batch is None:
            if len(self._verifications) >= _SHAPES_KEPT:
                self._verifications.pop(next(iter(self._verifications)))
            batch = self._verifications[keys] = Batch(plans.verification(self.table, keys))
        return batch

    def form(self, event: str, caller: CallerFile, purpose: str, channel: str, names: tuple[str, ...]) -> EntryForm:
        """The ledger entry of a call, all but what differs from call to call."""
        key = (event, caller.source.id, purpose, channel, *names)
        form = self._forms.get(key)
        if form is None:
            form = EntryForm.of(
                event=event,
                actor=f"caller:{caller.source.id}",
                office=caller.source.office,
                provider=self.grant.provider.code,
                resource=self.grant.resource,
                grant=self.grant.number,
                purpose=purpose,
                channel=channel,
                items=names,
            )
            if len(self._forms) < _FORMS_KEPT:
                self._forms[key] = form
        return form

    def allows(self, channel: Channel) -> bool:
        """Whether the grant has this channel."""
        return channel in self.grant.channels


@dataclass(frozen=True, eq=False)
class Routing:
    """A snapshot in service. ``keys`` by key id as it stands on the wire, ``requesters`` by national requester id."""

    version: int
    node: str
    callers: Mapping[str, CallerFile]
    keys: Mapping[bytes, tuple[CallerFile, Credential]]
    requesters: Mapping[str, CallerFile]
    #: (caller id, resource code) → its grants; rarely more than one
    routes: Mapping[tuple[str, str], tuple[CompiledRoute, ...]]
    by_caller: Mapping[str, tuple[CompiledRoute, ...]]
    by_source: Mapping[str, CompiledRoute]

    def in_service(self, route: CompiledRoute, now_ns: int) -> bool:
        """Whether a grant that an answer began under still moves data: for streams, asked again and again."""
        current = self.by_source.get(route.grant.number)
        return current is not None and current.state is GrantState.ACTIVE and current.not_before <= now_ns < current.not_after


def compile_routing(snapshot: Snapshot, keys: Keys, old: Routing | None, report: Callable[[str, str, str], None]) -> Routing:
    """
    Make a snapshot servable; routes and callers that did not change are taken over from ``old`` with all their plans.

    What cannot be trusted is left out and reported: kind (``grant`` or ``key``), which, why.
    """
    callers = compile_callers(snapshot.callers, keys.seal, old.callers if old else {}, lambda caller, reason: report("key", caller, reason))
    known = old.by_source if old else {}
    routes: dict[tuple[str, str], tuple[CompiledRoute, ...]] = {}
    by_caller: dict[str, tuple[CompiledRoute, ...]] = {}
    by_source: dict[str, CompiledRoute] = {}
    for number, route in enumerate(snapshot.routes):
        try:
            compiled = _compiled(route, keys, known)
        except Exception as exc:  # noqa: BLE001 - a route that cannot be read must not keep a revocation beside it from coming into force
            report("grant", f"route {number}", f"{type(exc).__name__}: {exc}")
            continue
        by_source[compiled.grant.number] = compiled
        for caller in compiled.grant.callers:
            if caller in callers:
                pair = (caller, compiled.grant.resource)
                routes[pair] = (*routes.get(pair, ()), compiled)
                by_caller[caller] = (*by_caller.get(caller, ()), compiled)
    return Routing(
        version=snapshot.version,
        node=snapshot.node,
        callers=callers,
        keys={credential.key_id.encode(): (file, credential) for file in callers.values() for credential in file.credentials},
        requesters={file.source.rid: file for file in callers.values() if file.source.rid},
        routes=routes,
        by_caller=by_caller,
        by_source=by_source,
    )


def _compiled(route: Route, keys: Keys, known: Mapping[str, CompiledRoute]) -> CompiledRoute:
    """A compiled route, the one before if nothing about it changed."""
    number = _stated_number(route)
    before = known.get(number)
    if before is not None and before.source == route:
        return before
    return CompiledRoute.of(route, keys.trusted)


class _Numbered(msgspec.Struct):
    number: str


def _stated_number(route: Route) -> str:
    """The number that a grant claims, only to find what it may be equal to."""
    try:
        return msgspec.json.decode(route.grant.payload, type=_Numbered).number
    except msgspec.MsgspecError as exc:
        raise GrantNotTrusted(str(exc)) from exc
