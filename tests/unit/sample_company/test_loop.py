"""The closed loop: what is sent changes lives, by the effects put in, and nothing else does."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from regulars.sample_company import generate
from regulars.sample_company.care import LISTS
from regulars.sample_company.company import SALE
from regulars.sample_company.fatigue import before, opt_out_chance, persuasion
from regulars.sample_company.feed import Feed
from regulars.sample_company.founding import AHEAD_MOST, Founding, NoCompany
from regulars.sample_company.localtime import DAY, MISSING
from regulars.sample_company.loop import (
    LoopRefused,
    next_day,
    potential,
    respond,
    response,
    sent,
)
from regulars.sample_company.loop.aftermath import follow
from regulars.sample_company.loop.amended import FIRST_NUMBER, amended
from regulars.sample_company.loop.potential import Morning
from regulars.sample_company.loop.response import Untreated
from regulars.sample_company.loop.sent import ListsUnreadable, Sent
from regulars.sample_company.parts import LIST_EFFECTS, Response
from regulars.sample_company.worlds import world_named
from tests.unit.sample_company.answering import write_lists
from tests.unit.sample_company.conftest import Sample

FIRST, LAST = date(2025, 1, 1), date(2026, 6, 30)
NIGHT = (LAST - FIRST).days


@pytest.fixture(scope="module")
def known() -> Untreated:
    """6,000 customers, eighteen months, and half a year ahead, left alone."""
    founding = Founding(9, world_named("kettle_and_crane"), 6_000, FIRST, LAST, AHEAD_MOST)
    return Untreated.of(founding.seed, founding.company())


def everybody(known: Untreated) -> np.ndarray:
    """Who was there on the night of the lists."""
    return np.flatnonzero(known.company.who.night <= NIGHT)


def buyers(known: Untreated, gone: Sent, days: int) -> np.ndarray:
    """Per customer, whether they order within so many days of the morning after NIGHT, and
    keep it."""
    company, _ = amended(known, follow(known, gone))
    o = company.orders
    morning = (known.company.first_day + NIGHT + 1) * DAY + 10 * 3600
    inside = (o.ordered_at > morning) & (o.ordered_at <= morning + days * DAY)
    inside &= (o.order_type == SALE) & (o.delivered_at != MISSING)
    return np.bincount(o.customer[inside], minlength=len(company.who)) > 0


def file_of(list_code: str, customers: np.ndarray, night: int = NIGHT) -> Sent:
    return Sent.of((list_code, int(who), night, False) for who in customers)


def put_in(known: Untreated, list_code: str, customers: np.ndarray) -> np.ndarray:
    """Effect of a contact on each of these, as the truth has it."""
    gone = file_of(list_code, customers)
    at = follow(known, gone).contacts.sent_at
    who = follow(known, gone).contacts.customer
    mail = known.company.contacts
    every = np.concatenate([who, mail.customer]), np.concatenate([at, mail.sent_at])
    level = before(*every, known.company.world.response)
    found = response.outcomes(
        known, list_code, who, at, np.zeros(len(who), np.int64), level[: len(who)]
    )
    return found.buys_if_contacted.astype(float) - found.buys_if_left


@pytest.mark.parametrize("list_code", ["second_purchase", "save_our_best"])
def test_treated_minus_held_out_recovers_the_effect_that_was_put_in(
    known: Untreated, list_code: str
) -> None:
    days = response.effect_of(list_code).window_days
    # One of each household, so that nothing spills over; half of them held out.
    eligible = everybody(known)[known.kin.others_at_home()[everybody(known)] < 0]
    treated = np.random.default_rng(1).random(len(eligible)) < 0.5
    bought = buyers(known, file_of(list_code, eligible[treated]), days)[eligible]
    lift = bought[treated].mean() - bought[~treated].mean()
    error = np.sqrt(
        bought[treated].var() / treated.sum() + bought[~treated].var() / (~treated).sum()
    )
    truth = put_in(known, list_code, eligible).mean()
    assert abs(truth) > 3 * error, "an effect that this many people cannot show"
    assert abs(lift - truth) < 3 * error


def test_a_harmful_list_lowers_purchases_and_another_raises_them(known: Untreated) -> None:
    who, nobody = everybody(known), Sent.of([])
    for list_code, sign in (("save_our_best", -1), ("make_it_right", 1)):
        days = response.effect_of(list_code).window_days
        change = (
            buyers(known, file_of(list_code, who), days).sum() - buyers(known, nobody, days).sum()
        )
        assert sign * change > 50, list_code


def test_effects_differ_by_stratum_as_they_were_asked(known: Untreated) -> None:
    who = everybody(known)
    effect = put_in(known, "make_it_right", who)
    by_stratum = [effect[known.stratum[who] == s].mean() for s in range(3)]
    assert by_stratum[0] < by_stratum[1]
    rested = np.zeros(len(who))
    at = np.full(len(who), (known.company.first_day + NIGHT + 1) * DAY)
    found = response.outcomes(known, "make_it_right", who, at, np.zeros_like(who), rested)
    left = ~found.buys_if_left & (known.ended_at[who] > at + 180 * DAY)
    for s, asked in enumerate(response.effect_of("make_it_right").persuades):
        share = found.buys_if_contacted[left & (found.stratum == s)].mean()
        assert abs(share - asked) < 0.03


def test_whoever_is_in_no_file_keeps_the_life_they_would_have_had(known: Untreated) -> None:
    who = everybody(known)
    held = who[::2]
    gone = file_of("make_it_right", np.setdiff1d(who, held))
    company, numbers = amended(known, follow(known, gone))
    alone = held[~np.isin(known.kin.others_at_home()[held], gone.customer)]
    changed = np.unique(company.orders.customer[numbers >= FIRST_NUMBER])
    assert len(changed) > 30
    assert not np.isin(alone, changed).any()
    base = len(known.company.orders.customer)
    same = company.orders.ordered_at[:base] == known.company.orders.ordered_at
    assert same[np.isin(known.company.orders.customer, alone)].all()


def test_a_contact_spills_over_to_who_lives_with_somebody_contacted(known: Untreated) -> None:
    other = known.kin.others_at_home()
    pairs = everybody(known)[other[everybody(known)] > everybody(known)]
    partners = other[pairs]
    alone = buyers(known, Sent.of([]), 90)
    after = buyers(known, file_of("second_purchase", pairs), 90)
    gained = after[partners].sum() - alone[partners].sum()
    assert gained > 3
    assert gained < 0.6 * (after[pairs].sum() - alone[pairs].sum())


def test_weariness_rises_with_every_contact_and_fades() -> None:
    usual = Response()
    weekly = before(np.zeros(6, np.int64), np.arange(6) * 7 * DAY, usual)
    assert weekly[0] == 0
    assert (np.diff(weekly) > 0).all()
    rested = before(np.zeros(3, np.int64), np.array([0, 7, 400]) * DAY, usual)
    assert rested[2] < 0.01 < rested[1]
    assert (np.diff(persuasion(weekly, usual)) < 0).all()
    assert (np.diff(opt_out_chance(weekly, usual)) > 0).all()


def test_weariness_ends_in_opting_out(known: Untreated) -> None:
    """The same people every other day for eight weeks: most have had enough."""
    who = everybody(known)[::20]
    often = Sent.of(("win_back", int(c), NIGHT + n, False) for c in who for n in range(0, 56, 2))
    answer = follow(known, often)
    out = np.isin(who, answer.opted_out).mean()
    once = np.isin(who, follow(known, file_of("win_back", who)).opted_out).mean()
    assert once < 0.1
    assert out > 0.6
    company, _ = amended(known, answer)
    added = len(company.consents.customer) - len(known.company.consents.customer)
    assert added == len(answer.opted_out)
    assert not company.consents.is_granted[-added:].any()
    # No newsletter follows an opt-out.
    since = np.full(len(company.who), np.iinfo(np.int64).max)
    np.minimum.at(since, answer.opted_out, answer.opted_out_at)
    mail = company.contacts.list_code < len(LISTS)
    whose, at = company.contacts.customer[mail], company.contacts.sent_at[mail]
    delivered = company.night(at) < company.nights
    assert (at < since[whose])[delivered].all()


def test_what_was_delivered_stays_when_more_is_sent(known: Untreated) -> None:
    """Orders and their numbers up to a night do not depend on what is sent after it."""
    who = everybody(known)
    first = [("win_back", int(c), NIGHT, False) for c in who[::3]]
    later = [("second_purchase", int(c), NIGHT + 20, False) for c in who[::2]]
    until = (known.company.first_day + NIGHT + 20) * DAY
    seen = []
    for rows in (first, first + later):
        company, numbers = amended(known, follow(known, Sent.of(rows)))
        orders, mail = company.orders, company.contacts
        past, sent_ = orders.ordered_at < until, mail.sent_at < until
        seen.append(
            (
                np.stack([numbers[past], orders.ordered_at[past], orders.customer[past]]),
                np.stack([mail.customer[sent_], mail.sent_at[sent_], mail.outcome[sent_]]),
            )
        )
    assert seen[0][0].max() > FIRST_NUMBER
    assert all(np.array_equal(one, other) for one, other in zip(*seen, strict=True))


def test_a_made_order_leads_to_cases_as_often_as_the_orders_it_takes_after(
    known: Untreated,
) -> None:
    """Each about goods of its own order, later than it, by whoever ordered, and answered about."""
    answer = follow(known, file_of("second_purchase", everybody(known)))
    cases, orders, c = answer.cases, answer.orders, known.company
    usual = (c.orders.order_type == SALE) & (c.orders.delivered_at != MISSING)
    units = np.isin(c.shop.category[c.lines.product], (0, 1, 2))
    usual &= np.bincount(c.lines.order, weights=units, minlength=len(usual)) == 0
    share = np.isin(np.flatnonzero(usual), c.cases.order).mean()
    made = len(orders.customer)
    assert made > 300
    assert abs(len(cases.order) / made - share) < 3 * np.sqrt(share * (1 - share) / made)
    assert len(np.unique(cases.order)) == len(cases.order) > 15
    assert (cases.customer == orders.customer[cases.order]).all()
    assert (cases.opened_at > orders.ordered_at[cases.order]).all()
    assert (cases.first_reply_at > cases.opened_at).all()
    in_order = set(zip(answer.lines.order.tolist(), answer.lines.product.tolist(), strict=True))
    assert set(zip(cases.order.tolist(), cases.product.tolist(), strict=True)) <= in_order
    assert len(answer.surveys.case) > 0
    assert (answer.surveys.customer == cases.customer[answer.surveys.case]).all()
    assert (answer.surveys.answered_at > cases.first_reply_at[answer.surveys.case]).all()


def test_a_night_delivers_the_same_rows_whatever_is_sent_after_it() -> None:
    """Every feed, those of a life after the sale and the cases of made orders included."""
    founding = Founding(9, world_named("kettle_and_crane"), 1_500, FIRST, LAST, 120)
    small = Untreated.of(9, founding.company())
    first = [("win_back", c, NIGHT, False) for c in range(1_500)]
    later = [("make_it_right", c, NIGHT + 60, False) for c in range(0, 1_500, 2)]
    nights = range(NIGHT + 1, NIGHT + 60)
    told = []
    for rows in (first, first + later):
        feeds = {feed.name: rendered(feed) for feed in respond(small, Sent.of(rows), nights)}
        told.append(feeds)
    assert [name for name in told[0] if told[0][name] != told[1][name]] == []
    by_made = [row for row in told[0]["cases"] if f",O{FIRST_NUMBER // 10_000_000}" in row]
    assert len(by_made) > 5


def rendered(feed: Feed) -> list[str]:
    """The rows of a feed, a line each."""
    cells = [column.text(feed.rows).to_pylist() for column in feed.columns.values()]
    rows = zip(feed.night.astype(str).tolist(), *cells, strict=True)
    return [",".join(cell or "" for cell in row) for row in rows]


def test_in_a_world_without_effects_contacts_change_no_order() -> None:
    still = world_named("kettle_and_crane").variant(care={"contact_effect": 0.0})
    founding = Founding(9, still, 400, FIRST, LAST, 30)
    alone = Untreated.of(9, founding.company())
    answer = follow(alone, file_of("save_our_best", np.arange(300)))
    assert len(answer.contacts.customer) == 300
    assert len(answer.orders.customer) == 0
    assert not answer.is_put_off.any()


# ---------- files


def small(root: Path, ahead: int = 10) -> tuple[Path, Path]:
    generate(
        root / "landing",
        root / "truth",
        customers=250,
        seed=3,
        first_night=date(2025, 9, 1),
        last_night=date(2025, 11, 30),
        ahead=ahead,
    )
    return root / "landing", root / "truth"


def bytes_of(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


IDS = [f"C{n:07d}" for n in range(1, 120)]


def test_without_newcomers_nights_ahead_leave_the_past_as_it_is(tmp_path: Path) -> None:
    made = {}
    for name, ahead in (("without", {}), ("with", {"ahead": 28, "newcomers_ahead": False})):
        root = tmp_path / name
        generate(
            root / "landing",
            root / "truth",
            customers=250,
            seed=3,
            first_night=date(2025, 9, 1),
            last_night=date(2025, 11, 30),
            **ahead,
        )
        made[name] = bytes_of(root)
        del made[name]["truth/company.json"]
    assert made["with"] == made["without"]


def test_nights_ahead_without_newcomers_sell_to_those_who_are_known(tmp_path: Path) -> None:
    landing, truth = tmp_path / "landing", tmp_path / "truth"
    clean = world_named("kettle_and_crane").variant(dirt={"per_mille": 0.0})
    generate(
        landing,
        truth,
        customers=250,
        seed=3,
        first_night=date(2025, 9, 1),
        world=clean,
        last_night=date(2025, 11, 30),
        ahead=28,
        newcomers_ahead=False,
    )
    known = {
        row["customer_id"]
        for path in landing.glob("house/*/customers.csv")
        for row in rows_of(path)
    }
    next_day(landing, truth, write_lists(tmp_path / "first", date(2025, 11, 30), {"win_back": IDS}))
    next_day(landing, truth, write_lists(tmp_path / "last", date(2025, 12, 27), {}))
    sold = [row for path in landing.glob("house/2025-12-*/orders.csv") for row in rows_of(path)]
    assert len({row["ordered_at"][:10] for row in sold}) > 20
    assert {row["customer_id"] for row in sold if row["ordered_at"] > "2025-12"} <= known
    with pytest.raises(LoopRefused, match="more nights ahead"):
        next_day(landing, truth, write_lists(tmp_path / "over", date(2025, 12, 28), {}))


def test_only_who_is_in_a_file_is_contacted_and_it_is_delivered_next_day(tmp_path: Path) -> None:
    landing, truth = small(tmp_path)
    lists = write_lists(
        tmp_path / "l", date(2025, 11, 30), {"win_back": [*IDS[:40], "C99000001", "?"]}
    )
    done = next_day(landing, truth, lists)
    assert done["delivered"] == ["2025-12-01"]
    contacts = rows_of(landing / "house" / "2025-12-01" / "campaign_contacts.csv")
    assert sorted(r["customer_id"] for r in contacts if r["list_code"] == "win_back") == IDS[:40]
    assert all(r["sent_at"].startswith("2025-12-01T") for r in contacts)
    assert {p.name for p in (landing / "house" / "2025-12-01").iterdir()} >= {
        "orders.csv",
        "customers.csv",
        "consents.csv",
    }


def test_who_is_left_in_peace_or_shown_advertisements_is_not_contacted(tmp_path: Path) -> None:
    landing, truth = small(tmp_path)
    lists = {"ad_audiences": IDS[:40], "rest": IDS[40:80], "win_back": IDS[80:90]}
    next_day(landing, truth, write_lists(tmp_path / "l", date(2025, 11, 30), lists))
    contacts = rows_of(landing / "house" / "2025-12-01" / "campaign_contacts.csv")
    assert {r["list_code"] for r in contacts} & lists.keys() == {"win_back"}


def test_answering_a_day_twice_changes_nothing(tmp_path: Path) -> None:
    landing, truth = small(tmp_path)
    for night in range(3):
        on = date(2025, 11, 30) + timedelta(days=night)
        next_day(
            landing, truth, write_lists(tmp_path / str(night), on, {"win_back": IDS[night::3]})
        )
    first = bytes_of(landing) | bytes_of(truth)
    for night in (1, 0, 2):
        assert next_day(landing, truth, tmp_path / str(night))["delivered"] == []
    assert bytes_of(landing) | bytes_of(truth) == first


def test_the_same_seed_and_lists_give_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        landing, truth = small(tmp_path / name)
        for night in range(2):
            on = date(2025, 11, 30) + timedelta(days=night)
            lists = write_lists(tmp_path / name / str(night), on, {"second_purchase": IDS})
            next_day(landing, truth, lists)
        made.append(bytes_of(landing) | bytes_of(truth))
    assert made[0] == made[1]
    assert any("2025-12-02/orders.csv" in name for name in made[0])


def test_nights_kept_back_are_those_a_longer_company_delivers(tmp_path: Path) -> None:
    """Nobody contacted: the next day is the one that was going to be."""
    landing, truth = small(tmp_path)
    next_day(landing, truth, write_lists(tmp_path / "l", date(2025, 12, 5), {}))
    first_day, orders = Founding.read(truth).first_day, []
    company = Founding.read(truth).company()
    for folder in sorted((landing / "house").glob("2025-12-*")):
        orders += rows_of(folder / "orders.csv")
    night = company.night(company.orders.ordered_at)
    expected = ((night >= 91) & (night <= 96)).sum()
    assert first_day + 91 == (date(2025, 12, 1) - date(1970, 1, 1)).days
    assert len({r["order_id"] for r in orders if r["ordered_at"] >= "2025-12-01"}) == expected > 0


def test_a_list_that_was_changed_after_the_answer_is_refused(tmp_path: Path) -> None:
    landing, truth = small(tmp_path)
    next_day(landing, truth, write_lists(tmp_path / "l", date(2025, 11, 30), {"win_back": IDS[:9]}))
    with pytest.raises(LoopRefused, match="answered before"):
        next_day(landing, truth, write_lists(tmp_path / "l", date(2025, 11, 30), {"win_back": IDS}))


def test_a_file_that_its_manifest_does_not_describe_is_refused(tmp_path: Path) -> None:
    landing, truth = small(tmp_path)
    lists = write_lists(tmp_path / "l", date(2025, 11, 30), {"win_back": IDS})
    (lists / "win_back.csv").write_text("list_code,customer_id\n")
    with pytest.raises(ListsUnreadable, match="manifest"):
        next_day(landing, truth, lists)


def test_past_the_nights_ahead_there_is_no_next_day(tmp_path: Path) -> None:
    landing, truth = small(tmp_path, ahead=2)
    with pytest.raises(LoopRefused, match="2025-12-02"):
        next_day(landing, truth, write_lists(tmp_path / "l", date(2025, 12, 2), {}))
    with pytest.raises(NoCompany, match="regulars sample"):
        next_day(landing, tmp_path / "nowhere", tmp_path / "l")


def test_an_id_that_was_never_given_out_is_nobody() -> None:
    assert [sent.customer_place(i) for i in ("C0000001", "C0000120", "", "Cx")] == [0, 119, -1, -1]


def test_the_truth_says_what_each_list_would_do_to_each_customer(sample: Sample) -> None:
    rows = pq.read_table(sample.truth / "potential_outcomes.parquet").to_pylist()
    assert {row["list_code"] for row in rows} == set(LIST_EFFECTS)
    assert len(rows) == 900 * len(LIST_EFFECTS)
    futures = {
        "lost_cause": (False, False),
        "persuadable": (False, True),
        "sleeping_dog": (True, False),
        "sure_thing": (True, True),
    }
    assert {row["kind"] for row in rows} == set(futures)
    for row in rows:
        assert (row["buys_if_left_alone"], row["buys_if_contacted"]) == futures[row["kind"]]


def test_the_truth_in_money_is_what_a_contact_brings(known: Untreated) -> None:
    """Contact everybody who lives alone on the morning the truth speaks of, and add up."""
    table = potential.outcomes(known, "second_purchase", Morning.after(known, NIGHT + 1))
    said = {r["customer_id"]: r["spend_if_contacted_eur"] for r in table.to_pylist()}
    who = everybody(known)[known.kin.others_at_home()[everybody(known)] < 0]
    company, _ = amended(known, follow(known, file_of("second_purchase", who)))
    o = company.orders
    morning = (known.company.first_day + NIGHT + 1) * DAY + 9 * 3600
    inside = (o.ordered_at > morning) & (o.ordered_at <= morning + 90 * DAY)
    inside &= (o.order_type == SALE) & (o.delivered_at != MISSING)
    spent = np.bincount(company.lines.order, weights=company.lines.net, minlength=len(inside))
    brought = np.bincount(o.customer[inside], weights=spent[inside], minlength=len(company.who))
    told = np.array([said[f"C{n + 1:07d}"] for n in who])
    # A handful order within the hours between the truth's moment and their letter's.
    assert (np.abs(brought[who] / 100 - told) < 0.005).mean() > 0.995
    assert told.sum() > 1.05 * table["spend_if_left_alone_eur"].to_numpy()[who].sum()


def test_the_truth_by_stratum_adds_up_to_the_customers(sample: Sample) -> None:
    rows = pq.read_table(sample.truth / "contact_effects.parquet").to_pylist()
    people = pq.read_table(sample.truth / "potential_outcomes.parquet").to_pylist()
    for list_code in LIST_EFFECTS:
        here = [r for r in rows if r["list_code"] == list_code]
        gain = sum(r["effect"] * r["customers"] for r in here)
        kinds = [p["kind"] for p in people if p["list_code"] == list_code]
        assert gain == pytest.approx(
            kinds.count("persuadable") - kinds.count("sleeping_dog"), abs=0.01
        )
    harm = [r["effect"] for r in rows if r["list_code"] == "save_our_best"]
    assert max(harm) < 0
