"""The page itself: section data in, one HTML file out."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from regulars.phrases import phrase, say, told
from regulars.report import bridge, charts, model_charts, words
from regulars.report.earned_words import earned, keeping
from regulars.report.held_out import held_out
from regulars.report.html import environment, style_sheet
from regulars.report.notes import verdict
from regulars.report.sections import Cohorts, Edition, Exclusion, Report, TonightsList, Value
from regulars.report.tonight_words import expected

FILE_NAME = "report.html"
HELD_OUT = phrase("held out, to measure the effect")

FirstFiles = Mapping[str, tuple[str, str]]
"""By list: the file to download, from the page, and the tool it is for."""


FIRST_CARDS = 5  # actions of the day; the rest is folded
EYEBROWS = {
    "service": phrase("service: owed to them"),
    "marketing": phrase("marketing: with consent"),
    "audience": phrase("advertising: with consent to it"),
    "suppression": phrase("no contact: to be left in peace"),
}


@dataclass(frozen=True)
class Card:
    """A list as an action: its figures, its drawing and the file that people download first."""

    number: int
    tonight: TonightsList
    strip: Markup | None
    held_out: str
    earned: str
    expected: str
    file: str
    file_for: str

    @property
    def eyebrow(self) -> str:
        return f"{self.number} · {say(EYEBROWS[self.tonight.list_class])}"


@dataclass(frozen=True)
class Cards:
    """Lists with people in their order, the first of them open; those without are a line each."""

    first: tuple[Card, ...]
    more: tuple[Card, ...]
    idle: tuple[Card, ...]

    @property
    def all(self) -> tuple[Card, ...]:
        return (*self.first, *self.more, *self.idle)


@dataclass(frozen=True)
class HeatCell:
    """One month of a cohort: `depth` 0 to 1 is its ink, relative to the darkest cell."""

    share: float
    depth: float
    active: int
    is_mature: bool


def first_files(folder: Path) -> FirstFiles:
    """By list what its manifest in folder/lists names first, and for which tool that is."""
    path = folder / "lists" / "manifest.json"
    if not path.exists():
        return {}
    entries = json.loads(path.read_text(encoding="utf-8"))["lists"]
    return {
        entry["list_code"]: (f"lists/{target['files'][0]['name']}", told(target["target_name"]))
        for entry in entries
        for target in reversed(entry["targets"])
        if target["files"]
    }


def render(report: Report, files: FirstFiles | None = None) -> str:
    """The whole page as text. Equal reports and files give equal text."""
    template = environment(report.edition.currency).get_template("report.html.j2")
    return template.render(
        report=report,
        verdict=verdict(report),
        cards=cards(report, files or {}),
        exclusions=exclusions_by_list(report),
        charts=drawings(report),
        waterfall=bridge.waterfall(report.bridges[0]) if report.bridges else None,
        moved_most=bridge.largest(report.bridges[0]) if report.bridges else None,
        tier_shares=tier_shares(report.value),
        best_share=best_share(report.value),
        heat_maps=[(cohorts, heat_rows(cohorts)) for cohorts in report.cohorts],
        keeping=keeping(report.keep_against_win, report.edition.currency),
        glossary=[(say(term), say(meaning)) for term, meaning in words.GLOSSARY],
        style=style_sheet(),
    )


def cards(report: Report, files: FirstFiles) -> Cards:
    busy = [tonight for tonight in report.lists if tonight.people]
    idle = [tonight for tonight in report.lists if not tonight.people]
    made = [
        _card(number, tonight, files, report.edition)
        for number, tonight in enumerate([*busy, *idle], start=1)
    ]
    return Cards(
        first=tuple(made[: min(FIRST_CARDS, len(busy))]),
        more=tuple(made[FIRST_CARDS : len(busy)]),
        idle=tuple(made[len(busy) :]),
    )


def _card(number: int, tonight: TonightsList, files: FirstFiles, edition: Edition) -> Card:
    file, file_for = files.get(tonight.code, (f"lists/{tonight.code}.csv", say("a spreadsheet")))
    return Card(
        number=number,
        tonight=tonight,
        strip=charts.movement_strip(tonight.code, tonight.movement) if tonight.movement else None,
        held_out=held_out(tonight, edition.as_of),
        earned=earned(tonight, edition.currency),
        expected=expected(tonight, edition.currency),
        file=file,
        file_for=file_for,
    )


def exclusions_by_list(report: Report) -> dict[str, list[Exclusion]]:
    """By a list's name its exclusions, those held out among them, the commonest reason first."""
    held_out = [
        Exclusion(each.code, say(HELD_OUT), each.held_out) for each in report.lists if each.held_out
    ]
    names = {each.code: each.name for each in report.lists}
    by_list: dict[str, list[Exclusion]] = {name: [] for name in names.values()}
    for each in sorted([*report.exclusions, *held_out], key=lambda e: (-e.people, e.reason)):
        by_list.setdefault(names.get(each.list_code, each.list_code), []).append(each)
    return {name: rows for name, rows in by_list.items() if rows}


def drawings(report: Report) -> dict[str, Markup]:
    """The charts that tonight's data allows; a missing one is said in words by the template."""
    drawn = {}
    value, ways, model = report.value, report.relationships, report.model
    if value.bins:
        drawn["histogram"] = charts.value_histogram(value.bins, report.edition.currency)
    if value.concentration and value.concentration[-1] > 0:
        drawn["concentration"] = charts.concentration_curve(value.concentration, value.tier_cuts)
    if len(ways.curve) > 1:
        drawn["second_purchase"] = charts.second_purchase_curve(
            ways.curve, ways.window_from_day, ways.window_to_day
        )
    if model.by_frequency:
        drawn["by_frequency"] = charts.expected_against_actual(model.by_frequency)
    if len(model.by_week) > 1:
        drawn["tracking"] = charts.tracking(model.by_week, model.horizon_days)
    if model.deciles:
        drawn["deciles"] = model_charts.decile_chart(model.deciles)
    if model.pit:
        drawn["pit"] = model_charts.purchases_pit_histogram(model.pit)
    if model.sales_pit:
        drawn["sales_pit"] = model_charts.sales_pit_histogram(model.sales_pit)
    return drawn


def tier_shares(value: Value) -> dict[str, float | None]:
    """Each tier's share of all net value; unknown where the whole is not above zero."""
    total = value.total
    return {t.tier: float(t.net_clv_12m / total) if total > 0 else None for t in value.tiers}


def best_share(value: Value) -> float | None:
    """Share of all net value held by the best 1%; unknown where the whole is not above zero."""
    if not value.concentration or value.concentration[-1] <= 0:
        return None
    return float(value.concentration[0] / value.concentration[-1])


def heat_rows(cohorts: Cohorts) -> list[list[HeatCell]]:
    """Cells per cohort from its first month after the start on (month 0 is all of it or so)."""
    later = [m.active_customers / c.size for c in cohorts.cohorts for m in c.months[1:] if c.size]
    darkest = max(later, default=0) or 1.0
    return [
        [
            HeatCell(
                share=m.active_customers / cohort.size if cohort.size else 0.0,
                depth=min(1.0, m.active_customers / cohort.size / darkest) if cohort.size else 0.0,
                active=m.active_customers,
                is_mature=m.is_mature,
            )
            for m in cohort.months
        ]
        for cohort in cohorts.cohorts
    ]


def write_page(report: Report, folder: Path) -> Path:
    """Write folder/report.html."""
    return write_whole(folder / FILE_NAME, render(report, first_files(folder)))


def write_whole(path: Path, page: str) -> Path:
    """Write under a temporary name and rename, so that a reader never meets half a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    with unfinished.open("w", encoding="utf-8", newline="\n") as file:
        file.write(page)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    return path
