"""What is pressed in the page reaches the next download of a real night."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest

from regulars.settings import Settings
from tests.integration.web.a_morning import Morning, spend_morning
from tests.integration.web.conftest import Browser
from tests.server import drop_database

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def morning(company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    morning = spend_morning(company, tmp_path_factory.mktemp("morning"))
    yield morning
    drop_database(morning.settings)


@pytest.fixture(scope="module")
def downloaded(morning: Morning) -> set[str]:
    return ids_in(morning.desk, morning.list_code)


def ids_in(desk: Browser, list_code: str) -> set[str]:
    answer = desk.send(f"/lists/{list_code}/files/machine")
    assert answer.status_code == 200, answer.text
    return {row["customer_id"] for row in csv.DictReader(io.StringIO(answer.text))}


def test_who_said_no_is_in_no_later_download_and_everybody_else_is(
    morning: Morning, downloaded: set[str]
) -> None:
    assert morning.refuses not in downloaded
    assert downloaded
    assert morning.people - downloaded == {morning.refuses}
