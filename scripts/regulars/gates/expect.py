"""What a gate expects of a table: truth(table), judgement(table) or warning(table), then a method.

Every method takes the column, the claim (its line in docs/gates.md) and what is wrong with rows for
which it is false. about: the column named to people, where the measured one is reckoned from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import great_expectations.expectations as gxe

from regulars.gates.suites import meaning


@dataclass(frozen=True)
class Expect:
    """Expectations of one strength (suites.STRENGTHS) of one table."""

    strength: str
    table: str

    def filled(self, column: str, claim: str, what: str) -> gxe.Expectation:
        """No value is null."""
        return gxe.ExpectColumnValuesToNotBeNull(
            column=column, meta=self._meaning(column, claim, what)
        )

    def one_of(
        self, column: str, values: Sequence[object], claim: str, what: str
    ) -> gxe.Expectation:
        """Every value is one of these."""
        return gxe.ExpectColumnValuesToBeInSet(
            column=column, value_set=list(values), meta=self._meaning(column, claim, what)
        )

    def within(
        self,
        column: str,
        claim: str,
        what: str,
        *,
        low: float | None = None,
        high: float | None = None,
        about: str | None = None,
    ) -> gxe.Expectation:
        """Every value lies between the two."""
        told = self._meaning(about or column, claim, what)
        return gxe.ExpectColumnValuesToBeBetween(
            column=column, min_value=low, max_value=high, meta=told
        )

    def measure(
        self,
        column: str,
        claim: str,
        what: str,
        *,
        about: str,
        low: float | None = None,
        high: float | None = None,
    ) -> gxe.Expectation:
        """The one value of a measurement lies between the two."""
        told = self._meaning(about, claim, what)
        return gxe.ExpectColumnMaxToBeBetween(
            column=column, min_value=low, max_value=high, meta=told
        )

    def _meaning(self, column: str, claim: str, what: str) -> dict[str, str]:
        return meaning(self.strength, claim, self.table, column, what)


def truth(table: str) -> Expect:
    return Expect("truth", table)


def judgement(table: str) -> Expect:
    return Expect("judgement", table)


def warning(table: str) -> Expect:
    return Expect("warning", table)
