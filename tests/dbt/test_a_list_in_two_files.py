"""A list is added by two files, and is then in tables, files, gate, report and command line."""

from __future__ import annotations

import csv
import filecmp
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from regulars import warehouse
from regulars.commands import inspection
from regulars.feeds import raw_tables
from regulars.gates import validation
from regulars.gates.check import GateFailed, check
from regulars.lists.export import write_files
from regulars.night import Night
from regulars.project import list_definitions
from regulars.report.queries import tonight
from regulars.settings import PROJECT
from tests.conftest import drop_database
from tests.dbt.campaign_world import AS_OF, World

NIGHT = Night(AS_OF)
CODE = "many_orders"
SQL = """
with customers as (

    select
        customer_id,
        orders_count,
        first_purchase_on,
        {{ list_threshold('many_orders', 'fewest_orders') }} as fewest_orders
    from {{ ref('dim_customers') }}
    where relationship_status = 'customer'

)

select
    customer_id,
    case when orders_count < fewest_orders then 'too_few' end as ineligible_code,
    orders_count as score,
    1 as tie_break_value,
    100 as value_at_stake,
    0.5 as response_probability,
    'orders' as reason_1_code,
    cast(null as {{ dbt.type_string() }}) as reason_2_code,
    cast(null as {{ dbt.type_string() }}) as reason_3_code,
    'thank' as action_code,
    orders_count,
    first_purchase_on as customer_since,
    orders_count > 9 as is_regular,
    cast(orders_count as numeric) / 8 as orders_a_year,
    fewest_orders
from customers
"""
YAML = """
version: 2

models:
  - name: many_orders
    description: One row per customer; primary key customer_id.
    config:
      meta:
        list:
          version: 3
          class: marketing
          channel: email
          purpose: marketing
          owner: The shop's own people
          priority: 99
          cadence: nightly
          holdout_share: 0
          outcome_window_days: 30
          refunds_settle_days: 30
          valid_days: 2
          capacity: 1
          offer: {share: 0.30, assumed_effect: 0.10, at_least: 0}
          thresholds:
            fewest_orders: {value: 5, min: 2, max: 100, whole: true}
          words:
            en:
              name: It's many orders
              purpose: Say thank you.
              who: those who order often
              success: another order
              verb: letters
              money: at stake
              left: no longer a customer
              ineligible:
                too_few: "has ordered {orders_count:times}, and {fewest_orders} are needed"
              reasons:
                orders: "has ordered {orders_count:times}"
              actions:
                thank: Say thank you; it's late
    columns:
      - name: customer_id
        data_tests: [is_key]
      - {name: orders_count, data_type: integer, description: Orders so far.}
      - {name: customer_since, data_type: date, description: Day of the first order.}
      - {name: is_regular, data_type: boolean, description: Ten orders or more.}
      - {name: orders_a_year, data_type: "numeric(6,3)", description: Orders a year.}
"""


@pytest.fixture(scope="module")
def world(make_settings: Callable, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A copy of the project with the two files, built for five customers."""
    project = tmp_path_factory.mktemp("with_a_list")
    for part in ("dbt_project", "expectations"):
        shutil.copytree(
            PROJECT / part, project / part, ignore=shutil.ignore_patterns("target", "__pycache__")
        )
    folder = project / "dbt_project" / list_definitions.FOLDER
    (folder / f"{CODE}.sql").write_text(SQL)
    (folder / f"{CODE}.yml").write_text(YAML)
    settings = make_settings("a_list_in_two_files", project=project)
    raw_tables.migrate(settings)
    with warehouse.connect(settings, "admin", autocommit=True) as connection:
        world = World(settings, connection)
        world.person("often", orders_count=12)
        world.person("less_often", orders_count=6)
        world.person("works_here", orders_count=7, is_staff=True)
        world.person("seldom", orders_count=1)
        world.build()
        yield world
    drop_database(settings)


def test_two_files_are_all_that_was_added(world: World) -> None:
    added = filecmp.dircmp(
        world.settings.dbt_project / list_definitions.FOLDER,
        PROJECT / "dbt_project" / list_definitions.FOLDER,
    )
    assert sorted(added.left_only) == [f"{CODE}.sql", f"{CODE}.yml"]
    assert not added.diff_files + added.right_only


def test_it_has_members_ranks_reasons_and_own_columns(world: World) -> None:
    member = world.members(CODE)["often"]
    assert member["rank"] == 1
    assert member["reason_1"] == "has ordered 12 times"
    assert member["suggested_action"] == "Say thank you; it's late"
    assert member["offer_ceiling"] == 3
    assert member["details"] == {
        "orders_count": 12,
        "customer_since": "2025-02-08",
        "is_regular": True,
        "orders_a_year": 1.5,
    }


def test_who_qualifies_and_was_stopped_has_a_reason(world: World) -> None:
    assert world.left_out(CODE) == {"less_often": "waiting_list", "works_here": "staff"}
    assert world.ineligible(CODE) == {"seldom": "too_few"}


def test_it_is_a_file_and_in_the_manifest(world: World, tmp_path: Path) -> None:
    write_files(world.settings, NIGHT, tmp_path, "run-1")
    with (tmp_path / "lists" / f"{CODE}.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert list(row)[-4:] == ["orders_count", "customer_since", "is_regular", "orders_a_year"]
    assert list(row.values())[-4:] == ["12", "2025-02-08", "true", "1.500"]
    manifest = json.loads((tmp_path / "lists" / "manifest.json").read_text())
    (entry,) = (one for one in manifest["lists"] if one["list_code"] == CODE)
    assert (entry["list_name"], entry["list_version"]) == ("It's many orders", 3)


def test_it_is_on_the_report_with_its_own_words(world: World) -> None:
    with warehouse.connect(world.settings, "transformer") as connection:
        lists = tonight.lists(connection, NIGHT)
        exclusions = tonight.exclusions(connection, NIGHT)
    (card,) = (one for one in lists if one.code == CODE)
    assert (card.name, card.owner, card.verb) == (
        "It's many orders",
        "The shop's own people",
        "letters",
    )
    assert (card.people, card.waiting, card.capacity, card.at_stake_amount) == (1, 1, 1, 100)
    marketing = [one for one in lists if one.list_class == "marketing"]
    assert marketing[-1] is card
    assert {(e.reason, e.people) for e in exclusions if e.list_code == CODE} == {
        ("works here", 1),
        ("waiting: capacity is used up", 1),
    }


def test_the_gate_judges_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "_write_docs", lambda context, folder: None)  # seconds
    assert check(world.settings, NIGHT, "lists")["gate"] == "lists"
    world.connection.execute("update lists.list_definitions set capacity = 0")
    with pytest.raises(GateFailed, match=f"no list above its capacity: .*{CODE}"):
        check(world.settings, NIGHT, "lists")
    world.connection.execute("update lists.list_definitions set capacity = 1")


def test_the_command_line_shows_it_and_says_why_not(world: World) -> None:
    for table in ("list_members", "list_exclusions"):
        world.connection.execute(
            f"create table published.{table} as select * from lists.{table}".encode()
        )
    world.connection.execute(
        "create table published.dim_customers as select customer_id from marts.dim_customers;"
        " grant select on all tables in schema published to analyst, regulars_builder;"
    )
    world.insert("published.generation", {"generation": 1, "as_of": AS_OF, "run_id": "r"})
    (shown,) = (r for r in inspection.list_counts(world.settings) if r["list_code"] == CODE)
    assert (shown["treated"], shown["who"], shown["owner"]) == (
        1,
        "those who order often",
        "The shop's own people",
    )
    assert [m["customer_id"] for m in inspection.list_members(world.settings, CODE, 5)] == ["often"]

    def of_the_list(who: str) -> list[tuple[str, str]]:
        rows = inspection.why(world.settings, who)
        return [(row["verdict"], row["why"]) for row in rows if row["list_code"] == CODE]

    assert of_the_list("often") == [("on it", "has ordered 12 times")]
    assert of_the_list("works_here") == [("left out", "works here")]
    assert of_the_list("less_often") == [("left out", "number 1 on the waiting list; 1 at a time")]
    assert of_the_list("seldom") == [
        ("does not qualify", "has ordered once, and 5 are needed"),
    ]


def test_after_an_erasure_it_is_still_said_why_somebody_does_not_qualify(world: World) -> None:
    world.connection.execute("update ops.builds set status = 'erased_from'")
    rows = inspection.why(world.settings, "seldom")
    assert ("does not qualify", "has ordered once, and 5 are needed") in {
        (row["verdict"], row["why"]) for row in rows
    }


def test_of_another_night_it_is_not_said_why_somebody_does_not_qualify(world: World) -> None:
    world.connection.execute("update ops.builds set as_of = as_of + 1")
    (row,) = inspection.why(world.settings, "seldom")
    assert (row["verdict"], row["list_code"]) == ("not known", "(others)")
    assert "2026-03-16, which is not published" in row["why"]
