"""Why somebody is on a list tonight, or not, as any role asks that reads the lists."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import psycopg

from regulars.phrases import phrase, say
from regulars.project.list_definitions import ListDefinition

# What lists.why answers; told by their English to whom reads on.
VERDICTS = (
    phrase("on it"),
    phrase("held out"),
    phrase("left out"),
    phrase("does not qualify"),
    phrase("withheld"),
    phrase("not about them"),
    phrase("not made yet"),
    phrase("not known"),
)
UNTOLD = "(others)"  # what lists.why calls all of which it can tell nothing


@dataclass(frozen=True)
class ListVerdict:
    """verdict: 'on it', 'held out', 'left out', 'does not qualify', 'withheld', 'not about them',
    'not made yet' or 'not known'."""

    list_code: str
    verdict: str
    why: str


def of(
    connection: psycopg.Connection, definitions: Iterable[ListDefinition], customer_id: str
) -> tuple[ListVerdict, ...]:
    """A row a list of the live night, by list. Nobody's id is on none."""
    rows = connection.execute(
        "select list_code, verdict, why from lists.why(%s)", [customer_id]
    ).fetchall()
    verdicts = [ListVerdict(*row) for row in rows]
    verdicts += _about_others(connection, definitions, {verdict.list_code for verdict in verdicts})
    return tuple(sorted(verdicts, key=lambda verdict: (verdict.list_code, verdict.verdict)))


def _about_others(
    connection: psycopg.Connection, definitions: Iterable[ListDefinition], told: set[str]
) -> list[ListVerdict]:
    """Lists of which nothing was said: withheld, or about somebody else."""
    if UNTOLD in told:
        return []
    withheld: dict[str, str] = dict(
        connection.execute("select list_code, reason from desk.withheld").fetchall()
    )
    made = live_lists(connection)
    return [
        _not_about(definition, withheld.get(definition.list_code), made)
        for definition in definitions
        if definition.list_code not in told
    ]


def _not_about(
    definition: ListDefinition, reason_withheld: str | None, made: Collection[str]
) -> ListVerdict:
    code = definition.list_code
    if reason_withheld is not None:
        return ListVerdict(code, "withheld", reason_withheld)
    if made and code not in made:
        why = say("the list is new since the night that is published; the next night makes it")
        return ListVerdict(code, "not made yet", why)
    return ListVerdict(
        code, "not about them", say("it is for {people}", people=definition.words.who)
    )


def live_lists(connection: psycopg.Connection) -> set[str]:
    """The lists that the live night had; none where it was published before that was logged."""
    return {code for (code,) in connection.execute("select list_code from desk.lists").fetchall()}
