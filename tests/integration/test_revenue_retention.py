"""Question 20 of a company of two years, two months on: on its last night nobody has been a
customer for longer.

It costs the deliveries, tables and scores of a small company, a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from regulars import warehouse
from regulars.nights.run import run_step
from regulars.sample_company import generate
from regulars.settings import Settings
from tests.conftest import drop_database
from tests.integration.random_deliveries.nights import without_dbt_tests
from tests.integration.second_books import Books
from tests.integration.test_questions import ANSWERS, QUESTIONS

pytestmark = pytest.mark.nights

TWO_MONTHS_ON = date(2026, 12, 31)
STEPS = ("ingest_sales", "ingest_service", "normalise_contacts", "transform", "score", "value")


@pytest.fixture(scope="module")
def later(make_settings: Callable) -> Iterator[Settings]:
    settings = make_settings("later")
    generate(settings.landing, settings.landing.parent / "truth", customers=400, seed=11)
    with without_dbt_tests():
        for step in STEPS:
            run_step(step, TWO_MONTHS_ON, settings)
    yield settings
    drop_database(settings)


def test_old_customers_spend_what_the_delivered_rows_say_beside_what_the_model_expects(
    later: Settings,
) -> None:
    with warehouse.connect(later, "admin") as connection:
        query = QUESTIONS[20].replace("published.", "marts.")
        found = connection.execute(query.encode()).fetchall()
        wanted = ANSWERS[20](Books(connection, TWO_MONTHS_ON, {}))
    assert found == wanted
    ((*_, retention, if_kept),) = found
    assert 0 < retention < if_kept, "some left in the year, and nothing was delivered of its end"
