"""What values were reckoned from, read from the log as it grows: as a reading of all of it has it.

A is logged on the first night, corrected on the second, of which a second publication says
otherwise, and no longer known on the third; B on the second night alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from regulars.settings import Settings
from tests.conftest import drop_database
from tests.dbt.delivered_world import FULL, World, open_world

TABLE = "int_customer_value_inputs_before"
KNOWN = "select customer_id, net_sales from intermediate.int_customer_value_inputs_before"
FIRST, SECOND, THIRD, FOURTH = (f"2026-03-0{day}" for day in range(1, 5))


@pytest.fixture(scope="module")
def world(make_world: Callable[[str], Settings]) -> Iterator[World]:
    settings = make_world("logged_since")
    facts = ("fct_orders", "fct_order_lines", "fct_refunds")
    with open_world(settings) as connection:
        yield World(settings, connection, TABLE, *facts)
    drop_database(settings)


def publish(world: World, generation: int, as_of: str, **net_sales: int | None) -> None:
    """A publication that logs these people; None: no longer known."""
    world.connection.execute(
        "insert into decisions.publications values (%s, %s, '', '', 0, '', '')",
        [generation, as_of],
    )
    for who, sales in net_sales.items():
        world.connection.execute(
            """
            insert into decisions.customer_value_inputs
            values (%s, %s, %s, %s, 'NL', '2026-01-01', '2026-01-01', 1, 1, %s, 0, 0)
            """,
            [generation, as_of, who, sales is not None, sales or 0],
        )


def known(world: World) -> dict[str, int]:
    return {who: int(sales) for who, sales in world.connection.execute(KNOWN)}


def test_what_the_log_has_said_since_the_last_build_is_read(world: World) -> None:
    publish(world, 1, FIRST, A=10, C=70)
    world.build(SECOND)
    assert known(world) == {"A": 10, "C": 70}
    publish(world, 2, SECOND, A=20, B=5)
    publish(world, 3, SECOND, A=30, B=6)
    assert world.build(THIRD) == "incremental"
    assert known(world) == {"A": 30, "B": 6, "C": 70}, "of two publications the latter counts"
    publish(world, 4, THIRD, A=None)
    assert world.build(FOURTH) == "incremental"
    assert known(world) == {"B": 6, "C": 70}
    world.build(FOURTH, FULL)
    assert world.differences() == {}
