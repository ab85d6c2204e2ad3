"""Worlds that ask for more: wallets, weary readers, word of mouth, a second currency."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy.stats import spearmanr

from regulars.sample_company import WORLDS, generate, wallets
from regulars.sample_company.after_sale.referrals import (
    NO_CASE,
    SERVED_BADLY,
    SERVED_WELL,
    experience,
    referrals,
)
from regulars.sample_company.care import UNSUBSCRIBED
from regulars.sample_company.catalogue import GIFT_CARDS
from regulars.sample_company.company import EUR, SALE, SECOND_CURRENCY, Company
from regulars.sample_company.exchange import rates
from regulars.sample_company.fatigue import before, opt_out_chance
from regulars.sample_company.further_truth import mail_fatigue, word_of_mouth
from regulars.sample_company.further_truth import wallets as wallet_truth
from regulars.sample_company.localtime import DAY, to_date
from regulars.sample_company.parts import Care, Exchange
from regulars.sample_company.people import COUNTRIES
from regulars.sample_company.service import REPAIR, WARRANTY
from tests.unit.sample_company.living import FIRST_DAY, live

SEED = 5  # of `live`
FURTHER = {"wallets", "mail_fatigue", "word_of_mouth", "exchange_rates"}


@cache
def made(name: str) -> Company:
    return live(name, customers=6_000)


# ---------- wallets


def test_what_is_bought_here_and_elsewhere_is_together_what_was_wanted() -> None:
    c = made("shared_wallets")
    undivided = live(c.world.variant(wallet={"shared_share": 0.0}), customers=6_000)
    ordinary = undivided.orders.order_type[undivided.lines.order] == SALE
    wanted = undivided.lines.net[ordinary].sum()
    here = c.lines.net[c.orders.order_type[c.lines.order] == SALE].sum()
    elsewhere = c.elsewhere.net[c.orders.order_type[c.elsewhere.order] == SALE].sum()
    assert here + elsewhere == wanted
    assert 0.03 < elsewhere / wanted < 0.2


def test_an_errand_starts_here_and_its_lines_are_numbered_without_a_gap() -> None:
    c = made("shared_wallets")
    counts = np.bincount(c.lines.order)
    first = np.flatnonzero(np.diff(c.lines.order, prepend=-1))
    assert (c.lines.line_no[first] == 1).all()
    assert (np.maximum.reduceat(c.lines.line_no, first) == counts[c.lines.order[first]]).all()
    assert (c.elsewhere.line_no > 1).all()


def test_only_shared_categories_go_elsewhere_as_often_as_asked() -> None:
    c = made("shared_wallets")
    is_shared = wallets.shared(SEED, c.world.wallet, len(c.who))
    but_cards = np.arange(is_shared.shape[1]) != GIFT_CARDS
    assert is_shared[:, but_cards].mean() == pytest.approx(c.world.wallet.shared_share, abs=0.01)
    assert not is_shared[:, GIFT_CARDS].any()

    def shares(lines) -> np.ndarray:
        further = lines.line_no > 1
        return is_shared[c.orders.customer[lines.order], c.shop.category[lines.product]][further]

    assert shares(c.elsewhere).all()
    stays = shares(replace(c.lines, line_no=np.where(further_here(c), 2, 1)))
    goes = len(c.elsewhere.order) / (len(c.elsewhere.order) + stays.sum())
    assert goes == pytest.approx(c.world.wallet.elsewhere_share, abs=0.03)


def further_here(c: Company) -> np.ndarray:
    """Lines of sales beyond the first, numbered anew or not."""
    return (c.lines.line_no > 1) & (c.orders.order_type[c.lines.order] == SALE)


def test_the_gap_beside_peers_tells_of_the_wallet_but_does_not_give_it_away() -> None:
    """Among regulars, further lines in a category are fewer where it is bought elsewhere too."""
    c = made("shared_wallets")
    truth = wallet_truth(SEED, c).to_pandas()
    truth = truth[truth["category"] == "accessories"]
    orders = np.bincount(
        c.orders.customer[c.night(c.orders.ordered_at) < c.nights], minlength=len(c.who)
    )
    regular = orders >= 5
    assert regular.sum() > 500
    per_order = truth["spend_eur"].to_numpy()[regular] / orders[regular]
    shared = truth["is_shared"].to_numpy()[regular]
    assert per_order[shared].mean() < 0.8 * per_order[~shared].mean()
    assert spearmanr(per_order, shared).statistic > -0.6


def test_the_truth_of_wallets_adds_up_to_the_customers_spend() -> None:
    c = made("shared_wallets")
    truth = wallet_truth(SEED, c).to_pandas()
    own = (c.orders.order_type == SALE) & (c.night(c.orders.ordered_at) < c.nights)
    sold = c.lines.net[own[c.lines.order]].sum() / 100
    assert truth["spend_eur"].sum() == pytest.approx(sold, abs=1.0)
    assert truth.loc[~truth["is_shared"], "spend_elsewhere_eur"].sum() == 0
    assert truth["spend_elsewhere_next_365d_eur"].sum() > 0


# ---------- weary readers


def test_opting_out_grows_with_the_newsletters_received_as_the_law_says() -> None:
    c = made("weary_inboxes")
    mail, law = c.contacts, c.world.response
    level = before(mail.customer, mail.sent_at, law)
    chance = opt_out_chance(level, law)
    left = mail.outcome == UNSUBSCRIBED
    assert left.sum() > 300
    for low, high in ((0.0, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 9.0)):
        here = (level >= low) & (level < high)
        error = np.sqrt(chance[here].mean() / here.sum())
        assert abs(left[here].mean() - chance[here].mean()) < 4 * error
    fresh, tired = level < 1.0, level > 3.0
    assert left[tired].mean() > 3 * left[fresh].mean()


def test_nobody_gets_a_newsletter_after_the_one_that_was_too_many() -> None:
    c = made("weary_inboxes")
    mail = c.contacts
    last = np.full(len(c.who), np.iinfo(np.int64).max)
    left = mail.outcome == UNSUBSCRIBED
    last[mail.customer[left]] = mail.sent_at[left]
    assert (mail.sent_at <= last[mail.customer]).all()
    truth = mail_fatigue(c).to_pandas()
    assert truth["opted_out_on"].notna().sum() == left.sum()
    assert (truth["opt_out_chance"].to_numpy() > 0).all()


def test_four_newsletters_a_month_come_on_four_tuesdays() -> None:
    days = np.unique((made("weary_inboxes").contacts.sent_at + 2 * 3600) // DAY)
    dates = [to_date(day) for day in days.tolist()]
    assert {on.weekday() for on in dates} == {1}
    months = Counter((on.year, on.month) for on in dates)
    assert set(list(months.values())[1:]) == {4}
    with pytest.raises(ValueError, match="mailings_per_month"):
        Care(mailings_per_month=5)


def test_where_mail_does_not_weary_opting_out_does_not_grow(kettle: Company) -> None:
    mail = kettle.contacts
    level = before(mail.customer, mail.sent_at, kettle.world.response)
    left = mail.outcome == UNSUBSCRIBED
    fresh, tired = left[level < 0.3], left[level >= 0.3]
    error = np.sqrt(left.mean() * (1 / len(fresh) + 1 / len(tired)))
    assert abs(tired.mean() - fresh.mean()) < 3 * error


# ---------- word of mouth


def test_people_are_brought_by_those_served_well_and_hardly_by_those_served_badly() -> None:
    c = made("word_of_mouth")
    brought = {
        name: referrals_by_experience(live_with_talk(c, *talk))
        for name, talk in (
            ("as experienced", (2.0, 0.1)),
            ("whatever happened", (1.0, 1.0)),
        )
    }
    ratio = brought["as experienced"] / brought["whatever happened"]
    asked = c.world.after_sale
    for code, factor in (
        (NO_CASE, 1.0),
        (SERVED_WELL, asked.talk_if_served_well),
        (SERVED_BADLY, asked.talk_if_served_badly),
    ):
        spread = 4 * np.sqrt(factor / brought["whatever happened"][code])
        assert brought["whatever happened"][code] > 60
        assert abs(ratio[code] - factor) < spread


def live_with_talk(c: Company, well: float, badly: float) -> Company:
    world = c.world.variant(after_sale={"talk_if_served_well": well, "talk_if_served_badly": badly})
    return replace(c, world=world)


def referrals_by_experience(c: Company) -> np.ndarray:
    """Newcomers brought, by how their referrers had been served by then."""
    found = referrals(SEED, c)
    return np.bincount(experience(c, found.referrer, found.at - 20), minlength=3)


def test_one_case_that_went_badly_outweighs_what_went_well() -> None:
    c = made("word_of_mouth")
    end = np.full(len(c.who), (c.first_day + c.nights) * DAY)
    code = experience(c, np.arange(len(c.who)), end)
    closed = c.cases.closed_at < end[0]
    bad = np.bincount(c.cases.customer[closed & c.cases.is_bad], minlength=len(c.who))
    good = np.bincount(c.cases.customer[closed & ~c.cases.is_bad], minlength=len(c.who))
    assert ((code == SERVED_BADLY) == (bad > 0)).all()
    assert ((code == SERVED_WELL) == ((bad == 0) & (good > 0))).all()
    assert experience(c, np.array([-1]), end[:1]).tolist() == [NO_CASE]
    truth = word_of_mouth(SEED, c).to_pandas()
    assert truth["people_brought"].sum() == len(referrals(SEED, c).at)
    assert set(truth["talk"]) == {1.0, 2.0, 0.1}


# ---------- a second currency


def test_the_british_pay_in_pounds_and_nobody_else_does() -> None:
    c = made("two_currencies")
    british = c.who.country[c.orders.customer] == COUNTRIES.index("GB")
    pounds = c.orders.currency == SECOND_CURRENCY
    ours = c.orders.order_type == SALE
    assert c.currencies[SECOND_CURRENCY] == "GBP"
    assert (pounds & ~british).sum() == 0
    assert (pounds | (c.orders.currency != EUR))[british & ours].all()


def test_prices_in_pounds_are_those_in_euros_by_the_rate_of_the_founding() -> None:
    c, euros = made("two_currencies"), made("kettle_and_crane")
    pounds = c.orders.currency[c.lines.order] == SECOND_CURRENCY
    ratio = euros.lines.unit_price[pounds] / np.maximum(c.lines.unit_price[pounds], 1)
    assert np.median(ratio) == pytest.approx(c.world.exchange.rate, abs=0.01)
    assert (c.lines.net >= 0).all()
    assert (c.refunds.amount <= c.lines.net[c.refunds.line]).all()
    assert (c.lines.unit_price[~pounds] == euros.lines.unit_price[~pounds]).all()


def test_a_rate_holds_over_the_weekend_and_comes_back_to_where_it_began() -> None:
    exchange = Exchange(currency="GBP", rate=1.2, daily_volatility=0.01, daily_pull=0.02)
    days = rates(SEED, exchange, FIRST_DAY, 7 * 3_000)
    weekend = np.flatnonzero(~days.is_published[1:]) + 1
    assert (days.micros[weekend] == days.micros[weekend - 1]).all()
    assert {to_date(FIRST_DAY + day).weekday() for day in weekend.tolist()} == {5, 6}
    away = np.log(days.micros[days.is_published] / 1.2e6)
    # An autoregression with coefficient 1 - pull: sd / sqrt(1 - (1 - pull)^2).
    assert away.std() == pytest.approx(0.01 / np.sqrt(1 - 0.98**2), rel=0.15)
    assert abs(away.mean()) < 0.01


def test_what_pounds_were_worth_counts_in_the_truth() -> None:
    c = made("two_currencies")
    euros = c.euros_per_unit
    pounds = c.orders.currency == SECOND_CURRENCY
    assert (euros[~pounds] == 1).all()
    assert len(np.unique(euros[pounds])) > 300
    assert euros[pounds].mean() == pytest.approx(c.world.exchange.rate, rel=0.1)


# ---------- files


@pytest.fixture(
    scope="module",
    params=sorted(
        {"shared_wallets", "weary_inboxes", "word_of_mouth", "two_currencies", "kettle_and_crane"}
    ),
)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple:
    root = tmp_path_factory.mktemp(request.param)
    last = date(2025, 12, 31)
    generate(
        root / "landing",
        root / "truth",
        customers=150,
        seed=3,
        world=request.param,
        first_night=last - timedelta(days=120),
        last_night=last,
    )
    return request.param, root


def test_the_truth_of_each_world_is_written_where_it_is_asked_for(written: tuple) -> None:
    world, root = written
    asked = {
        "shared_wallets": "wallets",
        "weary_inboxes": "mail_fatigue",
        "word_of_mouth": "word_of_mouth",
        "two_currencies": "exchange_rates",
    }
    files = {path.stem for path in (root / "truth").glob("*.parquet")}
    assert files & FURTHER == ({asked[world]} if world in asked else set())
    for name in files & FURTHER:
        assert pq.read_table(root / "truth" / f"{name}.parquet").num_rows >= 120


def test_rates_are_delivered_on_working_days_by_the_company_that_needs_them(
    written: tuple,
) -> None:
    world, root = written
    files = sorted((root / "landing" / "house").glob("*/fx_rates.csv"))
    if world != "two_currencies":
        assert files == []
        return
    assert len(files) == np.busday_count("2025-09-02", "2026-01-01")
    for path in files:
        with path.open(newline="") as file:
            (row,) = csv.DictReader(file)
        assert row.keys() == {"date", "currency", "rate"}
        assert row["date"] == path.parent.name
        assert row["currency"] == "GBP"
        assert 1.0 < float(row["rate"]) < 1.4


def test_every_further_world_is_named() -> None:
    assert {"shared_wallets", "weary_inboxes", "word_of_mouth", "two_currencies"} <= set(WORLDS)


def test_rates_are_text_without_a_rounding(tmp_path: Path) -> None:
    from regulars.sample_company.columns import Millionths

    cells = Millionths(np.array([1_160_000, 1_000_001, 999_999])).text(np.arange(3))
    assert cells.to_pylist() == ["1.160000", "1.000001", "0.999999"]


# ---------- faults that come again


def test_a_fault_that_was_badly_mended_is_a_case_again_within_weeks() -> None:
    once = live("bitter_service", customers=1_500)
    again = live(once.world.variant(service={"repeated_share": 1.0}), customers=1_500)
    faults = np.isin(once.cases.kind, (REPAIR, WARRANTY))
    badly = np.flatnonzero(faults & once.cases.is_badly_solved)
    assert len(badly) > 10
    assert len(again.cases.kind) == len(once.cases.kind) + len(badly)
    for case in badly:
        same = (again.cases.customer == once.cases.customer[case]) & (
            again.cases.order == once.cases.order[case]
        )
        later = again.cases.opened_at[same] - once.cases.closed_at[case]
        assert ((later > DAY) & (later < 31 * DAY)).any()
