"""A page a list: what it says, and that everybody can read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from regulars.project import list_definitions
from regulars.report.list_pages import INVENTED, preview, tiers, write_list_pages
from regulars.report.report_page import write_page
from regulars.settings import PROJECT
from regulars.targets import destinations
from tests import browser
from tests.unit.report import made_up_nights as made_up
from tests.unit.report.test_page import outline

DBT = PROJECT / "dbt_project"
TIERS = {"bronze": 60, "gold": 40, "no tier yet": 12}
CHANGES: dict[str, dict[str, Any]] = {
    "save_our_best": {"tiers": TIERS},
    "second_purchase": {"cadence": "weekly", "next_on": date(2026, 11, 2)},
}


@pytest.fixture(scope="module")
def places() -> dict:
    return destinations.load(DBT, list_definitions.load(DBT))


def file(name: str, rows: int) -> dict:
    return {"name": name, "rows": rows, "bytes": 1, "sha256": ""}


def target(code: str, name: str, rows: int, withheld: str | None = None) -> dict:
    return {
        "target": code,
        "target_name": name,
        "files": [] if withheld else [file(f"{code}/save_our_best.csv", rows)],
        "rejected": file(f"{code}/save_our_best.rejected.csv", 4),
        "withheld": withheld,
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, places: dict) -> Path:
    """A generation: the report, a page a list, and a manifest of the files."""
    folder = tmp_path_factory.mktemp("generation")
    (folder / "lists").mkdir()
    entry = {
        "list_code": "save_our_best",
        "targets": [
            target("klaviyo", "Klaviyo", 108),
            target("meta_custom_audience", "Meta", 0, "too few people"),
            target("meta_value_seed", "Meta, the best by value alone", 31),  # wide on a phone
        ],
    }
    (folder / "lists" / "manifest.json").write_text(json.dumps({"lists": [entry]}))
    lists = tuple(replace(one, **CHANGES.get(one.code, {})) for one in made_up.lists())
    report = made_up.report(lists=lists)
    write_list_pages(report, folder, places)
    write_page(report, folder)
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "pages" / "save_our_best.html").read_text()


def test_every_list_of_the_report_has_a_page_that_it_links_to(folder: Path) -> None:
    pages = {path.name for path in (folder / "pages").iterdir()}
    linked = set(re.findall(r'href="pages/([^"]+)"', (folder / "report.html").read_text()))
    assert pages == linked == {f"{one.code}.html" for one in made_up.lists()}


def test_it_is_well_formed_asks_nothing_of_the_network_and_never_prints_a_python_value(
    folder: Path,
) -> None:
    for path in (folder / "pages").iterdir():
        text = path.read_text()
        parsed = outline(text)
        assert (parsed.faults, parsed.open, parsed.captions_missing) == ([], [], 0)
        assert not re.search(r"https?://(?!www\.w3\.org)|<script|@import|url\(", text)
        words = re.sub(r"<[^>]+>", " ", text.split("</style>")[1])
        assert not re.search(r"\b(None|True|False|Decimal|nan|Undefined)\b", words)


def test_it_says_who_what_to_say_what_changed_who_was_left_out_and_what_was_earned(
    page: str,
) -> None:
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("</style>")[1]))
    for said in (
        "Who the most valuable customers who have begun to slip away",
        "Say could anything have been better?",
        "Do not say a discount first",
        "Success margin a head, 180 days",
        "Gold 40",
        "Bronze 60",
        "9 entered, 103 stayed, 12 left",
        "usually orders every … days; now …",
        "held out, to measure the effect 13",
        "a head",
    ):
        assert said in words, said


def test_a_list_that_is_not_made_nightly_says_when_it_is_made_next(folder: Path) -> None:
    """Whose owner has not said what to say is told nothing of it."""
    said = (folder / "pages" / "second_purchase.html").read_text()
    assert "<dt>Made</dt><dd>weekly, next on 2 Nov 2026; until then nobody joins</dd>" in said
    assert "<dt>Say</dt>" not in said


def test_tiers_stand_best_first_and_who_has_none_last() -> None:
    (tonight,) = (one for one in made_up.lists() if one.code == "save_our_best")
    shown = tiers(replace(tonight, tiers=TIERS), made_up.TIER_CUTS)
    assert [tier.reason for tier in shown] == ["Gold", "Bronze", "No tier yet"]


def test_each_target_has_its_file_one_click_away_or_says_why_not(folder: Path, page: str) -> None:
    assert 'href="../lists/klaviyo/save_our_best.csv" download' in page
    assert "withheld: too few people" in page


def test_a_message_shows_somebody_invented_and_nothing_that_a_message_may_not_show(
    places: dict,
) -> None:
    shown = preview(places["save_our_best"])
    assert shown is not None
    told = {cell for _, cell in shown.cells if cell}
    assert "robin@example.com" in told
    assert not {"value_tier", "net_clv_12m", "reason_1"} & {name for name, _ in shown.cells}


def test_where_nobody_writes_no_message_is_pretended(places: dict, folder: Path) -> None:
    assert preview(places["make_it_right"]) is None
    said = (folder / "pages" / "make_it_right.html").read_text()
    assert "No message is sent for this list" in said
    assert str(INVENTED["email"]) not in said


# ---------- in a browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.browser() as opened:
        yield opened


def shown(chromium: Browser, path: Path, **how: object) -> Page:
    page = chromium.new_context(offline=True, reduced_motion="reduce", **how).new_page()
    page.goto(path.as_uri())
    return page


# A checker takes seconds over the long page: it is judged by `make slow`.
PAGES = [
    pytest.param("report.html", marks=pytest.mark.slow),
    pytest.param("pages/save_our_best.html"),
]
SIZES = [
    pytest.param("light", browser.PHONE, id="phone"),
    pytest.param("dark", browser.DESK, id="desk", marks=pytest.mark.slow),
]


@browser.needs_chromium
@pytest.mark.parametrize("name", PAGES)
class TestEverybodyCanReadIt:
    @pytest.mark.parametrize(("scheme", "size"), SIZES)
    def test_an_accessibility_checker_finds_nothing(
        self, chromium: Browser, folder: Path, name: str, scheme: str, size: dict
    ) -> None:
        page = shown(chromium, folder / name, color_scheme=scheme, viewport=size)
        assert browser.faults(page) == []
        assert not browser.runs_off_the_edge(page)

    def test_the_keyboard_skips_to_the_point_and_reaches_a_download(
        self, chromium: Browser, folder: Path, name: str
    ) -> None:
        page = shown(chromium, folder / name, viewport=browser.DESK)
        page.keyboard.press("Tab")
        assert browser.focused(page).startswith("Skip to")
        page.keyboard.press("Enter")
        reached = []
        for _ in range(6):
            page.keyboard.press("Tab")
            reached.append(browser.focused(page))
        assert any(words.startswith("Download") for words in reached), reached

    def test_printed_it_keeps_its_words_and_leaves_out_what_paper_cannot_do(
        self, chromium: Browser, folder: Path, name: str
    ) -> None:
        page = shown(chromium, folder / name, viewport={"width": 690, "height": 900})
        page.emulate_media(media="print")
        assert page.locator(".contents").is_hidden()
        assert page.locator("h1").is_visible()
        assert not browser.runs_off_the_edge(page)
        assert page.pdf(format="A4")[:5] == b"%PDF-"


@browser.needs_chromium
def test_the_checker_finds_a_fault_that_is_there(chromium: Browser, folder: Path) -> None:
    page = shown(chromium, folder / "pages" / "save_our_best.html", viewport=browser.PHONE)
    page.evaluate("document.querySelector('h1').outerHTML = '<img src=\"data:,\"><h1></h1>'")
    assert any(fault.startswith("image-alt") for fault in browser.faults(page))
