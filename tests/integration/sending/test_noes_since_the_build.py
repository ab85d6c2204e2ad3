"""Between build and delivery people say no, in every way there is; nobody else is left out."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from regulars import warehouse
from regulars.commands.inspection import status
from regulars.sending import send
from regulars.sending.generation_to_send import SendingRefused
from regulars.sending.withdrawn import note_withdrawn
from regulars.settings import PROJECT, Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone, fingerprint
from tests.server import drop_database

pytestmark = pytest.mark.nights
NEXT_DAY = LAST_NIGHT + timedelta(days=1)
AT = f"{NEXT_DAY}T08:00:00+00:00"
WAYS = (
    "consent withdrawn",
    "unsubscribed",
    "bounced",
    "died",
    "asked to be erased",
    "in a row that cannot be read",
    "said by a merged account",
    "in such a row under a merged account",
    "said by another at the same address",
    "under their id in lower case",
    "under their address for an id",
    "in such a row under their id in lower case",
)


@dataclass(frozen=True)
class Since:
    """A company after its night. left_out: way -> who said no so; people: list -> who was in it."""

    settings: Settings
    left_out: dict[str, str]
    people: dict[str, set[str]]
    delivered: dict[str, set[str]]
    unchanged: bool


@pytest.fixture(scope="module")
def since(company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Since]:
    folder = tmp_path_factory.mktemp("since")
    shutil.copytree(company.landing, folder / "landing")
    settings = clone(company, parsed.COPY, folder / "home")
    settings = replace(settings, landing=folder / "landing", settle_seconds=0)
    people = written_to(settings)
    left_out = dict(zip(WAYS, sorted(set().union(*people.values())), strict=False))
    assert len(left_out) == len(WAYS), "too few people are on the marketing lists"
    plant(settings, left_out)
    before = fingerprint(settings, ("marts", "scores", "lists", "published"))
    note_withdrawn(settings, NEXT_DAY)
    note_withdrawn(settings, NEXT_DAY)  # safe to repeat
    deliver(settings, folder)
    unchanged = fingerprint(settings, ("marts", "scores", "lists", "published")) == before
    delivered = {
        file.stem: {row["customer_id"] for row in rows(file)}
        for file in (folder / "out").rglob("*.csv")
    }
    yield Since(settings, left_out, people, delivered, unchanged)
    drop_database(settings)


def written_to(settings: Settings) -> dict[str, set[str]]:
    """Who is in the files of the marketing lists by e-mail."""
    folder = settings.home / "current" / "lists"
    manifest = json.loads((folder / "manifest.json").read_text())
    return {
        one["list_code"]: {row["customer_id"] for row in rows(folder / "machine" / file.name)}
        for one in manifest["lists"]
        if one["list_class"] == "marketing"
        for file in [folder / "machine" / f"{one['list_code']}.csv"]
        if file.is_file() and len(rows(file))
    }


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def plant(settings: Settings, who: dict[str, str]) -> None:
    """A day of deliveries in which each of them says no in another way."""
    address = address_of(settings, who["said by another at the same address"])
    own_address = address_of(settings, who["under their address for an id"])
    no = {"channel": "email", "purpose": "marketing", "changed_at": AT, "is_granted": "false"}
    contact = {"channel": "email", "sent_at": AT, "list_code": ""}
    account = {"customer_id": "X-8", "email": address.upper(), "updated_at": AT, "created_at": AT}
    write(settings, "customers", account)
    write(
        settings,
        "identities",
        {
            "old_customer_id": "X-7",
            "customer_id": who["said by a merged account"],
            "is_merged": "true",
            "changed_at": AT,
        },
        {
            "old_customer_id": "X-9",
            "customer_id": who["in such a row under a merged account"],
            "is_merged": "true",
            "changed_at": AT,
        },
    )
    write(
        settings,
        "consents",
        {"customer_id": who["consent withdrawn"], **no},
        {"customer_id": "X-7", **no},
        {"customer_id": "X-8", **no},
        {"customer_id": who["in a row that cannot be read"], **no, "is_granted": "perhaps"},
        {"customer_id": "X-9", **no, "is_granted": "perhaps"},
        {"customer_id": who["under their id in lower case"].lower(), **no},
        {"customer_id": f"<{own_address}>", **no},
        {
            "customer_id": who["in such a row under their id in lower case"].lower(),
            **no,
            "is_granted": "perhaps",
        },
    )
    write(
        settings,
        "campaign_contacts",
        {"contact_id": "x1", "customer_id": who["unsubscribed"], "outcome": "unsubscribed"}
        | contact,
        {"contact_id": "x2", "customer_id": who["bounced"], "outcome": "bounced"} | contact,
    )
    write(settings, "deaths", {"customer_id": who["died"], "reported_at": AT})
    write(
        settings,
        "erasure_requests",
        {"request_id": "x", "customer_id": who["asked to be erased"], "requested_at": AT},
    )


def address_of(settings: Settings, customer_id: str) -> str:
    with warehouse.connect(settings, "transformer") as connection:
        row = connection.execute(
            "select email from pii.list_file_rows where customer_id = %s and email is not null",
            [customer_id],
        ).fetchone()
    assert row
    return str(row[0])


def write(settings: Settings, feed: str, *lines: dict[str, str]) -> None:
    """The feed's delivery of the next day, its columns those of the last."""
    last = max((settings.landing / "house").glob(f"*/{feed}.csv"), default=None)
    columns = list(lines[0])
    if last is not None:
        columns = last.read_text(encoding="utf-8").splitlines()[0].split(",")
    file = settings.landing / "house" / NEXT_DAY.isoformat() / f"{feed}.csv"
    file.parent.mkdir(exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def deliver(settings: Settings, folder: Path) -> None:
    project = folder / "project" / "dbt_project"
    project.mkdir(parents=True)
    for one in (PROJECT / "dbt_project").iterdir():
        if one.name != "destinations.yml":
            (project / one.name).symlink_to(one)
    content = yaml.safe_load((PROJECT / "dbt_project" / "destinations.yml").read_text())
    content["deliveries"] = {"machine": {"folder": str(folder / "out")}}
    (project / "destinations.yml").write_text(yaml.safe_dump(content))
    send.deliver(replace(settings, project=folder / "project"), NEXT_DAY, "machine")


@pytest.mark.parametrize("way", WAYS)
def test_who_said_no_since_the_build_is_in_no_delivered_file(since: Since, way: str) -> None:
    was_on = [code for code, people in since.people.items() if since.left_out[way] in people]
    assert was_on
    assert all(since.left_out[way] not in since.delivered.get(code, set()) for code in was_on)


def test_everybody_else_is_delivered(since: Since) -> None:
    gone = set(since.left_out.values())
    left = {code: people - gone for code, people in since.people.items()}
    assert {code: since.delivered.get(code, set()) for code in left} == left


def test_status_says_what_has_arrived_where(since: Since) -> None:
    (row,) = status(since.settings)["delivered"]
    assert (row["target"], row["noes_known_on"]) == ("machine", NEXT_DAY)
    assert row["lists"] == len(since.delivered)
    assert row["people"] == sum(map(len, since.delivered.values()))
    # a list on which nobody is left is withheld, and not logged
    both = since.people.keys() & since.delivered.keys()
    left_out = sum(len(since.people[code] - since.delivered[code]) for code in both)
    assert row["left_out"] >= left_out > 0


def test_asking_for_noes_leaves_the_live_night_as_it_is(since: Since) -> None:
    assert since.unchanged
    with warehouse.connect(since.settings, "admin") as connection:
        left = connection.execute(
            "select nspname from pg_namespace where nspname like 'deliver%'"
        ).fetchall()
    assert left == []


def test_a_file_of_noes_that_was_refused_stops_every_delivery(since: Since) -> None:
    file = since.settings.landing / "house" / NEXT_DAY.isoformat() / "consents.r1.csv"
    file.write_text("nonsense\n1\n")
    with pytest.raises(SendingRefused, match=rf"consents delivered on {NEXT_DAY} was refused"):
        note_withdrawn(since.settings, NEXT_DAY)
