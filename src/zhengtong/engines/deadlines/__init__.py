"""
Statutory time: which days count (``calendar``), how much of a period is used (``clock``), why (``explanation``), whom to warn (``alerts``),
and what the law allows (``statute``).

Nothing here stores a due date or reads a clock: a period is a budget and a ledger of events, and the moment of asking is passed in.
"""
