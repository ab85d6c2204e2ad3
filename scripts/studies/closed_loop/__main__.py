"""`python -m studies.closed_loop [CUSTOMERS [WEEKS [COMPANIES]]]` writes docs/studies' page."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from scipy import stats

from regulars.results.effect import effect_of
from regulars.sample_company.company import live
from regulars.sample_company.localtime import day_number
from regulars.sample_company.loop.response import Untreated
from regulars.sample_company.loop.sent import Sent, key_of
from regulars.sample_company.worlds import world_named
from studies.closed_loop.programme import COST, RESAMPLES, WINDOW, Programme, Rule, true_effect
from studies.closed_loop.simulated_people import Ledger

SEEDS = tuple(range(101, 113))  # fixed before the first run
RULES: tuple[Rule, ...] = ("none", "value", "assumed", "measured")
CUSTOMERS, WEEKS, HISTORY = 10_000, 52, 760
LETTERS_PER_CUSTOMER = 0.015  # a week
PAGE = Path(__file__).resolve().parents[3] / "docs" / "studies" / "closed-loop.md"


@dataclass(frozen=True)
class Measurement:
    """One list of one programme at the end: what was measured, and what is true."""

    list_code: str
    lift: float
    low: float | None
    high: float | None
    truth: float
    entries: int

    @property
    def covers(self) -> bool | None:
        if self.low is None or self.high is None:
            return None
        return self.low <= self.truth <= self.high


@dataclass(frozen=True)
class Year:
    """What one programme came to in one company; euros."""

    seed: int
    rule: Rule
    margin: float
    letters: int
    opted_out: int
    harmful_since: dict[str, int]
    measurements: tuple[Measurement, ...]

    @property
    def net(self) -> float:
        return self.margin - COST * self.letters


def company(seed: int, customers: int, weeks: int) -> Untreated:
    """A company left alone, for its history, the weeks of the programme and a window beyond."""
    first_day = day_number(date(2024, 10, 1))
    world = world_named("kettle_and_crane")
    nights = HISTORY + 7 * weeks
    return Untreated.of(seed, live(seed, world, customers, first_day, nights, look_ahead=180))


def lived(untreated: Untreated, rule: Rule, customers: int, weeks: int) -> Year:
    programme = Programme(untreated, rule, round(LETTERS_PER_CUSTOMER * customers))
    harmful: dict[str, int] = {}
    for week, ledger in enumerate(programme.live(HISTORY, weeks)):
        for code in programme.harmful(ledger, HISTORY + 7 * week) - harmful.keys():
            harmful[code] = week
    end = HISTORY + 7 * weeks + WINDOW
    ledger = Ledger.after(untreated, programme.entries.sent())
    alone = Ledger.after(untreated, Sent.of([]))
    return Year(
        seed=untreated.seed,
        rule=rule,
        margin=ledger.total(HISTORY, end),
        letters=sum(programme.entries.is_treated),
        opted_out=int(((ledger.opted_out_on < end) & (alone.opted_out_on >= end)).sum()),
        harmful_since=harmful,
        measurements=tuple(_measured(programme, ledger, end)),
    )


def _measured(programme: Programme, ledger: Ledger, night: int) -> list[Measurement]:
    found = []
    for code in sorted(set(programme.entries.list_code)):
        settled = programme.settled(ledger, code, night)
        effect = effect_of(settled[0], key_of(code), 4 * RESAMPLES) if settled else None
        if effect is not None:
            truth = true_effect(programme, code)
            size = effect.treated + effect.held_out
            found.append(Measurement(code, effect.lift, effect.low, effect.high, truth, size))
    return found


def interval(differences: Sequence[float]) -> tuple[float, float, float]:
    """Mean over companies with its 95% interval, Student's."""
    values = np.asarray(differences)
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean()), float(values.mean() - half), float(values.mean() + half)


def page(years: Sequence[Year], customers: int, weeks: int) -> str:
    by = {(year.seed, year.rule): year for year in years}
    seeds = sorted({year.seed for year in years})
    return "\n".join(
        [
            "# Do measured effects make a better programme?",
            "",
            *_findings(years, by, seeds),
            "",
            *_head(customers, weeks, seeds),
            *_companies(by, seeds),
            "",
            *_differences(by, seeds),
            "",
            *_effects(years),
            "",
            *_harm(years, weeks),
            "",
            "`make closed-loop` measures again; ten minutes of a processor. More customers, weeks"
            " or companies: `python -m studies.closed_loop CUSTOMERS WEEKS COMPANIES`.",
            "",
        ]
    )


def _findings(years: Sequence[Year], by: dict, seeds: Sequence[int]) -> list[str]:
    """Five lines, whichever way it fell."""
    pairs: tuple[tuple[Rule, Rule, str, str], ...] = (
        ("measured", "value", "A programme by measured gain", "than one ranked by value"),
        ("measured", "assumed", "It", "than one shared out alike, by gain as assumed"),
        ("measured", "none", "It", "than no lists at all"),
    )
    told = [m.covers for y in years for m in y.measurements if m.covers is not None]
    found = [w for y in years for code, w in y.harmful_since.items() if code == "save_our_best"]
    others = sum(code != "save_our_best" for y in years for code in y.harmful_since)
    return [
        *(_finding(by, seeds, *pair) for pair in pairs),
        f"- Of {len(told)} intervals of 95% for a list's effect, {sum(told)} hold the truth.",
        f"- The harmful list is announced in {len(found)} of {len(years) - len(seeds)} programmes"
        + (f", after {min(found)} to {max(found)} weeks" if found else "")
        + f"; another list, wrongly, in {others}.",
    ]


def _finding(by: dict, seeds: Sequence[int], one: Rule, other: Rule, what: str, than: str) -> str:
    mean, low, high = interval([by[s, one].net - by[s, other].net for s in seeds])
    share = 100 * mean / float(np.mean([by[s, other].net for s in seeds]))
    sure = "" if low * high > 0 else ": too few companies to tell"
    more = "more" if mean > 0 else "less"
    return (
        f"- {what} brings a company {abs(mean):,.0f} euros ({abs(share):.1f}%) {more} {than},"
        f" 95% interval {low:,.0f} to {high:,.0f}{sure}."
    )


def _head(customers: int, weeks: int, seeds: Sequence[int]) -> list[str]:
    letters = round(LETTERS_PER_CUSTOMER * customers)
    return [
        f"{len(seeds)} simulated companies of {customers:,} customers (Kettle & Crane, seeds"
        f" {seeds[0]} to {seeds[-1]}, fixed beforehand), two years old. From then on, each lives"
        f" through {weeks} weekly nights and {WINDOW} days four times over: without lists; with"
        f" {letters} letters a week, shared by four lists in fixed priority and ranked by value;"
        " and with as many at most, each person on the list that gains most on them, nobody where"
        " nothing is gained, by what is believed of each list: the assumed tenth of the value at"
        " stake until results are in, then as measured (`results/believed.py`), or, to tell the"
        " measuring from the sharing out, the assumed tenth throughout. One in five is held out."
        " Common random numbers: whoever is contacted alike answers alike.",
        "",
        "Whom a list is about is a rule of thumb here, not the night's SQL, and value is what was"
        " bought, not a model's forecast: a year of the whole pipeline, four times over in as many"
        " companies, would take days. Holding out, measuring, shrinking and announcing are the"
        " product's own code. `save_our_best` does harm by the simulator's design.",
        "",
    ]


def _companies(by: dict, seeds: Sequence[int]) -> list[str]:
    rows = [
        "| company | programme | margin less letters | letters | opted out |",
        "|---|---|---|---|---|",
    ]
    for seed in seeds:
        for rule in RULES:
            year = by[seed, rule]
            rows.append(
                f"| {seed} | {rule} | {year.net:,.0f} | {year.letters:,} | {year.opted_out:,} |"
            )
    return rows


def _differences(by: dict, seeds: Sequence[int]) -> list[str]:
    rows = [
        "Differences in margin less letters, euros, mean over companies (95% interval, Student's):",
        "",
        "| | mean | from | to |",
        "|---|---|---|---|",
    ]
    pairs: tuple[tuple[Rule, Rule], ...] = (
        ("measured", "value"),
        ("measured", "assumed"),
        ("measured", "none"),
        ("assumed", "value"),
        ("value", "none"),
    )
    for one, other in pairs:
        mean, low, high = interval([by[s, one].net - by[s, other].net for s in seeds])
        rows.append(f"| {one} − {other} | {mean:,.0f} | {low:,.0f} | {high:,.0f} |")
    return rows


def _effects(years: Sequence[Year]) -> list[str]:
    rows = [
        "What the lists were measured to change at the end, a head, beside the truth (what the same"
        " people would have brought without this list):",
        "",
        "| programme | list | entries | measured | true | intervals that hold the truth |",
        "|---|---|---|---|---|---|",
    ]
    for rule in RULES[1:]:
        codes = sorted({m.list_code for y in years if y.rule == rule for m in y.measurements})
        for code in codes:
            of = [m for y in years if y.rule == rule for m in y.measurements if m.list_code == code]
            told = [m.covers for m in of if m.covers is not None]
            rows.append(
                f"| {rule} | `{code}` | {np.mean([m.entries for m in of]):,.0f} |"
                f" {np.mean([m.lift for m in of]):.2f} | {np.mean([m.truth for m in of]):.2f} |"
                f" {sum(told)} of {len(told)} |"
            )
    told = [m.covers for y in years for m in y.measurements if m.covers is not None]
    return [
        *rows,
        "",
        f"In all, {sum(told)} of {len(told)} intervals of 95% hold the truth. The truth leaves what"
        " other lists sent as it was; whoever is held out of one list may be sent another, here"
        " sometimes the harmful one, which the comparison counts and the truth does not: perhaps"
        " why `reorder_due` is measured too high.",
    ]


def _harm(years: Sequence[Year], weeks: int) -> list[str]:
    found = [
        f"{code} in company {y.seed}, programme {y.rule}, after {week} weeks"
        for y in years
        for code, week in sorted(y.harmful_since.items())
    ]
    return [
        "Announced to do harm: "
        + ("; ".join(found) if found else f"none within {weeks} weeks")
        + "."
    ]


def main(customers: int, weeks: int, seeds: Sequence[int]) -> None:
    years = []
    for seed in seeds:
        untreated = company(seed, customers, weeks)
        for rule in RULES:
            years.append(lived(untreated, rule, customers, weeks))
            print(seed, rule, round(years[-1].net), years[-1].letters, flush=True)
    PAGE.write_text(page(years, customers, weeks), encoding="utf-8")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    size, length, companies = (*given, *(CUSTOMERS, WEEKS, len(SEEDS))[len(given) :])
    main(size, length, SEEDS[:companies])
