"""What holds of every list whoever the people are: a few hundred random ones, built once."""

from __future__ import annotations

import copy
import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from regulars import warehouse
from regulars.engines.dbt_command import company_variables
from regulars.engines.postgres import run_dbt
from regulars.lists.export import write_files
from regulars.night import Night
from tests.conftest import drop_database
from tests.dbt.campaign_world import AS_OF, World

PEOPLE = 320
# What stops somebody: for good on every list, or on marketing by e-mail.
FAREWELLS = ("deceased", "erased", "farewell_in_doubt")
NOES = ("opted_out", "bounced", "other_account", "shared_address", "consent_in_doubt")
CONTACT_RULES = {"contacted_recently", "contacted_often", "other_list", "resting", "no_consent"}


@dataclass
class Person:
    """What was planted of somebody, to judge the lists by."""

    household: str
    agrees: bool
    is_staff: bool
    is_minor: bool
    contacts: list[int] = field(default_factory=list)  # days ago
    stops: list[str] = field(default_factory=list)
    is_wronged: bool = False
    is_waiting: bool = False


@dataclass
class Crowd:
    world: World
    people: dict[str, Person]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with warehouse.connect(self.world.settings, "transformer") as connection:
            return list(connection.execute(query.encode()))

    def members(self, *classes: str) -> list[tuple[Any, ...]]:
        """(list, customer, household, arm)"""
        named = ", ".join(f"'{name}'" for name in classes)
        return self.rows(
            "select list_code, customer_id, household_id, arm from lists.list_members"
            f" where class in ({named})"
        )

    def rebuilt(self, what: str, lists: dict[str, Any]) -> None:
        """The lists once more, with other definitions."""
        selection = ["--select", "tag:lists", "--exclude-resource-type", "test", "unit_test"]
        run_dbt(self.world.settings, Night(AS_OF), selection, what, {"lists": lists})

    def of_household(self, household: str) -> list[Person]:
        return [one for one in self.people.values() if one.household == household]


@pytest.fixture(scope="module")
def crowd(make_world: Callable) -> Iterator[Crowd]:
    settings = make_world("random_people")
    with warehouse.connect(settings, "admin", autocommit=True) as connection:
        world, draw = World(settings, connection), Random(20260315)
        people = {f"p{number:03d}": planted(world, draw, number) for number in range(PEOPLE)}
        world.build()
        yield Crowd(world, people)
    drop_database(settings)


def planted(world: World, draw: Random, number: int) -> Person:
    """Somebody with random facts, in the world and as told to the test."""
    who = f"p{number:03d}"
    person = Person(
        household=f"h{draw.randrange(PEOPLE * 2 // 3)}",
        agrees=draw.random() < 0.8,
        is_staff=draw.random() < 0.03,
        is_minor=draw.random() < 0.03,
    )
    facts: dict[str, Any] = {
        "household_id": person.household,
        "agrees": person.agrees,
        "is_staff": person.is_staff,
        "is_minor": person.is_minor,
        "expected_order_value": draw.randrange(20, 400),
        "value_at_risk": draw.randrange(0, 90),
        "value_gone": draw.randrange(0, 900),
    }
    if draw.random() < 0.4:
        world.trial(who, draw.randrange(5, 150), **facts)
    else:
        lifecycle = draw.choice(["active", "cooling", "at_risk", "highly_at_risk", "lost"])
        world.best(who, **facts, lifecycle_status=lifecycle, orders_count=draw.randrange(2, 12))
    for _ in range(draw.choice([0, 0, 0, 1, 2])):
        days = draw.randrange(1, 60)
        if days not in person.contacts:
            person.contacts.append(days)
            world.contacted(who, days)
    if draw.random() < 0.15:
        person.stops.append(draw.choice([*FAREWELLS, *NOES]))
        plant_stop(world, who, person.stops[0])
    if draw.random() < 0.15:
        person.is_wronged = True
        world.case(f"case-{who}", who)
    if Random(number).random() < 0.1:
        person.is_waiting = True
        world.waits_for_two_answers(who)
    return person


def plant_stop(world: World, who: str, code: str) -> None:
    if code == "deceased":
        world.death(who)
    elif code == "erased":
        world.erasure(who)
    elif code == "farewell_in_doubt":
        world.stop(who, code)
    else:
        world.stop(who, code, "email", "marketing")


def test_there_is_somebody_to_judge(crowd: Crowd) -> None:
    by_list = Counter(code for code, *_ in crowd.members("marketing"))
    assert sum(by_list.values()) > 20
    assert len(by_list) >= 3
    assert len(crowd.members("service")) > 5


def test_nobody_without_consent_or_with_a_no_is_on_a_marketing_list(crowd: Crowd) -> None:
    found = {customer for _, customer, *_ in crowd.members("marketing")}
    forbidden = {
        who
        for who, one in crowd.people.items()
        if not one.agrees or one.stops or one.is_staff or one.is_minor
    }
    assert forbidden
    assert not found & forbidden


def test_nobody_who_said_farewell_is_on_any_list(crowd: Crowd) -> None:
    gone = {who for who, one in crowd.people.items() if set(one.stops) & set(FAREWELLS)}
    on_a_list = {
        customer for (customer,) in crowd.rows("select customer_id from lists.list_members")
    }
    assert gone
    assert not gone & on_a_list


def test_nobody_is_twice_on_a_list(crowd: Crowd) -> None:
    rows = crowd.rows("select list_code, customer_id from lists.list_members")
    assert len(rows) == len(set(rows)) > 20


def test_a_household_is_on_one_marketing_list_a_night(crowd: Crowd) -> None:
    lists = defaultdict(list)
    for code, _, household, _ in crowd.members("marketing"):
        lists[household].append(code)
    assert any(len(crowd.of_household(household)) > 1 for household in lists)
    assert {household: codes for household, codes in lists.items() if len(codes) > 1} == {}


def test_no_household_is_over_a_limit_of_contacts(crowd: Crowd) -> None:
    for _, customer, household, _ in crowd.members("marketing"):
        days = [day for one in crowd.of_household(household) for day in one.contacts]
        assert all(day >= 7 for day in days), (customer, days)
        assert len([day for day in days if day < 30]) < 2, (customer, days)


def test_a_service_list_waits_for_no_consent_no_limit_and_no_marketing(crowd: Crowd) -> None:
    reasons = {
        code
        for (code,) in crowd.rows(
            "select distinct reason_code from lists.list_exclusions"
            " inner join lists.list_definitions using (list_code) where class = 'service'"
        )
    }
    assert not reasons & CONTACT_RULES
    owed = {
        who
        for who, one in crowd.people.items()
        if one.is_wronged and not set(one.stops) & set(FAREWELLS)
    }
    served = {who for code, who, *_ in crowd.members("service") if code == "make_it_right"}
    waiting = {
        who
        for (who,) in crowd.rows(
            "select customer_id from lists.list_exclusions"
            " where list_code = 'make_it_right' and reason_code = 'waiting_list'"
        )
    }
    called = {who for code, who, *_ in crowd.members("service") if code == "service_call"}
    assert owed <= served | waiting | called
    assert served | waiting <= owed
    assert any(not crowd.people[who].agrees for who in served)
    assert any(min(crowd.people[who].contacts, default=99) < 7 for who in served | called)


def test_nobody_to_whom_something_is_owed_is_on_a_marketing_list(crowd: Crowd) -> None:
    owed = {who for who, one in crowd.people.items() if one.is_wronged or one.is_waiting}
    assert not owed & {customer for _, customer, *_ in crowd.members("marketing")}
    kept_back = crowd.rows(
        "select customer_id from lists.list_exclusions where reason_code = 'service_first'"
    )
    assert {who for (who,) in kept_back} <= owed
    assert kept_back


def test_nobody_is_called_twice_a_night_and_no_seat_stays_empty(crowd: Crowd) -> None:
    lists = ("make_it_right", "service_call")
    called = Counter(who for code, who, *_ in crowd.members("service") if code in lists)
    assert set(called.values()) == {1}
    both = {who for who, one in crowd.people.items() if one.is_wronged and one.is_waiting}
    assert both & called.keys()
    waiting = crowd.rows(
        "select customer_id from lists.list_exclusions where reason_code = 'waiting_list'"
        " and list_code in ('make_it_right', 'service_call')"
    )
    assert waiting
    assert not {who for (who,) in waiting} & called.keys()


def test_no_household_held_out_and_nobody_twice_is_in_a_file(crowd: Crowd, tmp_path: Path) -> None:
    write_files(crowd.world.settings, Night(AS_OF), tmp_path, "run-1")
    members = crowd.members("marketing")
    held = {household for _, _, household, arm in members if arm == "hold"}
    marketing = {code for code, *_ in members}
    in_files = [
        (path.stem, row["customer_id"])
        for path in (tmp_path / "lists").glob("*.csv")
        for row in csv.DictReader(path.open(newline=""))
        if not path.stem.endswith(".rejected")
    ]
    assert len(held) > 3
    assert len(in_files) > 30
    written = {crowd.people[who].household for code, who in in_files if code in marketing}
    assert len(written) > 10
    assert not held & written
    assert len(in_files) == len(set(in_files))


def test_everybody_left_out_is_told_one_reason(crowd: Crowd) -> None:
    rows = crowd.rows("select list_code, customer_id, reason from lists.list_exclusions")
    assert rows
    assert len({(code, who) for code, who, _ in rows}) == len(rows)
    assert all(reason for *_, reason in rows)


@pytest.mark.slow
def test_nothing_depends_on_the_order_of_the_lists(
    crowd: Crowd, rebuilt: Callable[[dict[str, Any], str], None]
) -> None:
    settings, query = crowd.world.settings, "select * from lists.{} order by 1, 2, 3, 4"
    tables = ("list_members", "list_exclusions")
    before = [crowd.rows(query.format(table)) for table in tables]
    lists: dict[str, object] = company_variables(settings)["lists"]  # type: ignore[assignment]
    turned = {code: lists[code] for code in sorted(lists, reverse=True)}
    rebuilt(turned, "turned round")
    assert [crowd.rows(query.format(table)) for table in tables] == before


@pytest.fixture
def rebuilt(crowd: Crowd) -> Iterator[Callable[[dict[str, Any], str], None]]:
    """The lists with other definitions, and afterwards as they were."""
    lists: dict[str, Any] = company_variables(crowd.world.settings)["lists"]  # type: ignore[assignment]
    yield lambda others, what: crowd.rebuilt(what, others)
    crowd.rebuilt("as they were", lists)


def turn(thresholds: dict[str, dict[str, Any]], end: str) -> int:
    """Set all at an end, but for windows that would end before they begin, which nobody may set;
    how many were set."""
    for threshold in thresholds.values():
        threshold["value"] = threshold[end]
    for name in thresholds:
        last = thresholds.get("last_" + name.removeprefix("first_"))
        if name.startswith("first_") and last and thresholds[name]["value"] > last["value"]:
            thresholds[name]["value"] = last["value"]
    return len(thresholds)


@pytest.mark.slow  # 50 s an end
@pytest.mark.parametrize("end", ["min", "max"])
def test_every_list_is_built_with_all_its_thresholds_at_an_end(
    crowd: Crowd, rebuilt: Callable[[dict[str, Any], str], None], end: str
) -> None:
    lists: dict[str, Any] = copy.deepcopy(company_variables(crowd.world.settings)["lists"])
    turned = 0
    for entry in lists.values():
        turned += turn(entry["definition"].get("thresholds") or {}, end)
    assert turned > 40
    rebuilt(lists, f"thresholds at their {end}")
    rows = crowd.rows("select customer_id, list_code, reason_1 from lists.list_members")
    assert len(rows) > 20
    assert all(reason for *_, reason in rows)
    assert len({(who, code) for who, code, _ in rows}) == len(rows)
