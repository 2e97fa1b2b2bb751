"""Writes: registering, checking real names, rights to act for others."""

from zhengtong.apps.affairs.citizens.operations.acting import (
    NotRepresentative,
    accept_right,
    act_as,
    add_guardian,
    bind_company,
    give_agent,
    give_delegate,
    heal_rights,
    revoke_right,
)
from zhengtong.apps.affairs.citizens.operations.asking import RegisterSetting, ask, set_register
from zhengtong.apps.affairs.citizens.operations.guarding import guard, note_failure
from zhengtong.apps.affairs.citizens.operations.registering import (
    NameRefused,
    Registration,
    check_again,
    heal_names,
    register,
)

__all__ = [
    "NameRefused",
    "NotRepresentative",
    "RegisterSetting",
    "Registration",
    "accept_right",
    "act_as",
    "add_guardian",
    "ask",
    "bind_company",
    "check_again",
    "give_agent",
    "give_delegate",
    "guard",
    "heal_names",
    "heal_rights",
    "note_failure",
    "register",
    "revoke_right",
    "set_register",
]
