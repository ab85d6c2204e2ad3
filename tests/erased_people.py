"""Whom an erasure removes, for who asks its parts."""

from __future__ import annotations

from regulars.erasure.person import Person
from regulars.erasure.together import Together


def alone(person: Person, one: int = 1) -> Together:
    """Nobody else is erased with them; one: the number of their erasure."""
    return Together({one: person}, {one: f"erased-{one}"})
