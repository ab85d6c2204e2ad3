"""Letters and digits that are taken for others where an id is matched as a careless hand wrote it:
compatibility forms (full width, raised, circled, mathematical), letters with marks, digits of every
script, letters of Cyrillic and Greek that look Latin, and those that are several in one (ﬁ, Ⅻ, ½,
ĳ, ß, æ).

The models read them as dbt's variable `look_alikes` (macro loose_id), the last check before the
files here. Such an id stops a contact and does nothing else.
"""

from __future__ import annotations

import re
import unicodedata

_CYRILLIC = dict(zip("АВЕЅІЈКМНОРСТУХаеѕіјкорсухЗ", "ABESIJKMHOPCTYXaesijkopcyx3", strict=True))
_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαικνρτυχγ", "ABEZHIKMNOPTYXoaikvptuxy", strict=True))
_SHARP_S = dict.fromkeys("ßẞ", "ss")
_LATIN = re.compile(r"LATIN \w+ (?:LETTER|LIGATURE) (?:DOTLESS )?([A-Z]{1,2})(?: WITH .*)?")


def _by_name(letter: str) -> str:
    """The ASCII letters or digit of its name (o of ø, ae of æ, 3 of ٣); itself without such."""
    if letter.isascii():
        return letter
    if (digit := unicodedata.decimal(letter, None)) is not None:
        return str(digit)
    named = _LATIN.fullmatch(unicodedata.name(letter, ""))
    return named[1].lower() if named else letter


def _plain(letter: str) -> str:
    """The ASCII letters and digits that it stands for; none where it stands for others."""
    parts = map(_by_name, unicodedata.normalize("NFKD", letter))
    plain = "".join(part for part in parts if part.isalnum())
    return plain if plain.isascii() else ""


_BY_THEMSELVES = {chr(n): plain for n in range(0x80, 0x20000) if (plain := _plain(chr(n)))}
_MEANT = _BY_THEMSELVES | _SHARP_S | _CYRILLIC | _GREEK
_SEVERAL = {meant.lower(): letter for letter, meant in _MEANT.items() if len(meant) > 1}
_ONE = {letter: _SEVERAL.get(meant.lower(), meant) for letter, meant in _MEANT.items()}

LOOK_ALIKES = {
    "written": "".join(_ONE),
    "meant": "".join(_ONE.values()),
    "several_in_one": [[letter, meant] for meant, letter in _SEVERAL.items()],
}
"""written: each as it is written; meant: letter by letter the one that is meant, or, of those that
mean the same several, one of them; several_in_one: that one, and what it means."""
