"""Writes of relying systems, consent and signing off."""

from zhengtong.apps.foundation.signon.operations.persons import give_consent, note_sign_on, sign_off, tidy, token_replayed
from zhengtong.apps.foundation.signon.operations.systems import (
    NewSecret,
    add_secret,
    add_system,
    decide,
    propose,
    revoke_secret,
    set_active,
    withdraw,
)

__all__ = [
    "NewSecret",
    "add_secret",
    "add_system",
    "decide",
    "give_consent",
    "note_sign_on",
    "propose",
    "revoke_secret",
    "set_active",
    "sign_off",
    "tidy",
    "token_replayed",
    "withdraw",
]
