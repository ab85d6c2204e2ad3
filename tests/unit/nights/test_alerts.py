"""What a person reads when a night stops."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from regulars.nights import alerts
from regulars.nights.steps import STEPS
from regulars.settings import SettingsError

NIGHT = date(2026, 10, 31)


@pytest.mark.parametrize("step", STEPS)
def test_a_failure_names_step_night_and_next_command(step: str) -> None:
    said = alerts.failure_message(step, NIGHT, SettingsError("no such zone"))
    assert f"the night 2026-10-31 stopped at {step}." in said
    assert "SettingsError: no such zone" in said
    assert "regulars night --as-of 2026-10-31" in said


def test_a_drivers_words_are_not_repeated_because_they_can_quote_a_row() -> None:
    error = psycopg.errors.UniqueViolation("Key (email)=(ada@example.org) already exists.")
    said = alerts.failure_message("transform", NIGHT, error)
    assert "ada@example.org" not in said
    assert "UniqueViolation (SQLSTATE 23505)" in said


def test_an_unknown_night_is_said_to_be_unknown() -> None:
    said = alerts.failure_message("score", None, None)
    assert "night of unknown date stopped at score" in said
    assert "--as-of DATE" in said


def test_progress_counts_the_steps_and_says_what_each_does() -> None:
    lines = [alerts.start_message(step) for step in STEPS]
    assert lines[0].split()[0] == f"1/{len(STEPS)}"
    assert lines[-1].split()[0] == f"{len(STEPS)}/{len(STEPS)}"
    assert all(len(line.split()) > 3 for line in lines)


def test_what_stops_after_the_publication_does_not_deny_it() -> None:
    assert "nothing of this night is published" in alerts.failure_message("publish", NIGHT, None)
    said = alerts.failure_message("erase", NIGHT, None)
    assert "this night is published" in said
    assert "nothing of" not in said


def test_what_a_terminal_would_obey_is_shown_as_a_code() -> None:
    said = alerts.failure_message("transform", NIGHT, SettingsError("orders\x1b]0;evil\x07.csv"))
    assert "orders\\x1b]0;evil\\x07.csv" in said
