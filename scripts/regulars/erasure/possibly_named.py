"""Whom of several people a file may name: one reading for all spares most files the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Words = Mapping[int, frozenset[bytes]]  # of each person, in lower case


def lowered(words: Iterable[str], encoding: str) -> frozenset[bytes]:
    return frozenset(word.encode(encoding, "replace").lower() for word in words)


def found(blocks: Iterable[bytes], words: Words) -> set[int]:
    """Of whom a word stands there, in whichever case its ASCII letters are, also across blocks."""
    reach = max((len(word) for mine in words.values() for word in mine), default=0)
    named: set[int] = set()
    tail = b""
    for block in blocks:
        low = tail + block.lower()
        named |= {
            one
            for one, mine in words.items()
            if one not in named and any(word in low for word in mine)
        }
        tail = low[max(len(low) - reach, 0) :]
    return named
