"""Letters as an address is compared by: without marks, as somebody writes them who has no such key
(ř is r, ł is l, ά is α), and those that are written out (ß is ss, æ is ae).

The models read them as dbt's variable `plain_letters` (macro without_accents), small letters alone:
the macro makes all of them small first.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import chain

_LETTERS = "".join(
    chr(n)
    for n in chain(range(0xC0, 0x250), range(0x370, 0x500), range(0x1E00, 0x1F00))
    if unicodedata.category(chr(n)) == "Ll" and chr(n) == chr(n).lower()
)
_STROKED = re.compile(r"LATIN SMALL LETTER (?:DOTLESS )?([A-Z])(?: WITH .*)?")
_BY_HAND = {"ð": "d", "ς": "σ"}
_WRITTEN_OUT = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ĳ": "ij"}


def _bare(letter: str) -> str:
    """The letter without its marks; itself where it has none."""
    base = unicodedata.normalize("NFD", letter)[0]
    if named := _STROKED.fullmatch(unicodedata.name(base)):
        return named[1].lower()
    return _BY_HAND.get(base, base)


_PLAIN = {letter: bare for letter in _LETTERS if (bare := _bare(letter)) != letter}
_MARKS = sorted({mark for letter in _LETTERS for mark in unicodedata.normalize("NFD", letter)[1:]})

PLAIN_LETTERS = {
    "written": "".join(_PLAIN),
    "plain": "".join(_PLAIN.values()),
    "marks": "".join(_MARKS),
    "written_out": [[letter, letters] for letter, letters in _WRITTEN_OUT.items()],
}
"""written, plain: each letter with marks and, at its place, the one without; marks: those that may
stand behind a letter instead; written_out: a letter and the several that it is written as."""
