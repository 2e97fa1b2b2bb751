"""Which characters are blank: what a cell looks empty with."""

from __future__ import annotations

#: Characters with the Unicode property White_Space, the separators of ASCII (U+001C to U+001F, blank to Python and not to Unicode), and the
#: spaces without width (U+200B, U+2060, U+FEFF), which copying from a web page or joining files leaves in cells that look empty.
BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
    "\x1c\x1d\x1e\x1f"
    "\u200b\u2060\ufeff"
)
#: A regular expression for one character that is not blank, where ``\\s`` means White_Space.
NOT_BLANK = r"[^\s\x1c-\x1f\x{200b}\x{2060}\x{feff}]"
