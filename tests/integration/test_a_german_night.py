"""A whole night in German. It costs a minute of one core."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from regulars import phrases, warehouse
from regulars.feeds import declarations
from regulars.nights.run import run_night
from regulars.settings import Settings
from tests import changed_project, parsed
from tests.company import LAST_NIGHT, clone
from tests.conftest import drop_database
from tests.integration.sentences.marts import Marts
from tests.integration.test_sentences import DEFINITIONS, false_sentences
from tests.page_texts import Texts

pytestmark = [pytest.mark.nights, pytest.mark.timeout(0)]


@pytest.fixture(scope="module")
def german(
    company_before: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("german")
    project = folder / "project"
    project.mkdir()
    changed_project.with_line(project, "\n  language: en", "\n  language: de")
    copy = clone(company_before, parsed.COPY, folder / "home")
    settings = replace(copy, project=project)
    run_night(settings, LAST_NIGHT)
    yield settings
    drop_database(settings)


def words(code: str) -> dict:
    found: dict = DEFINITIONS[code]["words"]["de"]
    return found


def files(settings: Settings) -> Iterator[tuple[str, list[dict[str, str]]]]:
    for path in sorted((settings.home / "current" / "lists").glob("*.csv")):
        if path.stem in DEFINITIONS:
            with path.open(encoding="utf-8", newline="") as lines:
                yield path.stem, list(csv.DictReader(lines))


def test_every_sentence_is_told_in_german_with_true_numbers(german: Settings) -> None:
    with warehouse.connect(german, "admin") as connection:
        marts = Marts(connection, LAST_NIGHT)
        false = {
            code: found for code in DEFINITIONS if (found := false_sentences(marts, code, "de"))
        }
        assert len(marts.rows("lists.list_members")) > 100
    assert false == {}


def test_the_files_say_what_the_tables_say(german: Settings, company: Settings) -> None:
    english = {row["reason_1"] for _, rows in files(company) for row in rows if row.get("reason_1")}
    told = {row["reason_1"] for _, rows in files(german) for row in rows if row.get("reason_1")}
    assert len(told) > 50
    assert told & english == set()


def test_why_somebody_is_left_out_is_said_in_german(german: Settings, company: Settings) -> None:
    query = b"select distinct reason from published.list_exclusions"
    with warehouse.connect(german, "analyst") as one, warehouse.connect(company, "analyst") as two:
        said, english = one.execute(query).fetchall(), two.execute(query).fetchall()
    assert said
    assert set(said) & set(english) == set()


def test_the_report_calls_the_lists_by_their_german_names(german: Settings) -> None:
    page = (german.home / "current" / "report.html").read_text(encoding="utf-8")
    assert [code for code in DEFINITIONS if words(code)["name"] not in page] == []


def test_the_same_people_are_on_the_lists_in_both_languages(
    german: Settings, company: Settings
) -> None:
    def people(settings: Settings) -> dict[str, list[str]]:
        return {code: [row["customer_id"] for row in rows] for code, rows in files(settings)}

    assert people(german) == people(company)


def test_a_page_of_a_list_says_whom_it_is_for_in_german(german: Settings) -> None:
    pages: Path = german.home / "current" / "pages"
    silent = [
        code
        for code in DEFINITIONS
        if (pages / f"{code}.html").exists()
        and words(code)["name"] not in (pages / f"{code}.html").read_text(encoding="utf-8")
    ]
    assert silent == []


def test_pages_have_no_phrase_left_in_english(german: Settings, company: Settings) -> None:
    """What both say is names, figures and what the log keeps in English."""
    names = set(DEFINITIONS) | {words(code)["name"] for code in DEFINITIONS}
    names |= {feed.table for feed in declarations.load(german.dbt_project, german.systems)}
    said_in_english = {
        phrase["en"] for phrase in phrases.catalogue() if phrase["en"] != phrase["de"]
    }
    for path in (german.home / "current").glob("**/*.html"):
        if path.name == "report.html" or path.parent.name == "pages":
            page = path.read_text(encoding="utf-8")
            assert '<html lang="de">' in page
            assert (Texts(page).said - names) & said_in_english == set(), path.name
