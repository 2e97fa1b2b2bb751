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
from zhengtong.apps.affairs.citizens.operations.codes import CodeWrong, begin_recovery, confirm_contact, finish_recovery, send_code
from zhengtong.apps.affairs.citizens.operations.confirming import ClaimOpened, open_claim, require_clerk, settle_claim
from zhengtong.apps.affairs.citizens.operations.guarding import guard, note_failure
from zhengtong.apps.affairs.citizens.operations.registering import (
    NameRefused,
    Registration,
    check_again,
    heal_names,
    register,
)

__all__ = [
    "ClaimOpened",
    "CodeWrong",
    "NameRefused",
    "NotRepresentative",
    "RegisterSetting",
    "Registration",
    "accept_right",
    "act_as",
    "add_guardian",
    "ask",
    "begin_recovery",
    "bind_company",
    "check_again",
    "confirm_contact",
    "finish_recovery",
    "give_agent",
    "give_delegate",
    "guard",
    "heal_names",
    "heal_rights",
    "note_failure",
    "open_claim",
    "register",
    "require_clerk",
    "revoke_right",
    "send_code",
    "set_register",
    "settle_claim",
]
