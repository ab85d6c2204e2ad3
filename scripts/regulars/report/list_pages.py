"""A page a list, beside the report: who by tier and why, what changed, who was left out, tonight's
files, a message as an invented person would get it, and what the list has earned."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from regulars.phrases import told
from regulars.report.html import environment, style_sheet
from regulars.report.report_page import Card, cards, exclusions_by_list, first_files, write_whole
from regulars.report.sections import Report, TonightsList
from regulars.report.words import named
from regulars.targets.destinations import Destination
from regulars.targets.target_rows import written

FOLDER = "pages"
# Nobody: an address of a domain that is never given out, a number that rings nowhere.
INVENTED: Mapping[str, object] = {
    "customer_id": "EXAMPLE-1",
    "email": "robin@example.com",
    "phone_e164": "+447700900123",
    "first_name": "Robin",
    "last_name": "Example",
    "language": "en",
    "timezone": "Europe/London",
    "country": "GB",
    "postcode": "SW1A 1AA",
    "city": "London",
    "birth_date": date(1980, 6, 21),
    "email_consent": "granted",
    "email_consent_at": datetime(2026, 3, 1, 8, tzinfo=UTC),
}


@dataclass(frozen=True)
class TargetFile:
    """Tonight's files of a list for one target, as linked from its page; withheld: why none."""

    target: str
    links: tuple[str, ...]
    rows: int
    rejected: int
    withheld: str | None


@dataclass(frozen=True)
class Bar:
    """A row of the macro bars."""

    reason: str
    people: int


@dataclass(frozen=True)
class Preview:
    """What a mailing tool is told of the invented person, by heading."""

    target: str
    cells: tuple[tuple[str, str], ...]
    first_name = str(INVENTED["first_name"])
    email = str(INVENTED["email"])


def write_list_pages(
    report: Report, folder: Path, destinations: Mapping[str, Iterable[Destination]]
) -> list[Path]:
    """Write folder/pages/<list>.html for each list of the report; returns them."""
    files = files_by_target(folder)
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    return [
        write_whole(
            folder / FOLDER / f"{card.tonight.code}.html",
            render_list(
                report,
                card,
                files.get(card.tonight.code, ()),
                preview(destinations.get(card.tonight.code, ())),
            ),
        )
        for card in cards(report, first_files(folder)).all
    ]


def render_list(
    report: Report, card: Card, files: Iterable[TargetFile], message: Preview | None
) -> str:
    """One list's page as text. Equal parts give equal text."""
    tonight = card.tonight
    return (
        environment(report.edition.currency)
        .get_template("list.html.j2")
        .render(
            report=report,
            card=card,
            tonight=tonight,
            tiers=tiers(tonight, report.value.tier_cuts),
            exclusions=exclusions_by_list(report).get(tonight.name, []),
            files=tuple(files),
            message=message,
            style=style_sheet(),
        )
    )


def tiers(tonight: TonightsList, best_first: Iterable[str]) -> list[Bar]:
    """People in the file by value tier, the best first; last whoever has none."""
    known = [tier for tier in best_first if tier in tonight.tiers]
    others = sorted(tonight.tiers.keys() - set(known))
    return [Bar(named(tier), tonight.tiers[tier]) for tier in (*known, *others)]


def files_by_target(folder: Path) -> dict[str, tuple[TargetFile, ...]]:
    """By list what the manifest in folder/lists has, in the company's order."""
    path = folder / "lists" / "manifest.json"
    if not path.exists():
        return {}
    return {
        entry["list_code"]: tuple(
            TargetFile(
                target=told(target["target_name"]),
                links=tuple(f"../lists/{file['name']}" for file in target["files"]),
                rows=sum(file["rows"] for file in target["files"]),
                rejected=target["rejected"]["rows"],
                withheld=target["withheld"],
            )
            for target in entry["targets"]
        )
        for entry in json.loads(path.read_text(encoding="utf-8"))["lists"]
    }


def preview(destinations: Iterable[Destination]) -> Preview | None:
    """As the first mailing tool gets it; None where no message is sent."""
    for destination in destinations:
        if destination.target.use == "messages":
            return Preview(
                told(destination.target.name),
                tuple(
                    (column.heading, written(column, INVENTED.get(column.source)))
                    for column in destination.columns
                ),
            )
    return None
