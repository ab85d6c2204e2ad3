"""A value at each end of what each column of each feed of every system accepts: the night takes
every one of them and is published. No step dies of one, no index finds one too long, no column of
money overflows; what is told of such numbers, a person lets pass.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from regulars import warehouse
from regulars.feeds import declarations
from regulars.settings import PROJECT, Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone
from tests.integration.declared_ends import deliver, rows_at_their_ends
from tests.integration.random_deliveries.nights import whole_night
from tests.server import drop_database

# One full build of a company of all systems: minutes.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(0), pytest.mark.usefixtures("without_docs")]
QUARANTINED = """
select q.feed, q.rule, count(*)
from raw.quarantine as q
inner join raw.deliveries as d on d.delivery_id = q.delivery_id
where d.delivered_on = %s
group by 1, 2
"""


@pytest.fixture
def at_their_ends(company_before: Settings, tmp_path: Path) -> Iterator[Settings]:
    shutil.copytree(company_before.landing, tmp_path / "landing")
    copy = clone(company_before, parsed.COPY, tmp_path / "home")
    systems = tuple(sorted(declarations.systems(PROJECT / "dbt_project")))
    settings = replace(copy, landing=tmp_path / "landing", settle_seconds=0, systems=systems)
    for feed in declarations.load(settings.dbt_project, systems):
        deliver(settings.landing, feed, LAST_NIGHT, rows_at_their_ends(feed, LAST_NIGHT))
    yield settings
    drop_database(settings)


def test_the_night_takes_every_one_of_them_and_is_published(at_their_ends: Settings) -> None:
    outcome = whole_night(at_their_ends, LAST_NIGHT)
    assert outcome.stops, "numbers that nobody has had before are let pass by a person"
    with warehouse.connect(at_their_ends, "admin") as connection:
        assert connection.execute(QUARANTINED, [LAST_NIGHT]).fetchall() == []
        published = connection.execute("select max(as_of) from published.generation").fetchone()
    assert published == (LAST_NIGHT,)
