"""Reads of citizens, of the registers asked about them, of rights to act, and of who read about them."""

from zhengtong.apps.affairs.citizens.queries.keeping import digest_of, opened, sealed
from zhengtong.apps.affairs.citizens.queries.persons import (
    Holder,
    PersonUnknown,
    PersonView,
    account_of_number,
    find_account,
    person_of_account,
    registers,
    session_of,
)
from zhengtong.apps.affairs.citizens.queries.readers import Reading, readings
from zhengtong.apps.affairs.citizens.queries.rights import (
    ActingAs,
    RightUnknown,
    RightView,
    account_of,
    acting_as,
    claim,
    claims,
    rights_given,
    rights_held,
    rights_over,
    standing_of,
    usable_rights,
)

__all__ = [
    "ActingAs",
    "Holder",
    "PersonUnknown",
    "PersonView",
    "Reading",
    "RightUnknown",
    "RightView",
    "account_of",
    "account_of_number",
    "acting_as",
    "claim",
    "claims",
    "digest_of",
    "find_account",
    "opened",
    "person_of_account",
    "readings",
    "registers",
    "rights_given",
    "rights_held",
    "rights_over",
    "sealed",
    "session_of",
    "standing_of",
    "usable_rights",
]
