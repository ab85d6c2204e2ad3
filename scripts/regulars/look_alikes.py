"""Letters and digits that are taken for another one where an id is matched as a careless hand wrote
it: compatibility forms (full width, raised, circled, mathematical), digits of every script, and
letters of Cyrillic and Greek that look Latin.

The models read them as dbt's variable `look_alikes` (macro loose_id), the last check before the
files here. Such an id stops a contact and does nothing else.
"""

from __future__ import annotations

import unicodedata

_CYRILLIC = dict(zip("АВЕЅІЈКМНОРСТУХаеѕіјкорсухЗ", "ABESIJKMHOPCTYXaesijkopcyx3", strict=True))
_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαικνρτυχγ", "ABEZHIKMNOPTYXoaikvptuxy", strict=True))


def _plain(letter: str) -> str | None:
    """The ASCII letter or digit that it stands for by its own name; None for any other."""
    folded = unicodedata.normalize("NFKC", letter)
    if len(folded) == 1 and folded.isascii() and folded.isalnum():
        return folded
    digit = unicodedata.decimal(letter, None)
    return None if digit is None else str(digit)


_BY_NAME = {chr(n): plain for n in range(0x80, 0x20000) if (plain := _plain(chr(n)))}
_MEANT = _BY_NAME | _CYRILLIC | _GREEK

LOOK_ALIKES = ("".join(_MEANT), "".join(_MEANT.values()))
"""As they are written, and letter by letter as they are meant."""
