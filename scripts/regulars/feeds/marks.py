"""Marks between thousands that look alike: declared as one, taken as any of them."""

from __future__ import annotations

SPACES = ("\u00a0", "\u202f", "\u2009", "\u2007")  # no-break, narrow no-break, thin, of a digit
APOSTROPHE = "\u2019"  # the typographic one
ALIKE = {" ": "".join(SPACES), "'": APOSTROPHE}
PLAIN = {other: plain for plain, others in ALIKE.items() for other in others}
