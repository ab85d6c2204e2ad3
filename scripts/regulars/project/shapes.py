"""Parts of a declaration in the shape they must have. Anything else raises DeclarationError."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from regulars.project.located import Located


def mapping(entry: Located) -> Mapping[str, Any]:
    """Names with values."""
    if not isinstance(entry.value, Mapping):
        raise entry.refuse(f"{_shown(entry)} must be names with values (name: value).")
    return entry.value


def parts(entry: Located | None) -> list[Located]:
    """The parts of a list, none where it is left out."""
    if entry is None:
        return []
    if not isinstance(entry.value, list):
        raise entry.refuse(f"{_shown(entry)} must be a list ([one, two]).")
    return [entry[place] for place, _ in enumerate(entry.value)]


def text(entry: Located) -> str:
    """A text: YAML takes Yes, 5 and 2026-03-01 for something else unless they stand in quotes."""
    if not isinstance(entry.value, str) or not entry.value:
        raise entry.refuse(f"{_shown(entry)} must be a text; put it in quotes.")
    return entry.value


def texts(entry: Located | None, allowed: Collection[str] = ()) -> tuple[str, ...]:
    """A list of texts, each once; with `allowed` no others."""
    found = []
    for part in parts(entry):
        if allowed and part.value not in allowed:
            raise part.refuse(f"{_shown(part)} is none of {', '.join(allowed)}.")
        if text(part) in found:
            raise part.refuse(f"{part.value} stands there twice.")
        found.append(part.value)
    return tuple(found)


def flag(entry: Located | None) -> bool:
    """true or false; false where it is left out."""
    if entry is None:
        return False
    if not isinstance(entry.value, bool):
        raise entry.refuse(f"{_shown(entry)} must be true or false.")
    return entry.value


def _shown(entry: Located) -> str:
    """A short value as it stands there, after the name it has."""
    name = next((str(part) for part in reversed(entry.key) if isinstance(part, str)), "the file")
    return f"{name}: {str(entry.value)[:60]!r}"
