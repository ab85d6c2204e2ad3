"""What the modules of expectations/ are given, and what they give back: suites.

Expectations come in three strengths:

  truth      false means a fault: the night stops, and nobody can wave it through
  judgement  unusual, maybe right: the night stops until a person approves it (decisions.approvals)
  warning    worth a look: the night goes on, the data docs show it
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from regulars.night import Night
from regulars.settings import Settings

STRENGTHS = ("truth", "judgement", "warning")


@dataclass(frozen=True)
class Suite:
    """A measurement and what is expected of it.

    name          what is measured, as the data docs and messages call it
    query         a SELECT; its rows stay in the warehouse
    expectations  Great Expectations, each with meta from `meaning`
    is_small      one row of measures, dear to compute: kept in a temporary table while judged.
                  Its column rows_judged says how many rows were measured
    may_be_empty  there may be nothing to judge; otherwise no rows is a fault, because what is
                  true of no row at all says nothing
    """

    name: str
    query: str
    expectations: list[Any]
    is_small: bool = False
    may_be_empty: bool = False


@dataclass(frozen=True)
class Publication:
    """The last published night before this one."""

    as_of: date
    generation: int
    last_delivery_id: int


@dataclass(frozen=True)
class GateContext:
    """What a module of expectations/ is given."""

    settings: Settings
    night: Night
    connection: psycopg.Connection
    previous: Publication | None

    def table(self, schema: str, name: str) -> str:
        """Qualified, quoted name of a table of this night."""
        return f'"{self.night.schema(schema)}"."{name}"'


def meaning(strength: str, claim: str, table: str, column: str, what: str) -> dict[str, str]:
    """meta of an expectation: how hard it is, its line in docs/gates.md, and words for people."""
    if strength not in STRENGTHS:
        raise ValueError(f"strength is one of {', '.join(STRENGTHS)}, not '{strength}'")
    return {"strength": strength, "claim": claim, "table": table, "column": column, "what": what}
