"""A morning at the desk of a real night: somebody says no, somebody is called and says no."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from regulars import warehouse
from regulars.feeds import raw_tables
from regulars.settings import Settings
from tests import parsed
from tests.company import clone
from tests.integration.sending.test_noes_since_the_build import written_to
from tests.integration.web.conftest import Browser, browser_of

CALLED = "make_it_right"


@dataclass(frozen=True)
class Morning:
    """A company after its night.

    list_code: the longest list that marketing writes to, people: who is on it; refuses: who of
    them said no in the page; called: who was called and wants no more calls.
    """

    settings: Settings
    desk: Browser
    list_code: str
    people: set[str]
    refuses: str
    called: str


def spend_morning(company: Settings, folder: Path) -> Morning:
    """At the desk of a copy of the company, in `folder`; drop its database afterwards."""
    shutil.copytree(company.landing, folder / "landing")
    settings = replace(
        clone(company, parsed.COPY, folder / "home"),
        landing=folder / "landing",
        settle_seconds=0,
        systems=("house", "desk"),
    )
    raw_tables.migrate(settings)
    desk = browser_of(settings)
    assert desk.log_in("marketing").status_code == 303
    list_code, people = max(written_to(settings).items(), key=lambda item: len(item[1]))
    refuses = min(people)
    ((called,),) = query(
        settings,
        "select customer_id from published.list_members"
        " where list_code = %s and arm = 'treat' order by rank limit 1",
        CALLED,
    )
    assert desk.send("/noes", customer_id=refuses).status_code == 200
    assert desk.send(f"/lists/{CALLED}/calls", customer_id=called, outcome="opted_out").is_redirect
    return Morning(settings, desk, list_code, people, refuses, called)


def query(settings: Settings, statement: str, *values: object) -> list[tuple]:
    with warehouse.connect(settings, "admin") as connection:
        return connection.execute(statement.encode(), values).fetchall()
