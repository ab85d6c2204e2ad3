"""What a night that was published brought: counts of lists and what was withheld, nobody's data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from regulars.settings import Settings
from regulars.warehouse import connect


@dataclass(frozen=True)
class Outcome:
    """generation: the live one. lists: people to treat by list. withheld: list -> why.
    not_in: feeds that are not in, in words. approved: those of them that a person let pass."""

    as_of: date
    generation: int
    lists: dict[str, int]
    withheld: dict[str, str]
    not_in: tuple[str, ...]
    approved: tuple[str, ...]


def of_published(settings: Settings) -> Outcome:
    """The live generation's outcome. Something must be published."""
    with connect(settings, "transformer") as connection:
        live = connection.execute(
            "select generation, as_of from published.generation order by generation desc limit 1"
        ).fetchone()
        assert live is not None, "called after a publication"
        lists = connection.execute(
            "select list_code, count(*) from published.list_members where arm = 'treat'"
            " group by list_code order by list_code"
        )
        withheld = connection.execute(
            "select list_code, reason from decisions.withheld_lists where generation = %s"
            " order by list_code",
            [live[0]],
        )
        feeds = connection.execute(
            "select words, is_approved from published.feed_states where is_stale order by feed"
        ).fetchall()
        return Outcome(
            as_of=live[1],
            generation=live[0],
            lists=dict(lists.fetchall()),
            withheld=dict(withheld.fetchall()),
            not_in=tuple(words for words, is_approved in feeds if not is_approved),
            approved=tuple(words for words, is_approved in feeds if is_approved),
        )
