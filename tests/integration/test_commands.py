"""What the commands that only look say about a company whose last two nights were run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from regulars import cli, warehouse
from regulars.commands.inspection import Unknown, list_counts
from regulars.feeds import raw_tables
from regulars.feeds.declarations import UnknownFeed
from regulars.gates.approvals import ApprovalRefused
from regulars.nights.outcome import of_published
from regulars.project import list_definitions
from regulars.settings import PROJECT, Settings
from tests.company import LAST_NIGHT

LISTS = ", ".join(list_definitions.codes(PROJECT / "dbt_project"))


def run(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(cli.cli, arguments, env=settings.to_env())


def said(settings: Settings, *arguments: str) -> str:
    """What a command that goes well prints."""
    result = run(settings, *arguments)
    assert result.exception is None, result.exception
    return result.output


def refuses(settings: Settings, error: type[Exception], words: str, *arguments: str) -> None:
    result = run(settings, *arguments)
    assert isinstance(result.exception, error)
    assert words in str(result.exception)


def test_status_tells_the_live_night_and_what_came_in(company: Settings) -> None:
    assert f"night of {LAST_NIGHT}" in said(company, "status")
    feeds = {feed["feed"]: feed for feed in json.loads(said(company, "status", "--json"))["feeds"]}
    assert feeds["orders"]["rows_loaded"] > 500
    assert feeds["orders"]["last_delivery"] == LAST_NIGHT.isoformat()


def test_status_tells_what_the_night_holds_back_and_what_the_ledger_warns_of(
    company: Settings,
) -> None:
    state = json.loads(said(company, "status", "--json"))
    lines = said(company, "status").splitlines()
    holds = [hold for hold in state["held"] if hold["kind"] != "ledger_warning"]
    assert len({hold["kind"] for hold in holds}) > 1
    assert [hold["sentence"] for hold in holds if hold["sentence"] not in lines] == []
    assert state["warnings"]
    warned = [line for line in lines if line.startswith("warning: ")]
    assert len(warned) == len(state["warnings"])


def test_people_are_told_of_each_list_and_of_all_that_is_held_back(company: Settings) -> None:
    state = json.loads(said(company, "status", "--json"))
    counts = {row["list_code"]: row["treated"] for row in list_counts(company)}
    outcome = of_published(company)
    assert outcome.lists == {code: people for code, people in counts.items() if people}
    assert len(outcome.holds) > 1
    told = {hold["words"] for hold in state["held"] if hold["kind"] == "list_withheld"}
    assert set(outcome.withheld.values()) == told
    others = [h["sentence"] for h in state["held"] if h["kind"] != "list_withheld"]
    assert list(outcome.holds) == others


def test_a_file_that_no_feed_expects_is_named(company: Settings, tmp_path: Path) -> None:
    (tmp_path / "house" / "2026-10-31").mkdir(parents=True)
    (tmp_path / "house" / "2026-10-31" / "ordrs.csv").write_text("order_id\n")
    astray = replace(company, landing=tmp_path)
    assert "no feed expects: house/2026-10-31/ordrs.csv" in said(astray, "status")
    doctor = run(astray, "doctor")
    assert doctor.exit_code == 1
    assert "NOT  a feed for every delivered file: no feed expects house/2026-10-31/ordrs.csv" in (
        doctor.output
    )


def test_a_sound_machine_passes_the_doctor(company: Settings) -> None:
    checks = json.loads(said(company, "doctor", "--json"))
    assert len(checks) >= 5
    assert [check for check in checks if not check["ok"]] == []


def test_lists_show_counts_and_members_in_order(company: Settings) -> None:
    counts = {row["list_code"]: row for row in json.loads(said(company, "lists", "show", "--json"))}
    assert ", ".join(sorted(counts)) == LISTS
    members = json.loads(said(company, "lists", "show", "save_our_best", "--limit", "3", "--json"))
    assert 0 < len(members) <= 3
    assert [row["rank"] for row in members] == sorted(row["rank"] for row in members)


def test_lists_diff_accounts_for_everybody_on_a_list(company: Settings) -> None:
    counts = {row["list_code"]: row for row in json.loads(said(company, "lists", "show", "--json"))}
    moves = json.loads(said(company, "lists", "diff", "second_purchase", "--json"))
    present = sum(row["people"] for row in moves if row["movement"] != "left")
    assert present == counts["second_purchase"]["treated"] + counts["second_purchase"]["held_out"]


@pytest.fixture
def empty(company: Settings) -> str:
    """A list that nobody is on."""
    counts = json.loads(said(company, "lists", "show", "--json"))
    return next(row["list_code"] for row in counts if row["treated"] + row["held_out"] == 0)


@pytest.fixture
def withheld(company: Settings, empty: str) -> Iterator[str]:
    """The same, as if tonight had withheld it."""
    with warehouse.connect(company, "admin") as connection:
        connection.execute(
            "insert into decisions.withheld_lists"
            " select generation, as_of, %s, 'orders is missing' from published.live_generation",
            [empty],
        )
    yield empty
    with warehouse.connect(company, "admin") as connection:
        connection.execute("delete from decisions.withheld_lists where list_code = %s", [empty])


@pytest.mark.parametrize("command", ["show", "diff"])
def test_that_a_list_is_withheld_is_not_that_nobody_is_on_it(
    company: Settings, withheld: str, command: str
) -> None:
    told = said(company, "lists", command, withheld)
    assert f"{withheld} is withheld tonight: orders is missing\n" in told
    assert not re.search("^(Nobody|No movement)", told, re.M)


def test_lists_show_which_are_withheld(company: Settings, withheld: str) -> None:
    counts = json.loads(said(company, "lists", "show", "--json"))
    assert {row["list_code"] for row in counts if row["withheld"]} == {withheld}


@pytest.fixture
def new(company: Settings, empty: str) -> Iterator[str]:
    """The same, as if it had been written since the live night, and spring_walk taken away."""
    rename = "update decisions.list_versions set list_code = %s where list_code = %s"
    with warehouse.connect(company, "admin") as connection:
        connection.execute(rename, ["spring_walk", empty])
    yield empty
    with warehouse.connect(company, "admin") as connection:
        connection.execute(rename, [empty, "spring_walk"])


def test_lists_that_the_live_night_did_not_have_are_told_as_that(
    company: Settings, new: str
) -> None:
    told = said(company, "lists", "show")
    assert f"{new} is new since that night; the next one makes it." in told
    assert "spring_walk was made that night and is switched off or gone since" in told
    assert f"{new} is new since that night" in said(company, "lists", "show", new)
    with warehouse.connect(company, "analyst") as connection:
        prospects = connection.execute(
            "select customer_id from published.dim_customers"
            " where relationship_status = 'prospect'"
            " except select customer_id from published.fct_service_cases order by 1 limit 1"
        ).fetchall()
    why = said(company, "lists", "why", prospects[0][0])
    assert re.search(f"^{new} +not made yet +the list is new", why, re.M)


def test_lists_of_the_live_night_are_told_as_nothing_new(company: Settings) -> None:
    assert "since that night" not in said(company, "lists", "show")


def test_why_says_of_a_member_what_the_list_says(company: Settings) -> None:
    member = json.loads(said(company, "lists", "show", "make_it_right", "--json"))[0]
    why = said(company, "lists", "why", member["customer_id"])
    assert "make_it_right" in why
    assert member["reason_1"] in why


def test_why_of_somebody_no_list_is_about_is_no_error(company: Settings) -> None:
    with warehouse.connect(company, "analyst") as connection:
        row = connection.execute(
            """
            select customer_id from published.dim_customers
            where relationship_status = 'prospect'
            except select customer_id from published.fct_service_cases
            limit 1
            """
        ).fetchone()
    assert row is not None
    why = said(company, "lists", "why", row[0])
    assert len(why.splitlines()) == len(list_definitions.codes(PROJECT / "dbt_project"))
    assert re.search("^make_it_right +not about them +it is for people we let down", why, re.M)


def test_why_of_who_has_died_says_so_of_every_list(company: Settings) -> None:
    with warehouse.connect(company, "admin") as connection:
        row = connection.execute(
            "select customer_id from lists.customer_farewells where is_deceased order by 1 limit 1"
        ).fetchone()
    assert row is not None
    told = json.loads(said(company, "lists", "why", row[0], "--json"))
    assert sorted(one["list_code"] for one in told) == sorted(LISTS.split(", "))
    assert {one["why"] for one in told} == {"has died"}


@pytest.mark.parametrize("command", ["show", "diff"])
def test_a_misspelt_list_is_answered_with_the_lists_there_are(
    company: Settings, command: str
) -> None:
    words = f"There is no list 'save_our_bset'. Lists: {LISTS}."
    refuses(company, Unknown, words, "lists", command, "save_our_bset")


def test_an_unknown_customer_is_answered_with_ids_as_they_look(company: Settings) -> None:
    refuses(company, Unknown, "Ids look like ", "lists", "why", "nobody")


@pytest.mark.parametrize("command", ["show", "list", "replay"])
def test_a_misspelt_feed_is_answered_with_the_feeds_there_are(
    company: Settings, command: str
) -> None:
    result = run(company, "quarantine", command, "ordrs")
    assert isinstance(result.exception, UnknownFeed)
    found = str(result.exception)
    assert found.startswith("No feed loads raw.ordrs. Declared: ")
    assert {"orders", "order_lines"} <= set(re.findall(r"\w+", found.partition("Declared")[2]))


def test_quarantine_shows_as_many_rows_as_it_counts(company: Settings) -> None:
    counts = json.loads(said(company, "quarantine", "list", "orders", "--json"))
    rows = json.loads(said(company, "quarantine", "show", "orders", "--limit", "1000", "--json"))
    assert len(rows) == sum(count["rows"] for count in counts) > 0


def test_what_did_not_stop_cannot_be_approved(company: Settings) -> None:
    words = f"The lists gate did not stop the night of {LAST_NIGHT}"
    refuses(
        company,
        ApprovalRefused,
        words,
        "approve",
        "--as-of",
        LAST_NIGHT.isoformat(),
        "--gate",
        "lists",
        "--by",
        "Joan",
        "--reason",
        "why not",
    )


def test_the_report_is_where_the_command_says(company: Settings) -> None:
    assert Path(said(company, "report").strip()).read_text().startswith("<!doctype html>")


def test_a_mistake_ends_in_one_line_and_exit_code_1(
    company: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in company.to_env().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["regulars", "lists", "show", "nothing"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 1
    assert capsys.readouterr().err == f"regulars: There is no list 'nothing'. Lists: {LISTS}.\n"


def test_before_the_first_night_the_lists_say_so(make_settings: Callable) -> None:
    settings = make_settings("unpublished")
    raw_tables.migrate(settings)
    refuses(settings, Unknown, "Nothing is published yet", "lists", "show")
    with warehouse.connect(settings, "admin") as connection:
        connection.execute("create table published.list_members ()")  # as by a night that stopped
    refuses(settings, Unknown, "Nothing is published yet", "lists", "show")
