"""A feed that is not in, the lists it withholds, and a person's word that lets one night pass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from regulars import cli, warehouse
from regulars.nights.run import run_step
from regulars.settings import Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone
from tests.integration.random_deliveries.nights import without_dbt_tests
from tests.server import drop_database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]
REFUSED = f"orders has 1 refused file of {LAST_NIGHT}"
WORD = ("--by", "Joan", "--reason", "the shop was shut")


@dataclass(frozen=True)
class Seen:
    """What people see of a published night."""

    withheld: dict[str, str]  # list -> why
    files: set[str]
    status: str
    held: list[str]  # the line of gate_lists


@dataclass(frozen=True)
class Story:
    stale: Seen
    answer: str  # of `regulars approve`
    again: str  # of a second word
    approved: Seen
    next_night: tuple[bool, bool]  # orders: is_approved, is_withholding
    word: tuple


@pytest.fixture(scope="module")
def story(
    company_unpublished: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    """A night up to its publication; then a correction of its orders comes that nobody can read."""
    folder = tmp_path_factory.mktemp("word")
    settings = clone(company_unpublished, parsed.COPY, folder / "home")
    settings = replace(settings, landing=folder / "landing", settle_seconds=0)
    correction = settings.landing / "house" / LAST_NIGHT.isoformat() / "orders.r1.csv"
    correction.parent.mkdir(parents=True)
    correction.write_text("order_id,renamed\n1,2\n")
    run_step("ingest_sales", LAST_NIGHT, settings)
    stale = published(settings)
    answer, again = (approve(settings) for _ in range(2))
    approved = published(settings)
    with without_dbt_tests():
        run_step("transform", LAST_NIGHT + timedelta(days=1), settings)
    yield Story(
        stale,
        answer,
        again,
        approved,
        one(settings, "select is_approved, is_withholding from marts.feed_states"),
        one(settings, "select as_of, approved_by, reason from decisions.approvals"),
    )
    drop_database(settings)


def published(settings: Settings) -> Seen:
    """The night once more; its scores stand."""
    with without_dbt_tests():
        for step in ("transform", "value", "lists"):
            run_step(step, LAST_NIGHT, settings)
    held = run_step("gate_lists", LAST_NIGHT, settings)["held"]
    run_step("publish", LAST_NIGHT, settings)
    lists = settings.home / "current" / "lists"
    manifest = json.loads((lists / "manifest.json").read_text())
    return Seen(manifest["withheld"], _files(lists), command(settings, "status"), held)


def approve(settings: Settings) -> str:
    return command(settings, "approve", "--gate", "guards", "--as-of", str(LAST_NIGHT), *WORD)


def command(settings: Settings, *arguments: str) -> str:
    result = CliRunner().invoke(cli.cli, arguments, env=settings.to_env())
    assert result.exception is None, result.exception
    return result.output


def one(settings: Settings, query: str) -> tuple:
    where = " where feed = 'orders'" if "feed_states" in query else ""
    with warehouse.connect(settings, "admin") as connection:
        (row,) = connection.execute(query.encode() + where.encode()).fetchall()
        return row


def _files(lists: Path) -> set[str]:
    return {file.stem for file in lists.glob("*.csv")}


@pytest.mark.usefixtures("without_docs")
def test_a_stale_feed_withholds_the_lists_that_hang_on_it_and_the_night_is_published(
    story: Story,
) -> None:
    assert REFUSED in story.stale.withheld["second_purchase"]
    assert "second_purchase" not in story.stale.files
    assert "make_it_right" in story.stale.files
    assert f"not in: {REFUSED}" in story.stale.held
    assert f"not in: {REFUSED}" in story.stale.status


def test_a_persons_word_is_kept_with_name_and_reason_and_the_first_one_stands(
    story: Story,
) -> None:
    assert story.word == (LAST_NIGHT, "Joan", "the shop was shut")
    assert "recorded. Run the night again" in story.answer
    assert "the first word stands" in story.again


def test_the_next_run_of_that_night_publishes_what_was_withheld_and_says_on_whose_word(
    story: Story,
) -> None:
    assert story.approved.withheld == {}
    assert "second_purchase" in story.approved.files
    assert f"let pass by a person: {REFUSED}" in story.approved.held
    assert f"let pass by a person: {REFUSED}" in story.approved.status


def test_the_word_holds_for_that_night_alone(story: Story) -> None:
    assert story.next_night == (False, True)
