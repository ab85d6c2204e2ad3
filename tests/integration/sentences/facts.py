"""What every list's sentences are about, worked out again from the marts: list → Facts of people.

A generator yields (customer, facts); several of one customer are several machines, cases or
categories, of which the list tells one. A fact named like a sentence is whether it may be said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.integration.sentences.marts import Marts, Row

Told = Iterator[tuple[str, Row]]
LISTS: dict[str, Callable[[Asked], Told]] = {}
VALUES = "marts.customer_lifetime_values"


@dataclass(frozen=True)
class Asked:
    """The marts, and the thresholds of one list."""

    code: str
    marts: Marts
    thresholds: Mapping[str, Any]

    def told_on(self, who: str) -> Any:
        """The day on which they were last reached for this list."""
        days = [
            row["sent_on"]
            for row in self.marts.of_people("marts.fct_campaign_contacts").get(who, [])
            if row["list_code"] == self.code and row["outcome"] != "bounced"
        ]
        return max(days, default=None)

    def value(self, who: str) -> Row:
        return self.marts.person(VALUES).get(who, {})

    def chance(self, who: str) -> Row:
        return {"purchase_probability_12m": self.value(who).get("purchase_probability_12m")}


def facts_of(code: str) -> Callable[[Callable[[Asked], Told]], Callable[[Asked], Told]]:
    def register(tell: Callable[[Asked], Told]) -> Callable[[Asked], Told]:
        LISTS[code] = tell
        return tell

    return register
