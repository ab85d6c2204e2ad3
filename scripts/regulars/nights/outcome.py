"""What a published night brought: counts of lists and what was held back, nobody's data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from regulars.gates import holds
from regulars.settings import Settings
from regulars.warehouse import connect, live_generation


@dataclass(frozen=True)
class Outcome:
    """generation: the live one. lists: people to treat by list. withheld: list -> why.
    holds: everything else that the night holds back, waits for or cannot use, in sentences."""

    as_of: date
    generation: int
    lists: dict[str, int]
    withheld: dict[str, str]
    holds: tuple[str, ...]


def of_published(settings: Settings) -> Outcome:
    """The live generation's outcome. Something must be published."""
    with connect(settings, "transformer") as connection:
        live = live_generation(connection)
        assert live is not None, "called after a publication"
        lists = connection.execute(
            "select list_code, count(*) from published.list_members where arm = 'treat'"
            " group by list_code order by list_code"
        )
        all_holds = holds.of_published(connection)
        return Outcome(
            as_of=live.as_of,
            generation=live.generation,
            lists=dict(lists.fetchall()),
            withheld={h.subject: h.words or "" for h in all_holds if h.kind == "list_withheld"},
            holds=tuple(h.sentence for h in all_holds if h.kind != "list_withheld"),
        )
