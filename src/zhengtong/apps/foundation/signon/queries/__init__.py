"""Reads of relying systems, proposals, and of who is signed on where."""

from zhengtong.apps.foundation.signon.queries.id_tokens import Hint, issuer, read_hint
from zhengtong.apps.foundation.signon.queries.persons import SignedOn, consented, signed_on
from zhengtong.apps.foundation.signon.queries.systems import (
    ProposalView,
    SecretView,
    SystemUnknown,
    SystemView,
    open_proposal,
    open_proposals,
    proposals_of,
    secret_is_right,
    system,
    systems,
)

__all__ = [
    "Hint",
    "ProposalView",
    "SecretView",
    "SignedOn",
    "SystemUnknown",
    "SystemView",
    "consented",
    "issuer",
    "open_proposal",
    "open_proposals",
    "proposals_of",
    "read_hint",
    "secret_is_right",
    "signed_on",
    "system",
    "systems",
]
