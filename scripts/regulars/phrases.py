"""What pages say, in the company's language.

A phrase stands where it is said, in English, and by that phrases.yml knows it in other languages.
The language is that of the page being made, so no function is told it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from regulars import yaml_text

ENGLISH = "en"
MINUS = "\u2212"
_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything within in this language; in English if the catalogue has not got it."""
    before = _spoken.set(language if language in languages() else ENGLISH)
    try:
        yield
    finally:
        _spoken.reset(before)


def spoken() -> str:
    return _spoken.get()


def phrase(english: str) -> str:
    """Marks what is said later, by say."""
    return english


def say(english: str, **values: object) -> str:
    """A phrase in the language that is spoken, its {places} filled in."""
    return told(english).format(**values)


def told(english: str) -> str:
    """A phrase with its places."""
    return _in(spoken()).get(english, english)


def numerals(english: str) -> str:
    """1,234.5 as the language writes it."""
    thousands, point = told("1,234.5")[1], told("1,234.5")[5]
    return english.translate(str.maketrans(",.-", f"{thousands}{point}{MINUS}"))


def count(number: int) -> str:
    """12345 -> 12,345, with a true minus sign."""
    return numerals(f"{number:,}")


def plural(number: int, singular: str, many: str | None = None, **values: object) -> str:
    """(2, "row") -> 2 rows. The number comes first, or where the phrase has {number}."""
    form = told(singular if number == 1 else many or singular + "s")
    placed = form if "{number}" in form else "{number} " + form
    return placed.format(number=count(number), **values)


def languages() -> frozenset[str]:
    """In which a page can be made."""
    return frozenset(catalogue()[0])


@cache
def catalogue() -> tuple[Mapping[str, str], ...]:
    """Each phrase by language."""
    text = Path(__file__).with_name("phrases.yml").read_text(encoding="utf-8")
    return tuple(yaml_text.parsed(text))


@cache
def _in(language: str) -> Mapping[str, str]:
    """English phrase -> what it is in the language."""
    return {phrase[ENGLISH]: phrase[language] for phrase in catalogue()}
