"""
Cells of files that people open in a spreadsheet.

Threat model. A value that begins like a formula (``=``, ``+``, ``-``, ``@``, tab, carriage return) runs when somebody opens the file (CSV
injection). It gets an apostrophe in front, which spreadsheets show as text.
"""

from __future__ import annotations

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def plain_cell(value: object) -> str:
    """A value as text that no spreadsheet takes for a formula; numbers stay numbers."""
    text = str(value)
    if isinstance(value, int) or not text.startswith(_FORMULA_STARTS):
        return text
    return f"'{text}"
