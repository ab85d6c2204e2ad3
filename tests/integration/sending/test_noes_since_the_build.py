"""Between build and delivery people say no, in every way there is; nobody else is left out."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import phonenumbers
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
    "under their id in circled digits",
    "under their id with a mark",
    "under a number without its country",
    "withdrawn at the instant of a yes",
    "in such a row by a number without its country",
    "in such a row of contacts under their id in full width",
    "in such a row of contacts by their address in a link",
    "unsubscribed on no channel",
    "complained, then opened",
    "died, on no day",
    "asked to be erased, in mathematical digits",
    "asked to be erased, in such a row of a merged account",
)
CIRCLED = str.maketrans(
    "0123456789", "\u24ea\u2460\u2461\u2462\u2463\u2464\u2465\u2466\u2467\u2468"
)
MATHEMATICAL = {ord("0") + n: 0x1D7CE + n for n in range(10)}
NO_DAY = "2026-02-31T08:00:00Z"


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
    left_out = in_turn(settings, set().union(*people.values()))
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


def in_turn(settings: Settings, people: set[str]) -> dict[str, str]:
    """Way -> who says no so; by a number only who has one."""
    with warehouse.connect(settings, "transformer") as connection:
        known = connection.execute(
            "select customer_id from raw.customers where phone is not null"
        ).fetchall()
    by_number = [way for way in WAYS if "number" in way]
    callers = sorted(people & {who for (who,) in known})[: len(by_number)]
    others = [way for way in WAYS if way not in by_number]
    left_out = dict(
        zip([*by_number, *others], [*callers, *sorted(people - {*callers})], strict=False)
    )
    assert left_out.keys() == {*WAYS}, "too few people are on the marketing lists"
    return left_out


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
        {
            "old_customer_id": "X-10",
            "customer_id": who["asked to be erased, in such a row of a merged account"],
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
        {"customer_id": who["under their id in circled digits"].translate(CIRCLED), **no},
        {"customer_id": who["under their id with a mark"].replace("C", "\u00c7"), **no},
        {"customer_id": at_home(settings, who["under a number without its country"]), **no},
        {"customer_id": who["withdrawn at the instant of a yes"], **no},
        {"customer_id": who["withdrawn at the instant of a yes"], **no, "is_granted": "true"},
        {
            "customer_id": at_home(settings, who["in such a row by a number without its country"]),
            **no,
            "is_granted": "perhaps",
        },
    )
    full_width = who["in such a row of contacts under their id in full width"]
    linked = address_of(settings, who["in such a row of contacts by their address in a link"])
    write(
        settings,
        "campaign_contacts",
        {"contact_id": "x1", "customer_id": who["unsubscribed"], "outcome": "unsubscribed"}
        | contact,
        {"contact_id": "x2", "customer_id": who["bounced"], "outcome": "bounced"} | contact,
        contact
        | {
            "contact_id": "x3",
            "customer_id": "".join(chr(ord(c) + 0xFEE0) for c in full_width),
            "outcome": "unsubscribed",
            "sent_at": NO_DAY,
        },
        contact
        | {
            "contact_id": "x4",
            "customer_id": f"mailto:{linked.replace('@', '%40')}",
            "outcome": "unsubscribed",
            "sent_at": NO_DAY,
        },
        contact
        | {
            "contact_id": "x5",
            "customer_id": who["unsubscribed on no channel"],
            "outcome": "unsubscribed",
            "channel": "",
        },
        *(
            contact
            | {
                "contact_id": "x6",
                "customer_id": who["complained, then opened"],
                "outcome": outcome,
                "sent_at": f"{NEXT_DAY}T{hour}:00:00+00:00",
            }
            for outcome, hour in (("complained", "08"), ("opened", "09"))
        ),
    )
    write(
        settings,
        "deaths",
        {"customer_id": who["died"], "reported_at": AT},
        {"customer_id": who["died, on no day"], "reported_at": NO_DAY},
    )
    in_digits = who["asked to be erased, in mathematical digits"].translate(MATHEMATICAL)
    write(
        settings,
        "erasure_requests",
        {"request_id": "x", "customer_id": who["asked to be erased"], "requested_at": AT},
        {"request_id": "y", "customer_id": in_digits, "requested_at": AT},
        {"request_id": "z", "customer_id": "x10", "requested_at": NO_DAY},
    )


def address_of(settings: Settings, customer_id: str) -> str:
    with warehouse.connect(settings, "transformer") as connection:
        row = connection.execute(
            "select email from pii.list_file_rows where customer_id = %s and email is not null",
            [customer_id],
        ).fetchone()
    assert row
    return str(row[0])


def at_home(settings: Settings, customer_id: str) -> str:
    """Their number as they dial it themselves."""
    with warehouse.connect(settings, "transformer") as connection:
        row = connection.execute(
            "select phone from raw.customers where customer_id = %s and phone is not null"
            " order by _delivered_on desc, _line desc limit 1",
            [customer_id],
        ).fetchone()
        country = connection.execute(
            "select country from raw.customers where customer_id = %s and country is not null",
            [customer_id],
        ).fetchone()
    assert row, f"{customer_id} has no number"
    assert country
    number = phonenumbers.parse(row[0], country[0])
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


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
