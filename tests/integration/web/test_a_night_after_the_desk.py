"""What is pressed in the page reaches the next night, and a rebuild of that night repeats it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.nights.rebuild import rebuild
from regulars.nights.run import run_night
from regulars.settings import Settings
from tests.company import LAST_NIGHT
from tests.integration.sending.test_noes_since_the_build import written_to
from tests.integration.web.a_morning import CALLED, Morning, query, spend_morning
from tests.server import drop_database

# a night and its rebuild
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def before(company_before: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """The morning before the night."""
    morning = spend_morning(company_before, tmp_path_factory.mktemp("before"))
    yield morning
    drop_database(morning.settings)


@pytest.fixture(scope="module")
def next_night(before: Morning) -> Settings:
    run_night(before.settings, LAST_NIGHT)
    return before.settings


def test_who_said_no_at_the_desk_is_in_no_file_of_the_next_night(
    before: Morning, next_night: Settings
) -> None:
    files = written_to(next_night)
    assert any(files.values())
    assert [code for code, people in files.items() if before.refuses in people] == []


def test_why_they_are_left_out_is_told(before: Morning, next_night: Settings) -> None:
    reasons = query(
        next_night,
        "select reason_code from published.list_exclusions where customer_id = %s",
        before.refuses,
    )
    assert ("opted_out",) in reasons


def test_the_call_is_a_contact_of_the_next_night(before: Morning, next_night: Settings) -> None:
    contacts = query(
        next_night,
        "select channel, outcome from published.fct_campaign_contacts"
        " where customer_id = %s and list_code = %s",
        before.called,
        CALLED,
    )
    assert ("phone", "unsubscribed") in contacts


def test_a_rebuild_of_the_night_repeats_it(next_night: Settings, tmp_path: Path) -> None:
    assert rebuild(next_night, LAST_NIGHT, tmp_path)["is_identical"] is True
