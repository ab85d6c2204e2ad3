"""Whole nights of a company whose customers buy with a rhythm, their true next orders known.

Erlang-3 gaps without a season, which the model does not know: docs/clv-methods.md, The next order.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from regulars import warehouse
from regulars.feeds import raw_tables
from regulars.nights.rebuild import rebuild
from regulars.nights.run import run_night
from regulars.sample_company import generate, world_named
from regulars.sample_company.company import SALE
from regulars.sample_company.founding import Founding
from regulars.sample_company.localtime import MISSING
from regulars.settings import Settings
from tests.company import difference, files_of, fingerprint
from tests.conftest import drop_database

WORLD = world_named("regular_buyers").variant(rhythm={"season_strength": 0.0})
SEED, CUSTOMERS = 11, 1000
SECOND = pd.Timestamp("2026-10-31").date()
FIRST = SECOND - timedelta(days=1)
STARTS = SECOND - timedelta(days=WORLD.nights - 1)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def settings(make_settings) -> Iterator[Settings]:
    """The company after two nights."""
    made = make_settings("rhythm")
    generate(
        made.landing, made.home / "truth", CUSTOMERS, SEED, STARTS, last_night=SECOND, world=WORLD
    )
    raw_tables.migrate(made)
    run_night(made, FIRST)
    run_night(made, SECOND)
    yield made
    drop_database(made)


def rows(settings: Settings, query: str) -> pd.DataFrame:
    """What an analyst is answered."""
    with warehouse.connect(settings, "analyst") as connection:
        cursor = connection.execute(query.encode())
        return pd.DataFrame(cursor.fetchall(), columns=[c.name for c in cursor.description or ()])


def choices(settings: Settings) -> list[tuple[str, str]]:
    """Champion and reason of each night, as logged."""
    with warehouse.connect(settings, "admin") as connection:
        return connection.execute(
            "select model, reason from decisions.champions order by as_of"
        ).fetchall()


def dates(settings: Settings) -> pd.DataFrame:
    """Days from the night to the expected order and the ends of its window, a row per customer."""
    return rows(
        settings,
        f"""
        select
            customer_id,
            scored.expected_next_order_on - date '{SECOND}' as p50,
            scored.next_order_window_starts_on - date '{SECOND}' as p20,
            scored.next_order_window_ends_on - date '{SECOND}' as p80,
            cast(scored.purchase_probability_12m as float) as chance,
            summaries.frequency
        from published.customer_lifetime_values as scored
        inner join published.customer_purchase_summaries as summaries using (customer_id)
        """,
    )


def days_to_next_order() -> np.ndarray:
    """From the second night, by customer number; infinite for those who never order again."""
    company = Founding(SEED, WORLD, CUSTOMERS, STARTS, SECOND, 0).company()
    orders, night = company.orders, company.night(company.orders.ordered_at)
    comes = (orders.order_type == SALE) & (orders.cancelled_at == MISSING)
    comes &= night >= company.nights
    found = np.full(len(company.who), np.inf)
    np.minimum.at(found, orders.customer[comes], night[comes] - company.nights + 1)
    return found


def test_the_model_of_rhythm_becomes_champion_and_stays(settings: Settings) -> None:
    (first, why), (second, why_again) = choices(settings)
    assert first == second == "mbg_cnbd_k"
    assert why.startswith("MBG/CNBD-k replaces MBG/NBD: MBG/CNBD-k has")
    assert why_again.startswith("MBG/CNBD-k stays")
    found = rows(
        settings,
        "select value from published.model_parameters"
        f" where model = 'mbg_cnbd_k' and parameter = 'k' and fitted_on = '{SECOND}'",
    )
    assert found["value"].astype(int).tolist() == [3]


def test_days_stand_where_there_is_a_rhythm_and_an_order_is_expected(settings: Settings) -> None:
    everybody = dates(settings)
    said = everybody["p50"].notna()
    assert 80 < said.sum() < len(everybody) / 3
    assert everybody.loc[said, "frequency"].min() >= 2
    assert everybody.loc[said, "chance"].min() >= 0.5
    assert (everybody["p20"].notna() == said).all()
    assert (everybody["p80"].notna() == said).all()
    known = everybody[said]
    assert (known["p20"] <= known["p50"]).all()
    assert (known["p50"] <= known["p80"]).all()


def test_of_those_who_order_three_in_five_do_so_within_their_window(settings: Settings) -> None:
    said = dates(settings).dropna()
    came = days_to_next_order()[said["customer_id"].str[1:].astype(int) - 1]
    orders = came <= 365
    assert orders.mean() == pytest.approx(said["chance"].mean(), abs=0.1)
    came, said = came[orders], said[orders]
    inside = (came > said["p20"] - 1) & (came <= said["p80"])
    assert inside.mean() == pytest.approx(0.62, abs=0.13)
    assert np.mean(came <= said["p50"]) == pytest.approx(0.5, abs=0.13)


def test_the_weekly_curve_meets_what_the_model_was_fitted_on(settings: Settings) -> None:
    """At the origin everybody expected since the beginning has been seen."""
    weeks = rows(
        settings,
        """
        select
            said.origin,
            cast(split_part(said.metric, '_', 3) as int) as week,
            cast(said.value as float) as said,
            cast(came.value as float) as came
        from published.model_backtests as said
        inner join published.model_backtests as came
            on came.metric = replace(said.metric, 'expected', 'actual')
            and came.origin = said.origin
            and came.model = said.model
        where said.metric like 'tracking_expected%' and said.model = 'mbg_cnbd_k'
        order by week
        """,
    )
    known_weeks = (weeks["origin"].iloc[0] - STARTS).days // 7
    at_origin = weeks[weeks["week"] == known_weeks].iloc[0]
    assert at_origin["said"] == pytest.approx(at_origin["came"], rel=0.1)


def test_the_report_counts_who_is_expected(settings: Settings) -> None:
    said = dates(settings)["p50"].dropna()
    page = (settings.home / "current" / "report.html").read_text(encoding="utf-8")
    assert f"{len(said)} customers buy with a rhythm" in page
    assert f"{(said <= 30).sum()} of them are expected by 30 November 2026" in page


def test_both_nights_again_are_what_they_were(settings: Settings, tmp_path) -> None:
    """The second live, the first beside it: k and the choice come from the log."""
    tables, files = fingerprint(settings), files_of(settings.home / "current")
    assert run_night(settings, SECOND)["score"]["is_replayed"]
    assert difference(fingerprint(settings), tables) == []
    assert files_of(settings.home / "current") == files
    assert rebuild(settings, FIRST, tmp_path / "rebuilt")["is_identical"]
