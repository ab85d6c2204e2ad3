"""What came out of a world against what the world asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from regulars.sample_company import dropout, rhythm, world_named
from regulars.sample_company import surveys as opinions
from regulars.sample_company.company import SALE, Company
from regulars.sample_company.localtime import DAY, MISSING
from regulars.sample_company.worlds import KETTLE_AND_CRANE
from tests.unit.sample_company.living import FIRST_DAY, NIGHTS, live

# ---------- rhythm


def test_the_year_has_a_strong_autumn_and_a_mean_of_one() -> None:
    year = rhythm.season(FIRST_DAY, 364, KETTLE_AND_CRANE.rhythm, 1.0)
    assert year.mean() == pytest.approx(1.0, abs=0.02)
    november, june = year[31:61].mean(), year[243:273].mean()
    assert november > 1.7 * june
    flat = rhythm.season(FIRST_DAY, 364, KETTLE_AND_CRANE.rhythm, 0.0)
    assert flat.reshape(52, 7).mean(axis=1) == pytest.approx(np.ones(52))


@given(st.floats(-5.0, 1200.0), st.floats(0.0, 1.5))
def test_operational_time_and_days_are_inverses(day: float, strength: float) -> None:
    season = rhythm.season(FIRST_DAY, 1126, KETTLE_AND_CRANE.rhythm, strength)
    clock = rhythm.OperationalTime(season)
    inside = np.array([min(max(day, 0.0), 1126.0)])
    assert clock.day(clock.at(inside)) == pytest.approx(inside, abs=1e-6)


def test_gaps_have_the_mean_of_their_rate_and_the_spread_of_their_regularity() -> None:
    rate = np.full(40_000, 0.05)
    for regularity, spread in ((1.0, 1.0), (3.0, 1 / np.sqrt(3.0))):
        gaps = rhythm.gaps(np.random.Generator(np.random.PCG64(1)), rate, regularity)
        assert gaps.mean() == pytest.approx(20.0, rel=0.02)
        assert gaps.std() / gaps.mean() == pytest.approx(spread, rel=0.02)


def test_purchases_while_alive_come_at_each_customers_rate(kettle: Company) -> None:
    lives, who = kettle.lives, kettle.who
    end = np.minimum(lives.death, NIGHTS + 365)
    clock = rhythm.OperationalTime(rhythm.intensity(kettle.world, FIRST_DAY, NIGHTS, NIGHTS + 365))
    buyers = np.isfinite(who.first_purchase)
    alive = clock.at(end[buyers]) - clock.at(who.first_purchase[buyers])
    repeats = (lives.number > 0).sum()
    assert repeats == pytest.approx((lives.rate[buyers] * alive).sum(), rel=0.03)


def test_new_customers_grow_over_the_two_years(kettle: Company) -> None:
    octobers = [(kettle.who.night < 31).sum(), (kettle.who.night >= NIGHTS - 31).sum()]
    assert octobers[1] == pytest.approx(kettle.world.rhythm.growth * octobers[0], rel=0.2)


def test_two_in_five_to_one_in_two_buyers_come_again(kettle: Company) -> None:
    night = np.floor(kettle.lives.day)
    orders = np.bincount(kettle.lives.customer[night < NIGHTS], minlength=len(kettle.who))
    assert 0.40 < (orders >= 2).sum() / (orders >= 1).sum() < 0.52


# ---------- drop-out and what bad service does to it


def test_bad_service_divides_what_is_left_of_a_life(kettle: Company) -> None:
    lives = kettle.lives
    bad = lives.is_breach | lives.is_badly_solved
    bad_day = (lives.day + lives.case_delay)[bad]
    hit = lives.customer[bad]
    once = (np.bincount(hit, minlength=len(kettle.who))[hit] == 1) & (lives.bad_cases[hit] == 1)
    hit, bad_day = hit[once], bad_day[once]
    left = lives.death[hit] - bad_day
    left_if_well = lives.death_if_served_well[hit] - bad_day
    assert len(hit) > 200
    assert left_if_well / left == pytest.approx(
        np.full(len(hit), kettle.world.service.breach_hazard)
    )


def test_only_those_served_badly_leave_early(kettle: Company) -> None:
    lives = kettle.lives
    early = lives.death < lives.death_if_served_well
    assert (early == (lives.bad_cases > 0)).all()
    assert early.sum() > 300


def test_where_bad_service_is_harmless_nobody_leaves_for_it() -> None:
    lives = live("harmless_service").lives
    assert (lives.bad_cases > 0).sum() > 300
    assert (lives.death == lives.death_if_served_well).all()


def test_heavy_buyers_contact_more_so_the_naive_comparison_is_confounded(kettle: Company) -> None:
    """Those with bad cases buy more than those without, though bad cases drive people away."""
    lives = kettle.lives
    served_badly = lives.bad_cases > 0
    assert lives.rate[served_badly].mean() > 1.3 * lives.rate[~served_badly].mean()
    orders = np.bincount(lives.customer, minlength=len(kettle.who))
    assert orders[served_badly].mean() > orders[~served_badly].mean()


def test_where_nobody_leaves_all_live_on() -> None:
    assert np.isinf(live("nobody_leaves", customers=2_000).lives.death).all()


def test_after_purchase_worlds_end_lives_on_purchase_days_only() -> None:
    lives = live("mbg_nbd", customers=3_000).lives
    dead = np.isfinite(lives.death)
    last = np.full(len(lives.death), -np.inf)
    np.maximum.at(last, lives.customer, lives.day)
    ended = dead & np.isfinite(last)
    assert ended.sum() > 1_000
    assert (lives.death[ended] == last[ended]).all()
    firsts = lives.number == 0
    chance = 1 / (1 + 3.0)  # mean of Beta(1, 3), and a little for service
    assert (lives.death == last)[lives.customer[firsts]].mean() > chance


def test_lifetimes_have_the_mean_of_their_rate() -> None:
    rate = np.full(50_000, 1 / 80)
    drawn = dropout.Lifetime().lifetimes(np.random.Generator(np.random.PCG64(2)), rate)
    assert drawn.mean() == pytest.approx(80.0, rel=0.02)


# ---------- spend


def test_spend_level_is_tied_to_the_rate_as_the_world_says(kettle: Company) -> None:
    found = spearmanr(kettle.level, kettle.lives.rate).statistic
    # Spearman of a Gaussian copula with rho: 6 / pi * asin(rho / 2).
    asked = 6 / np.pi * np.arcsin(kettle.world.spend.rate_correlation / 2)
    assert found == pytest.approx(asked, abs=0.03)
    assert kettle.level.std() == pytest.approx(kettle.world.spend.spread, rel=0.03)


def test_a_sale_is_worth_about_eighty_euros_and_units_far_more(kettle: Company) -> None:
    orders, lines = kettle.orders, kettle.lines
    value = np.bincount(lines.order, lines.net, len(orders.customer)) / 100
    sales = orders.order_type == SALE
    with_unit = np.bincount(lines.order, kettle.shop.category[lines.product] <= 2, len(value)) > 0
    assert 60 < value[sales].mean() < 100
    assert value[sales & with_unit].mean() > 4 * value[sales & ~with_unit].mean()


def test_no_discount_exceeds_its_line(kettle: Company) -> None:
    assert (kettle.lines.net >= 0).all()
    assert (kettle.lines.discount >= 0).all()
    assert (kettle.lines.discount > 0).mean() == pytest.approx(0.11, abs=0.01)


# ---------- returns


def test_the_return_rate_is_the_one_asked_for(kettle: Company) -> None:
    orders = kettle.orders
    may_return = (orders.order_type == SALE) & (orders.delivered_at != MISSING)
    returned = np.unique(kettle.lines.order[kettle.refunds.line])
    assert len(returned) / may_return.sum() == pytest.approx(kettle.world.returns.share, rel=0.08)


def test_no_line_is_refunded_above_its_price_or_before_it_arrived(kettle: Company) -> None:
    refunds, lines = kettle.refunds, kettle.lines
    refunded = np.bincount(refunds.line, refunds.amount, len(lines.order))
    assert (refunded <= lines.net).all()
    assert (refunds.amount > 0).all()
    assert (refunds.refunded_at > kettle.orders.delivered_at[lines.order[refunds.line]]).all()


def test_some_refunds_are_late_and_some_are_partial(kettle: Company) -> None:
    refunds = kettle.refunds
    order = kettle.lines.order[refunds.line]
    late = refunds.refunded_at - kettle.orders.delivered_at[order] >= 60 * DAY
    late_orders = len(np.unique(order[late])) / len(np.unique(order))
    assert late_orders == pytest.approx(kettle.world.returns.late_share, abs=0.04)
    assert ((refunds.quantity == 0) & (refunds.amount < kettle.lines.net[refunds.line])).sum() > 50


# ---------- service and care


def test_the_share_of_orders_with_a_case_is_the_one_asked_for(kettle: Company) -> None:
    assert kettle.lives.has_case.mean() == pytest.approx(kettle.world.service.case_share, rel=0.1)


def test_a_breach_is_a_reply_after_the_promise_and_nothing_else_is(kettle: Company) -> None:
    cases = kettle.cases
    late = (cases.first_reply_at - cases.opened_at) > 60 * cases.promised_minutes
    assert (late == cases.is_breach).all()
    of_orders = cases.order >= 0
    asked = kettle.world.service.breach_share
    assert cases.is_breach[of_orders].mean() == pytest.approx(asked, abs=0.02)


def test_a_case_is_opened_answered_and_resolved_in_that_order(kettle: Company) -> None:
    cases = kettle.cases
    assert (cases.first_reply_at > cases.opened_at).all()
    assert (cases.resolved_at > cases.first_reply_at).all()
    again = cases.reopened_at != MISSING
    assert again.sum() > 50
    assert (cases.reopened_at[again] > cases.resolved_at[again]).all()
    assert (cases.resolved_again_at[again] > cases.reopened_at[again]).all()


def test_one_csat_in_ten_is_bad_and_bad_service_is_why(kettle: Company) -> None:
    surveys = kettle.surveys
    csat = surveys.kind == opinions.CSAT
    assert 0.07 < (surveys.score[csat] <= 2).mean() < 0.14
    asked = csat & (surveys.case >= 0)
    bad = kettle.cases.is_bad[surveys.case[asked]]
    assert surveys.score[asked][bad].mean() < 2.6
    assert surveys.score[asked][~bad].mean() > 3.9


def test_email_consent_is_granted_as_the_world_says(kettle: Company) -> None:
    consents = kettle.consents
    email = (consents.channel == 0) & (consents.purpose == 0)
    granted = consents.customer[email & consents.is_granted]
    share = len(np.unique(granted)) / len(kettle.who)
    assert share == pytest.approx(kettle.world.care.email_consent_share, abs=0.02)


def test_mail_goes_only_to_those_who_agreed_and_stops_when_they_leave(kettle: Company) -> None:
    consents, contacts = kettle.consents, kettle.contacts
    email = (consents.channel == 0) & (consents.purpose == 0)
    never = np.iinfo(np.int64).max
    since, until = np.full(len(kettle.who), never), np.full(len(kettle.who), never)
    granted = email & consents.is_granted
    since[consents.customer[granted]] = consents.changed_at[granted]
    for customer, at in zip(
        consents.customer[email & ~consents.is_granted].tolist(),
        consents.changed_at[email & ~consents.is_granted].tolist(),
        strict=True,
    ):
        until[customer] = min(until[customer], at)
    assert len(contacts.sent_at) > 5_000
    assert (contacts.sent_at > since[contacts.customer]).all()
    assert (contacts.sent_at < until[contacts.customer]).all()


# ---------- any world


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    hazard=st.floats(1.0, 6.0),
    case_share=st.floats(0.02, 0.25),
    return_share=st.floats(0.0, 0.2),
    rho=st.floats(-0.9, 0.9),
    way_of_leaving=st.sampled_from(
        [
            dropout.Lifetime(),
            dropout.AfterPurchase(),
            dropout.AfterPurchase(2, 2, True),
            dropout.Never(),
        ]
    ),
    slow_share=st.floats(0.0, 0.5),
    regularity=st.sampled_from([1.0, 3.0]),
    seed=st.integers(0, 2**32),
)
def test_any_world_keeps_its_word(
    hazard: float,
    case_share: float,
    return_share: float,
    rho: float,
    way_of_leaving: dropout.Dropout,
    slow_share: float,
    regularity: float,
    seed: int,
) -> None:
    world = KETTLE_AND_CRANE.variant(
        service={
            "case_share": case_share,
            "slow_share": slow_share,
            "slow_hazard": hazard,
            "breach_hazard": hazard,
        },
        returns={"share": return_share},
        spend={"rate_correlation": rho},
        dropout=way_of_leaving,
        rhythm={"gap_regularity": regularity, "rate_scale_days": 150.0},
    )
    made = live(world, customers=1_500, seed=seed)
    lives = made.lives
    assert (lives.death <= lives.death_if_served_well).all()
    assert (lives.day <= lives.death[lives.customer]).all()
    orders = len(lives.day)
    allowed = 5 * np.sqrt(case_share / orders) + 0.25 * case_share
    assert lives.has_case.mean() == pytest.approx(case_share, abs=allowed)
    returned = len(np.unique(made.lines.order[made.refunds.line])) / len(made.orders.customer)
    assert returned <= return_share + 5 * np.sqrt(max(return_share, 0.01) / orders)
    assert spearmanr(made.level, lives.rate).statistic == pytest.approx(rho, abs=0.12)


def test_an_impossible_world_is_refused() -> None:
    with pytest.raises(ValueError, match="hazard"):
        KETTLE_AND_CRANE.variant(service={"breach_hazard": 0.5})
    with pytest.raises(ValueError, match="rate_correlation"):
        KETTLE_AND_CRANE.variant(spend={"rate_correlation": 1.5})
    assert world_named("kettle_and_crane") is KETTLE_AND_CRANE
