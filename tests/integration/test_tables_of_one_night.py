"""Tables that each night writes anew: they hold that night alone, and nobody looks after them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from regulars import warehouse
from regulars.engines import models_of
from regulars.night import Night
from regulars.scores import score_tables
from regulars.settings import Settings
from tests.company import LAST_NIGHT

FIRST = date(2026, 10, 30)


def score(settings: Settings, as_of: date, *, is_killed: bool = False) -> None:
    """A night of 400 histories of one later purchase, each expected to bring one more."""
    night = Night(as_of)
    histories = pd.DataFrame({"frequency": 1, "recency": np.arange(400), "T": 400})
    scores = pd.DataFrame({"orders": np.ones(400)})
    with warehouse.connect(settings, "transformer") as connection:
        score_tables.create(connection, night)
        score_tables.replace_by_history(connection, night, "previous_scores", histories, scores)
        if is_killed:
            connection.rollback()


def asked(settings: Settings, question: str) -> list[tuple]:
    with warehouse.connect(settings, "admin") as connection:
        return connection.execute(question.encode()).fetchall()


def nights(settings: Settings) -> list[tuple[date, int]]:
    return asked(settings, "select as_of, count(*) from scores.previous_scores group by as_of")


def test_each_night_takes_the_place_of_the_last_one_and_as_many_pages(
    warehouse_settings: Settings,
) -> None:
    sizes = set()
    for as_of in [FIRST + timedelta(days=later) for later in range(3)]:
        score(warehouse_settings, as_of)
        sizes.update(asked(warehouse_settings, "select pg_relation_size('scores.previous_scores')"))
        assert nights(warehouse_settings) == [(as_of, 400)]
    assert len(sizes) == 1


def test_a_scoring_that_is_killed_leaves_the_night_before(warehouse_settings: Settings) -> None:
    score(warehouse_settings, FIRST)
    score(warehouse_settings, FIRST + timedelta(days=1), is_killed=True)
    assert nights(warehouse_settings) == [(FIRST, 400)]


def test_a_planner_knows_the_columns_by_which_histories_are_found_and_no_others(
    warehouse_settings: Settings,
) -> None:
    score(warehouse_settings, FIRST)
    known = asked(
        warehouse_settings,
        "select attname::text from pg_stats where tablename = 'previous_scores' order by 1",
    )
    assert [name for (name,) in known] == [
        "as_of",
        "customer_age_days",
        "frequency",
        "recency_days",
    ]


def test_autovacuum_leaves_alone_what_the_next_night_drops_and_nothing_else(
    company: Settings,
) -> None:
    kinds = {
        f"{node['schema']}.{node['alias']}": node["config"]["materialized"]
        for node in models_of(company, Night(LAST_NIGHT))
    }
    unattended = asked(
        company,
        "select relnamespace::regnamespace::text || '.' || relname from pg_class"
        " where reloptions @> array['autovacuum_enabled=false']",
    )
    whole = {name for name, kind in kinds.items() if kind == "table"}
    scores = {f"scores.{table}" for table in score_tables.COLUMNS}
    assert len(whole) > 50
    assert {name for (name,) in unattended} == whole | scores
