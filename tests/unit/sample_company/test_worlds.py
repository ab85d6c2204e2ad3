"""Each world keeps its promise: what its summary says can be measured in what happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy.stats import spearmanr

from regulars.sample_company import LAST_NIGHT, WORLDS, accounts, generate, rhythm
from regulars.sample_company import surveys as opinions
from regulars.sample_company.catalogue import BEANS, GRINDERS, KETTLES, MACHINES
from regulars.sample_company.company import SALE, SHOP, Company
from regulars.sample_company.dropout import HazardClock, shorten
from regulars.sample_company.localtime import DAY, MISSING
from regulars.sample_company.worlds import KETTLE_AND_CRANE
from studies.report import REPORTS
from studies.worlds.plots import draw
from studies.worlds.seen import see
from tests.unit.sample_company.living import FIRST_DAY, NIGHTS, live


@cache
def made(name: str, customers: int = 4_000) -> Company:
    return live(name, customers=customers, nights=WORLDS[name].nights)


def gaps_of(c: Company) -> np.ndarray:
    """Days between a customer's purchases, one after the other."""
    same = c.lives.customer[1:] == c.lives.customer[:-1]
    return np.diff(c.lives.day)[same]


def came_again(c: Company) -> float:
    """Share of buyers with a second purchase within the nights."""
    inside = c.lives.day < c.nights
    orders = np.bincount(c.lives.customer[inside], minlength=len(c.who))
    return (orders >= 2).sum() / (orders >= 1).sum()


def revenue(c: Company) -> np.ndarray:
    """Cents per customer within the nights, of their own orders."""
    orders = c.orders
    counts = (orders.order_type == SALE) & (c.night(orders.ordered_at) < c.nights)
    value = np.bincount(c.lines.order, c.lines.net, len(orders.customer))
    return np.bincount(orders.customer[counts], value[counts], minlength=len(c.who))


# ---------- the models' own worlds


def test_pure_worlds_have_no_season_no_growth_and_no_tie_of_spend_to_rate() -> None:
    for name in ("pareto_nbd", "bg_nbd", "mbg_nbd", "contracts"):
        world = WORLDS[name]
        flat = rhythm.intensity(world, FIRST_DAY, NIGHTS, 364)
        assert flat.reshape(52, 7).mean(axis=1) == pytest.approx(np.ones(52))
        assert spearmanr(made(name).level, made(name).lives.rate).statistic == pytest.approx(
            0.0, abs=0.05
        )


def test_in_bg_nbd_nobody_leaves_before_a_repeat_purchase_and_in_mbg_nbd_a_quarter_does() -> None:
    for name, left in (("bg_nbd", 0.0), ("mbg_nbd", 0.25)):
        lives = made(name).lives
        first = lives.number == 0
        gone = (lives.death[lives.customer[first]] == lives.day[first]).mean()
        assert gone == pytest.approx(left, abs=0.02)


def test_in_pareto_nbd_lives_end_at_the_hazard_asked_for() -> None:
    """P(dead by t) of a Gamma mixture of exponentials: 1 - (1 + t / scale) ** -shape."""
    c = made("pareto_nbd")
    starts = np.isfinite(c.who.first_purchase)
    lived = c.lives.death[starts] - c.who.first_purchase[starts]
    ways = WORLDS["pareto_nbd"].dropout
    for days in (30.0, 180.0, 365.0):
        expected = 1 - (1 + days / ways.scale_days) ** -ways.shape
        assert (lived <= days).mean() == pytest.approx(expected, abs=0.03)


def test_regular_buyers_gaps_spread_less_than_memoryless_ones() -> None:
    """At one customer's rate, gaps of Erlang-3 vary by 1 / sqrt(3)."""
    spread = {}
    for name in ("regular_buyers", "kettle_and_crane"):
        lives = made(name).lives
        clock = rhythm.OperationalTime(
            rhythm.intensity(WORLDS[name], FIRST_DAY, NIGHTS, NIGHTS + 365)
        )
        same = lives.customer[1:] == lives.customer[:-1]
        gap = np.diff(clock.at(lives.day))[same] * lives.rate[lives.customer[1:][same]]
        quick = lives.rate[lives.customer[1:][same]] > 1 / 30  # hardly any gap is cut off
        spread[name] = gap[quick].std() / gap[quick].mean()
    assert spread["regular_buyers"] == pytest.approx(3**-0.5, abs=0.06)
    assert spread["kettle_and_crane"] == pytest.approx(1.0, abs=0.1)


def test_contracts_are_delivered_monthly_until_they_end() -> None:
    gaps = gaps_of(made("contracts"))
    assert gaps.mean() == pytest.approx(30.4, abs=0.5)
    assert gaps.std() < 3.0
    first_month = made("contracts").lives
    first = first_month.number == 0
    left = (first_month.death[first_month.customer[first]] == first_month.day[first]).mean()
    ways = WORLDS["contracts"].dropout
    assert left == pytest.approx(ways.a / (ways.a + ways.b), abs=0.02)


# ---------- what the models do not know


def test_a_strong_autumn_sells_several_times_what_summer_does() -> None:
    month = {}
    for name in ("strong_autumn", "pareto_nbd"):
        c = made(name)
        day = c.lives.day
        november, july = ((day >= a) & (day < b) for a, b in ((31, 61), (273, 304)))
        known = [np.sum(c.who.first_purchase < start) for start in (31, 273)]
        month[name] = (november.sum() / known[0]) / (july.sum() / known[1])
    assert month["strong_autumn"] > 2.0 * month["pareto_nbd"]


def test_a_promotion_floods_the_shop_for_three_weeks_and_leaves_worse_customers() -> None:
    c = made("promotion_shock")
    sale, _ = c.world.changes
    start, end = sale.first_night(NIGHTS), sale.last_day(NIGHTS, NIGHTS)
    assert end - start == 21
    signed = np.bincount(c.who.night, minlength=NIGHTS)
    assert signed[start:end].mean() > 4 * signed[start - 42 : start].mean()
    during = rhythm.newcomers_of(sale, c.who.night, NIGHTS)
    assert c.lives.rate[during].mean() < 0.45 * c.lives.rate[~during].mean()
    assert spread_ratio(c, start) == pytest.approx(sale.prices, abs=0.02)
    assert spread_ratio(c, end) == pytest.approx(1.0, abs=0.02)


def spread_ratio(c: Company, night: int) -> float:
    """Prices of machines on a night over those a month before the change."""
    before = c.shop.price[c.shop.version(np.array([c.world.changes[0].first_night(c.nights) - 1]))]
    now = c.shop.price[c.shop.version(np.array([night]))]
    machines = c.shop.category == MACHINES
    return float((now[0] / before[0])[machines].mean())


def test_a_change_of_regime_slows_buying_closes_the_shop_and_shortens_lives() -> None:
    c = made("regime_change")
    (change,) = c.world.changes
    start = change.first_night(NIGHTS)
    night = c.night(c.orders.ordered_at)
    own = (c.orders.order_type == SALE) & (night >= 0)
    assert (c.orders.channel[own & (night < start)] == SHOP).mean() == pytest.approx(0.35, abs=0.02)
    assert not (c.orders.channel[own & (night >= start)] == SHOP).any()
    assert spread_ratio(c, start) == pytest.approx(change.prices, abs=0.02)
    undisturbed = live(c.world.variant(changes=()), customers=4_000)
    later = (undisturbed.lives.day >= start).sum()
    assert (c.lives.day >= start).sum() < 0.6 * later
    quiet = live(c.world.variant(changes=(replace(change, hazard=1.0),)), customers=4_000)
    dated = (quiet.lives.death > start) & np.isfinite(quiet.lives.death)
    unserved = dated & (quiet.lives.bad_cases == 0) & (c.lives.bad_cases == 0)
    old = unserved & (c.who.night < start) & (c.who.first_purchase < start)
    left, left_before = c.lives.death[old] - start, quiet.lives.death[old] - start
    assert left_before / left == pytest.approx(np.full(old.sum(), change.hazard))


def test_two_hazards_act_together_in_whichever_order_they_come() -> None:
    """Hazard 1, doubled from day 10, tripled by bad service on day 4: the integral to death is
    what the undisturbed life had."""
    clock = HazardClock([(10.0, 2.0)])
    death = clock.day(shorten(np.array([40.0]), clock.at(np.array([4.0])), np.array([3.0])))
    # 4 days at 1, 6 at 3, the rest at 6: 40 = 4 + 18 + 6 x.
    assert death == pytest.approx([10 + (40 - 4 - 18) / 6])
    late = clock.day(shorten(np.array([40.0]), clock.at(np.array([12.0])), np.array([3.0])))
    assert late == pytest.approx([12 + (40 - 10 - 4) / 6])


def test_nearly_nobody_returns_to_the_one_timers() -> None:
    assert came_again(made("one_timers")) < 0.06
    assert came_again(made("kettle_and_crane")) > 0.4


def test_one_customer_in_a_hundred_makes_a_third_of_revenue() -> None:
    c = made("wholesale", customers=8_000)
    money, cafes = revenue(c), c.lives.is_wholesale
    assert cafes.sum() == 80
    assert 0.25 < money[cafes].sum() / money.sum() < 0.42
    usual = np.sort(revenue(made("kettle_and_crane")))
    assert usual[-len(usual) // 100 :].sum() / usual.sum() < 0.2


def test_small_and_young_companies_have_their_size() -> None:
    assert (WORLDS["tiny"].customers, WORLDS["young_company"].nights) == (80, 184)


# ---------- money that hurts


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.8])
def test_spend_grows_with_frequency_as_asked(rho: float) -> None:
    c = live(KETTLE_AND_CRANE.variant(spend={"rate_correlation": rho}), customers=3_000)
    found = spearmanr(c.level, c.lives.rate).statistic
    assert found == pytest.approx(6 / np.pi * np.arcsin(rho / 2), abs=0.05)


def test_some_categories_are_sold_below_cost_and_some_customers_cost_more_than_they_bring() -> None:
    c = made("dear_customers")
    share = c.shop.cost[0] / c.shop.price[0]
    assert share[c.shop.category == KETTLES] == pytest.approx(1.07, abs=0.01)
    assert share[c.shop.category == BEANS] == pytest.approx(0.86, abs=0.01)
    size = len(c.who)
    brought = np.bincount(c.orders.customer, accounts.order_margins(c), size)
    cost = np.bincount(c.cases.customer, accounts.case_costs(c), size)
    bought = np.isfinite(c.who.first_purchase)
    assert 0.1 < (brought < cost)[bought].mean() < 0.5
    serial = np.bincount(c.orders.customer[c.lines.order[c.refunds.line]], minlength=size)
    assert serial.max() >= 10


def test_refunds_come_for_orders_two_years_old() -> None:
    c = made("dear_customers")
    night = c.night(c.refunds.refunded_at)
    age = c.refunds.refunded_at - c.orders.ordered_at[c.lines.order[c.refunds.line]]
    assert ((age > 730 * DAY) & (night < c.nights)).sum() >= 3
    assert age.max() < 775 * DAY


# ---------- service that matters, confounded


def units(c: Company) -> np.ndarray:
    return np.isin(c.shop.category, (MACHINES, GRINDERS, KETTLES))


def test_products_fail_at_their_own_rates() -> None:
    c = made("bitter_service", customers=8_000)
    of_order = c.cases.order >= 0
    sold = np.bincount(c.lines.product, minlength=len(c.shop.names))
    cases = np.bincount(c.cases.product[of_order], minlength=len(c.shop.names))
    known = units(c) & (sold > 60)
    rate = cases[known] / sold[known]
    asked = c.shop.failure[known]
    assert known.sum() >= 12
    assert rate.max() > 3 * rate.min()
    assert spearmanr(rate, asked).statistic > 0.7


def test_each_fault_drives_people_away_by_its_own_effect() -> None:
    c = made("bitter_service", customers=8_000)
    lives, service = c.lives, c.world.service
    faulty = lives.is_slow | lives.is_breach | lives.is_badly_solved
    once = np.bincount(lives.customer[faulty], minlength=len(c.who)) == 1
    day = lives.day + lives.case_delay
    for fault, hazard in (
        (lives.is_slow & ~lives.is_badly_solved, service.slow_hazard),
        (lives.is_breach & ~lives.is_badly_solved, service.breach_hazard),
        (lives.is_badly_solved, service.bad_repair_hazard),
    ):
        hit = lives.customer[fault]
        counts = once[hit] & (lives.death_if_served_well[hit] > day[fault])
        counts &= np.isfinite(lives.death_if_served_well[hit])
        left = (lives.death[hit] - day[fault])[counts]
        left_if_well = (lives.death_if_served_well[hit] - day[fault])[counts]
        assert counts.sum() > 50
        assert left_if_well / left == pytest.approx(np.full(counts.sum(), hazard))


def test_whoever_leaves_after_a_purchase_anyway_leaves_served_well_too() -> None:
    for name in ("contracts", "mbg_nbd"):
        lives = made(name).lives
        assert np.array_equal(lives.death, lives.death_if_served_well)
    lives = made("one_timers").lives
    spoilt = np.isfinite(lives.death) & np.isinf(lives.death_if_served_well)
    assert 0 < spoilt.sum() < 0.02 * len(lives.death)
    assert (lives.bad_cases[spoilt] > 0).all()


def test_slow_replies_are_in_time_and_slower_than_the_others() -> None:
    cases = made("bitter_service", customers=8_000).cases
    taken = (cases.first_reply_at - cases.opened_at) / (60 * cases.promised_minutes)
    assert cases.is_slow.sum() > 200
    assert taken[cases.is_slow].max() <= 1.0
    quick = ~cases.is_slow & ~cases.is_breach
    assert taken[cases.is_slow].mean() > 2 * taken[quick].mean()


def naive_difference(c: Company) -> float:
    """Purchases of next year: those ever served badly less the others, as a reader of the
    deliveries would compare them."""
    ahead = (c.lives.day >= c.nights).astype(float)
    next_year = np.bincount(c.lives.customer, ahead, minlength=len(c.who))
    inside = (c.lives.day < c.nights) & (c.lives.is_breach | c.lives.is_badly_solved)
    served_badly = np.bincount(c.lives.customer[inside], minlength=len(c.who)) > 0
    bought = c.who.first_purchase < c.nights
    return next_year[served_badly & bought].mean() - next_year[~served_badly & bought].mean()


def test_the_naive_comparison_says_bad_service_helps_where_it_harms() -> None:
    """Same people, same luck: without the effect of bad service they would have bought more."""
    harmed, unharmed = made("kettle_and_crane"), made("harmless_service")
    true_effect = (harmed.lives.day >= NIGHTS).sum() - (unharmed.lives.day >= NIGHTS).sum()
    assert true_effect < 0
    assert naive_difference(harmed) > 0


def test_the_naive_comparison_finds_an_effect_where_there_is_none() -> None:
    assert (
        made("harmless_service").lives.death == made("harmless_service").lives.death_if_served_well
    ).all()
    assert naive_difference(made("harmless_service")) > 0.5


def test_low_scores_follow_faults_that_customers_see() -> None:
    c = made("bitter_service", customers=8_000)
    asked = (c.surveys.kind == opinions.CSAT) & (c.surveys.case >= 0)
    bad = c.cases.is_bad[c.surveys.case[asked]]
    assert c.surveys.score[asked][bad].mean() < c.surveys.score[asked][~bad].mean() - 1.0


# ---------- every world


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_every_world_lives_and_dies_by_its_own_rules(name: str) -> None:
    c = live(name, customers=300, nights=WORLDS[name].nights)
    lives = c.lives
    assert (lives.day <= lives.death[lives.customer]).all()
    assert (lives.death <= lives.death_if_served_well + 1e-9).all()
    assert (c.lines.net >= 0).all()
    assert (c.orders.delivered_at[c.lines.order[c.refunds.line]] != MISSING).all()


# ---------- the page


def test_every_world_has_its_place_and_its_picture_in_the_page() -> None:
    page = (REPORTS / "worlds.md").read_text()
    pictures = REPORTS / "images" / "worlds"
    headings = [line[4:] for line in page.splitlines() if line.startswith("### ")]
    assert set(WORLDS) <= set(headings)
    assert {path.stem for path in pictures.glob("*.svg")} == set(WORLDS)
    assert all(f"images/worlds/{name}.svg" in page for name in WORLDS)


def test_a_picture_is_the_same_bytes_each_time_and_shows_what_happened() -> None:
    once, again = (draw("tiny", see("tiny")) for _ in range(2))
    assert once == again
    assert once != draw("tiny", see("contracts"))
    assert "still customers" in once


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_every_world_is_delivered_even_as_a_month_of_thirty_people(
    name: str, tmp_path: Path
) -> None:
    counts = generate(
        tmp_path / "landing",
        tmp_path / "truth",
        customers=30,
        world=name,
        first_night=LAST_NIGHT - timedelta(days=29),
    )
    assert counts["rows"]["customers"] >= 30
    people = pq.read_table(tmp_path / "truth" / "customers.parquet")
    known = {"purchases_per_year", "dropped_out_on", "spend_factor", "margin_eur"}
    assert known <= set(people.column_names)
    effects = pq.read_table(tmp_path / "truth" / "effects.parquet").to_pylist()
    breach = {row["parameter"]: row["value"] for row in effects}["service.breach_hazard"]
    assert float(breach) == WORLDS[name].service.breach_hazard
