"""
What stands between a call and any work: who calls, from where, under which grant, for which purpose, how often.

The order matters. The signature comes first, so that strangers learn nothing; the nonce is used up before the grant is looked at, so that
a captured call cannot even be refused twice; grant, network, purpose and channel come before the question is read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zhengtong.contracts.grants import Channel
from zhengtong.gateway.auth import Proof, authenticate
from zhengtong.gateway.refusals import (
    NetworkRefused,
    NoGrant,
    NotReady,
    PurposeMalformed,
    PurposeMissing,
    PurposeRefused,
    QuotaExhausted,
    RateExceeded,
    ServiceMismatch,
    TraceUnavailable,
    WrongChannel,
)
from zhengtong.kernel.sentences import say

if TYPE_CHECKING:
    from zhengtong.gateway.calls import Call
    from zhengtong.gateway.moments import Moments
    from zhengtong.gateway.routes import CompiledRoute, Routing
    from zhengtong.gateway.settings import Settings
    from zhengtong.gateway.tables import Account, Spent, Tables

_PURPOSE = re.compile(rb'\s*([A-Za-z0-9][A-Za-z0-9_.:/-]{0,63})\s*(?:;\s*case=(?:"([!#-\[\]-~]{1,128})"|([!#-+\--:<-~]{1,128})))?\s*')
#: calls without a grant: enough to look around, too few to fill the ledger
_WITHOUT_GRANT_SECOND, _WITHOUT_GRANT_DAY = 20, 20_000


class Admission:
    """Lets calls in."""

    def __init__(self, settings: Settings, tables: Tables, moments: Moments) -> None:
        self._origin, self._tables, self._moments = settings.origin, tables, moments
        self._strangers: dict[str, Account] = {}

    def identify(self, call: Call, routing: Routing | None, *, traceable: bool) -> Proof:
        """
        Find out who calls. The nonce is not used up while there is no snapshot or no ledger, so that the caller can repeat the call.

        :raises Refusal: a subclass says why not.
        """
        if routing is None:
            raise NotReady
        if not traceable:
            raise TraceUnavailable
        call.check_headers()
        proof = authenticate(call, routing, self._origin)
        call.caller = proof.caller
        return proof

    def admit_to_route(self, call: Call, routing: Routing, proof: Proof, channel: Channel | None) -> tuple[CompiledRoute, Spent]:
        """
        Check everything that does not depend on the question. ``channel`` None: the call only describes the grant, and needs no purpose.

        :raises Refusal: a subclass says why not.
        """
        purpose, case, malformed = _purpose(call.headers.get(b"zhengtong-purpose"))
        caller = proof.caller
        choices = routing.routes.get((caller.source.id, call.resource), ())
        route = choices[0] if len(choices) == 1 else _choose(choices, purpose, proof.service, call.now_ns)
        call.route = route
        spent = self._spend(call, proof, route)
        if not caller.may_call_from(call.address):
            raise NetworkRefused(say("不允许从 {address} 调用。", address=call.address))
        if route is None:
            raise NoGrant(field="resource", remedy="申请共享这个信息资源")
        if proof.service and proof.service != route.source.sid:
            raise ServiceMismatch(field="gjzwfwpt_sid")
        route.check_in_force(call.now_ns)
        if channel is None:
            return route, spent
        if not purpose and not malformed and call.national and len(route.purposes) == 1:
            purpose = next(iter(route.purposes))
        if malformed:
            raise PurposeMalformed(field="zhengtong-purpose", remedy="写作 用途代码;case=办件号")
        if not purpose:
            raise PurposeMissing(field="zhengtong-purpose", remedy="在 Zhengtong-Purpose 头写明用途代码")
        if purpose not in route.purposes:
            raise PurposeRefused(field="zhengtong-purpose")
        call.purpose, call.case = purpose, case
        if not route.allows(channel):
            raise WrongChannel
        return route, spent

    def admit_anywhere(self, call: Call, proof: Proof) -> Spent:
        """Check a call that concerns no single grant."""
        spent = self._spend(call, proof, None)
        if not proof.caller.may_call_from(call.address):
            raise NetworkRefused(say("不允许从 {address} 调用。", address=call.address))
        return spent

    def _spend(self, call: Call, proof: Proof, route: CompiledRoute | None) -> Spent:
        caller = proof.caller.source.id
        kept = self._strangers if route is None else route.accounts
        account = kept.get(caller)
        if account is None:
            if route is None:
                account = self._tables.account(caller, "", per_second=_WITHOUT_GRANT_SECOND, per_day=_WITHOUT_GRANT_DAY)
            else:
                quota = route.grant.quota
                account = self._tables.account(caller, route.grant.number, per_second=quota.per_second, per_day=quota.per_day)
            kept[caller] = account
        try:
            return self._tables.admit(nonce=proof.nonce, created=proof.created, account=account, now_ns=call.now_ns, day=self._moments.day)
        except RateExceeded as exc:
            exc.retry_after = 1
            raise
        except QuotaExhausted as exc:
            exc.retry_after = self._moments.until_tomorrow
            raise


def _purpose(header: bytes | None) -> tuple[str, str, bool]:
    """Purpose code, case number, and whether the header is malformed."""
    if header is None:
        return "", "", False
    match = _PURPOSE.fullmatch(header)
    if match is None:
        return "", "", True
    code, quoted, token = match.groups()
    return code.decode(), (quoted or token or b"").decode(), False


def _choose(choices: tuple[CompiledRoute, ...], purpose: str, service: str, now_ns: int) -> CompiledRoute | None:
    """Of several grants for one resource: the one for this service and purpose that is in force; else the one that comes nearest."""

    def fitness(route: CompiledRoute) -> tuple[bool, bool, bool]:
        in_force = route.state.value == "active" and route.not_before <= now_ns < route.not_after
        return (not service or route.source.sid == service, in_force and purpose in route.purposes, in_force)

    return max(choices, key=fitness, default=None)
