"""Lists whose guards are not in: nobody is on them, everybody is told why, no file is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from regulars import warehouse
from regulars.lists.export import write_files
from regulars.night import Night
from regulars.project import list_definitions
from regulars.settings import PROJECT
from tests.conftest import drop_database
from tests.dbt.campaign_world import AS_OF, World

pytestmark = pytest.mark.nights
BY_CLASS = {
    definition.list_code: definition.list_class
    for definition in list_definitions.load(PROJECT / "dbt_project")
}
# Of the others those that need a feed which nobody delivers here.
OFF = {"recycle", "service_due"}
MARKETING = [code for code, what in BY_CLASS.items() if what in ("marketing", "audience")]


@pytest.fixture
def world(make_world: Callable) -> Iterator[World]:
    settings = make_world("withheld_lists")
    with warehouse.connect(settings, "admin", autocommit=True) as connection:
        world = World(settings, connection)
        for number in range(8):  # some of them may be held out
            world.trial(f"once{number}", 50)
        world.best("best")
        world.person("wronged")
        world.case("late", "wronged")
        yield world
    drop_database(settings)


def files(world: World, folder: Path) -> set[str]:
    write_files(world.settings, Night(AS_OF), folder, "run")
    return {file.name for file in (folder / "lists").glob("*.csv")}


def test_sales_or_permission_withhold_marketing_and_service_goes_on(
    world: World, tmp_path: Path
) -> None:
    world.feed("orders", "sales")
    world.feed("products", is_withholding=True)
    world.publication(1, AS_OF - timedelta(days=1))
    world.episode("second_purchase", "once1")
    world.connection.execute(
        "update decisions.list_members set as_of = %s", [AS_OF - timedelta(days=1)]
    )
    world.connection.execute(
        "update decisions.episodes set as_of = %s", [AS_OF - timedelta(days=1)]
    )
    world.build()
    for code in MARKETING:
        assert world.members(code) == {}
    for code in ("second_purchase", "save_our_best"):
        assert "withheld" in world.left_out(code).values()
    assert set(world.members("make_it_right")) == {"wronged"}
    assert world.movements("second_purchase") == {}  # nobody leaves a list that is only withheld
    written = {code for code in BY_CLASS if code not in MARKETING} - OFF
    assert files(world, tmp_path) == {
        f"{code}{end}" for code in written for end in (".csv", ".rejected.csv")
    }
    manifest = json.loads((tmp_path / "lists" / "manifest.json").read_text())
    missing = "orders is missing since 2026-03-15"
    for code in MARKETING:
        assert missing in manifest["withheld"].pop(code)
    assert manifest["withheld"].keys() == OFF


def test_service_withholds_service_and_a_feed_that_a_list_needs_that_list_alone(
    world: World,
) -> None:
    world.feed("cases", "service")
    world.feed("loyalty")
    world.build()
    reasons = dict(
        world.connection.execute(
            "select list_code, reason from lists.withheld_lists where not is_off"
        ).fetchall()
    )
    service = {code for code, what in BY_CLASS.items() if what == "service"}
    assert reasons.keys() == service - OFF | {"reward_lapsing"}
    assert reasons["make_it_right"] == "cases is missing since 2026-03-15"
    assert reasons["reward_lapsing"] == "loyalty is missing since 2026-03-15"
    assert world.members("make_it_right") == {}
    assert world.members("second_purchase") != {}


def test_farewells_withhold_every_list_and_the_night_after_goes_on_from_the_night_before(
    world: World, tmp_path: Path
) -> None:
    world.feed("deaths", "permission", "farewells")
    world.build()
    assert all(world.members(code) == {} for code in (*MARKETING, "make_it_right"))
    suppressions = {code for code, what in BY_CLASS.items() if what == "suppression"}
    assert {name.split(".")[0] for name in files(world, tmp_path)} == suppressions
    world.connection.execute("delete from marts.feed_states")
    two_nights_ago, last_night = (AS_OF - timedelta(days=n) for n in (2, 1))
    _published(world, 1, two_nights_ago, last_night)
    world.build()
    assert {row["movement"] for row in world.members("make_it_right").values()} == {"stayed"}


def _published(world: World, generation: int, made_on: date, withheld_on: date) -> None:
    """`wronged` was on the list on one night; on the next it was withheld."""
    for number, on in enumerate((made_on, withheld_on)):
        world.publication(generation + number, on)
    world.insert(
        "decisions.list_members",
        {
            "generation": generation,
            "as_of": made_on,
            "list_code": "make_it_right",
            "customer_id": "wronged",
            "rank": 1,
            "arm": "treat",
        },
    )
    world.insert(
        "decisions.withheld_lists",
        {
            "generation": generation + 1,
            "as_of": withheld_on,
            "list_code": "make_it_right",
            "reason": "deaths",
        },
    )
