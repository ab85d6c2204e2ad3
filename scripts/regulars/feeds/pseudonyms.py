"""Ids of a system that takes addresses or telephone numbers for ids, under a keyed pseudonym.

It is made as a row is loaded, so that no id of such a system stands anywhere else: the same in
every feed and every night, by the warehouse's key, which a backup holds. Of an e-mail address the
case does not count. The loader computes it in SQL, an erasure that reads files here.
"""

from __future__ import annotations

import hashlib
import unicodedata
from string import ascii_lowercase, ascii_uppercase

DIGITS = 24  # of the hash: two of a billion ids meet once in a hundred billion companies
KIND = "pseudonym"
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def in_sql(value: str) -> str:
    """SQL: the pseudonym of an expression, null of null."""
    plain = f"trim(normalize({value}, NFKC))"
    # no lower(): what it makes of letters beyond these hangs on the server's locale
    lower = f"translate({plain}, '{ascii_uppercase}', '{ascii_lowercase}')"
    form = f"case when {plain} like '%@%' then {lower} else {plain} end"
    return (
        "'p' || left(encode(sha256((select key from decisions.suppression_key)"
        f" || convert_to('{KIND}|' || {form}, 'UTF8')), 'hex'), {DIGITS})"
    )


def of(key: bytes, value: str) -> str:
    """The same of a text."""
    plain = unicodedata.normalize("NFKC", value).strip(" ")
    form = plain.translate(_LOWER) if "@" in plain else plain
    return "p" + hashlib.sha256(key + f"{KIND}|{form}".encode()).hexdigest()[:DIGITS]
