"""From the rows of the help desk to promises kept or broken, through the house format."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import drop_database
from tests.dbt.delivered_world import Row, World, customer, open_world

NIGHT = "2026-03-10"
KEPT: dict[str, Row] = {
    "solved": {"resolved_at": "2026-03-02 10:05+00"},
    "merged": {"merged_at": "2026-03-02 10:05+00", "merged_into_case_id": "solved"},
    "phoned": {
        "answered_by_phone_at": "2026-03-02 10:05+00",
        "first_reply_at": "2026-03-04 10:00+00",
    },
}
BROKEN: dict[str, Row] = {
    "solved_late": {"resolved_at": "2026-03-02 14:01+00"},
    "merged_late": {"merged_at": "2026-03-02 14:01+00", "merged_into_case_id": "solved"},
    "phoned_late": {"answered_by_phone_at": "2026-03-02 14:01+00"},
    "waits": {},
}


def case(case_id: str, said: Row) -> Row:
    return {
        "case_id": case_id,
        "customer_id": "anna",
        "kind": "question",
        "opened_at": "2026-03-02 10:00+00",
        "promised_reply_minutes": 240,
        "updated_at": "2026-03-05 10:00+00",
        **said,
    }


@pytest.fixture(scope="module")
def world(make_world: Callable) -> Iterator[World]:
    settings = make_world("reply_promises")
    with open_world(settings) as connection:
        world = World(settings, connection, "fct_service_cases")
        world.deliver("2026-03-02", "customers", [customer("anna")])
        rows = [case(case_id, said) for case_id, said in {**KEPT, **BROKEN}.items()]
        world.deliver("2026-03-05", "cases", rows)
        world.build(NIGHT)
        yield world
    drop_database(settings)


@pytest.mark.parametrize("case_id", KEPT)
def test_a_case_that_ended_in_time_by_any_event_broke_no_promise(
    world: World, case_id: str
) -> None:
    assert is_breach(world, case_id) is False


@pytest.mark.parametrize("case_id", BROKEN)
def test_a_case_that_ended_too_late_or_not_at_all_did(world: World, case_id: str) -> None:
    assert is_breach(world, case_id) is True


def is_breach(world: World, case_id: str) -> bool:
    query = "select is_breach from marts.fct_service_cases where case_id = %s"
    return bool(world.one(query, case_id)[0])
