"""What is pressed in the page reaches the next night, and a rebuild of that night repeats it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from regulars.feeds import raw_tables
from regulars.nights.rebuild import rebuild
from regulars.nights.run import run_night
from regulars.settings import Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone
from tests.integration.sending.test_noes_since_the_build import written_to
from tests.integration.web.conftest import browser_of
from tests.integration.web.test_what_the_desk_changes import CALLED, query
from tests.server import drop_database

# a night and its rebuild
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@dataclass(frozen=True)
class NextNight:
    """The night after a morning at the desk.

    refuses: whom marketing wrote to before and who said no at the desk; called: who was called and
    wants no more calls; is_identical: what a rebuild said of the night.
    """

    settings: Settings
    refuses: str
    called: str
    is_identical: object


@pytest.fixture(scope="module")
def next_night(
    company_before: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NextNight]:
    folder = tmp_path_factory.mktemp("next_night")
    shutil.copytree(company_before.landing, folder / "landing")
    settings = replace(
        clone(company_before, parsed.COPY, folder / "home"),
        landing=folder / "landing",
        settle_seconds=0,
        systems=("house", "desk"),
    )
    raw_tables.migrate(settings)
    desk = browser_of(settings)
    assert desk.log_in("marketing").status_code == 303
    refuses = min(max(written_to(settings).values(), key=len))
    ((called,),) = query(
        settings,
        "select customer_id from published.list_members"
        " where list_code = %s and arm = 'treat' order by rank limit 1",
        CALLED,
    )
    assert desk.send("/noes", customer_id=refuses).status_code == 200
    assert desk.send(f"/lists/{CALLED}/calls", customer_id=called, outcome="opted_out").is_redirect
    run_night(settings, LAST_NIGHT)
    rebuilt = rebuild(settings, LAST_NIGHT, folder / "rebuilt")
    yield NextNight(settings, refuses, called, rebuilt["is_identical"])
    drop_database(settings)


def test_who_said_no_at_the_desk_is_in_no_file_of_the_next_night(next_night: NextNight) -> None:
    files = written_to(next_night.settings)
    assert any(files.values())
    assert [code for code, people in files.items() if next_night.refuses in people] == []


def test_why_they_are_left_out_is_told(next_night: NextNight) -> None:
    reasons = query(
        next_night.settings,
        "select reason_code from published.list_exclusions where customer_id = %s",
        next_night.refuses,
    )
    assert ("opted_out",) in reasons


def test_the_call_is_a_contact_of_the_next_night(
    next_night: NextNight,
) -> None:
    contacts = query(
        next_night.settings,
        "select channel, outcome from published.fct_campaign_contacts"
        " where customer_id = %s and list_code = %s",
        next_night.called,
        CALLED,
    )
    assert ("phone", "unsubscribed") in contacts


def test_a_rebuild_of_the_night_repeats_it(next_night: NextNight) -> None:
    assert next_night.is_identical is True
