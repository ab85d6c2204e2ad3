"""What is pressed in the page reaches the next download of a real night."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from regulars import warehouse
from regulars.feeds import raw_tables
from regulars.settings import Settings
from tests import parsed
from tests.company import clone
from tests.integration.sending.test_noes_since_the_build import written_to
from tests.integration.web.conftest import Browser, browser_of
from tests.server import drop_database

pytestmark = pytest.mark.slow
CALLED = "make_it_right"


@dataclass(frozen=True)
class Morning:
    """A company after its night: who said no in the page, who was called, what was downloaded."""

    settings: Settings
    list_code: str
    refuses: str
    called: str
    people: set[str]
    downloaded: set[str]


def query(settings: Settings, statement: str, *values: object) -> list[tuple]:
    with warehouse.connect(settings, "admin") as connection:
        return connection.execute(statement.encode(), values).fetchall()


@pytest.fixture(scope="module")
def morning(company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    folder = tmp_path_factory.mktemp("morning")
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
    downloaded = ids_in(desk, list_code)
    yield Morning(settings, list_code, refuses, called, people, downloaded)
    drop_database(settings)


def ids_in(desk: Browser, list_code: str) -> set[str]:
    answer = desk.send(f"/lists/{list_code}/files/machine")
    assert answer.status_code == 200, answer.text
    return {row["customer_id"] for row in csv.DictReader(io.StringIO(answer.text))}


def test_who_said_no_is_in_no_later_download_and_everybody_else_is(morning: Morning) -> None:
    assert morning.refuses not in morning.downloaded
    assert morning.downloaded
    assert morning.people - morning.downloaded == {morning.refuses}
