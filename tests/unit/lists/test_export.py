"""Files from a hand-made list_file_rows: what goes in, what is refused, what stops everything."""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from regulars import failpoints, own_project, warehouse
from regulars.feeds import declarations, raw_tables, switched_off
from regulars.feeds.declaration_checks import DeclarationError
from regulars.lists import permission, raw_words
from regulars.lists.export import columns_of, write_files
from regulars.lists.permission import PermissionRefused
from regulars.night import Night
from regulars.nights.run import run_step
from regulars.project import file_columns, list_definitions
from regulars.project.variables import variables
from regulars.settings import Settings
from studies.benchmarks import list_tables
from tests.conftest import drop_database

AS_OF = date(2026, 3, 15)
# each list's own columns, as list_members holds them
OWN: dict[str, dict[str, Any]] = {
    "second_purchase": {
        "first_category": None,
        "days_since_first": 40,
        "p_second": None,
        "contact_channel": "email",
    },
    "save_our_best": {},
    "ad_audiences": {"audience": "exclusion", "audience_value": None},
    "make_it_right": {
        "case_id": "k",
        "first_reply_minutes": None,
        "is_breach": True,
        "csat": 2,
        "reason": "late",
        "csat_on": None,
        "other_cases": None,
    },
}
NIGHT = Night(AS_OF)


@pytest.fixture(scope="module")
def company(make_settings: Callable) -> Iterator[Settings]:
    """A database with tables in the place of the models that the export reads."""
    settings = make_settings("list_files")
    raw_tables.migrate(replace(settings, systems=("house", "klaviyo")))
    with warehouse.connect(settings, "admin", autocommit=True) as connection:
        create_tables(connection, settings)
    yield settings
    drop_database(settings)


@pytest.fixture
def tables(company: Settings) -> Iterator[psycopg.Connection]:
    """Those tables, empty."""
    with warehouse.connect(company, "admin", autocommit=True) as connection:
        connection.execute(
            "truncate pii.list_file_rows, pii.list_people, pii.stg_house__permission_events,"
            " pii.normal_forms, raw.consents, raw.campaign_contacts, raw.deaths,"
            " raw.erasure_requests, raw.customers, raw.klaviyo_events, raw.quarantine,"
            " raw.identities,"
            " decisions.publications, decisions.episodes"
        )
        yield connection


def create_tables(connection: psycopg.Connection, settings: Settings) -> None:
    list_tables.create_tables(connection, settings)
    deliver(connection, AS_OF)


def deliver(
    connection: psycopg.Connection,
    on: date,
    status: str = "loaded",
    feed: str = "words",
    revision: int = 0,
    replay_of: int | None = None,
) -> int:
    """An entry of the ledger; returns its number."""
    row = connection.execute(
        "insert into raw.deliveries (feed, delivered_on, sha256, path, size, modified_at, status,"
        " rows_in, revision, replay_of)"
        " values (%s, %s, gen_random_uuid(), 'x', 1, now(), %s, 0, %s, %s)"
        " returning delivery_id",
        [feed, on, status, revision, replay_of],
    ).fetchone()
    assert row is not None
    return int(row[0])


def add(
    connection: psycopg.Connection, rank: int, *, agrees: bool | None = True, **facts: Any
) -> None:
    row = {
        "list_code": "second_purchase",
        "list_version": 1,
        "as_of": AS_OF,
        "customer_id": f"c{rank}",
        "household_id": f"c{rank}",
        "email": f"c{rank}@example.com",
        "first_name": "Anna",
        "rank": rank,
        "arm": "treat",
        "reason_1": "bought once",
        "net_clv_12m": "-4.20",
        "valid_until": date(2026, 3, 18),
        "details": Jsonb(OWN[facts.get("list_code", "second_purchase")]),
        **facts,
    }
    connection.execute(
        sql.SQL("insert into pii.list_file_rows ({}) values ({})").format(
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(map(sql.Placeholder, row)),
        ),
        row,
    )
    connection.execute(
        "insert into pii.list_people values (%s, 'de Wit', '1992-06-21', 'NL', '1017 AB',"
        " 'Amsterdam', 'granted', '2026-01-01 00:00+00', 'email:marketing')",
        [row["customer_id"]],
    )
    if agrees is not None:
        say(connection, row["customer_id"], "2026-01-01", is_no=not agrees)


# Where a word is delivered: feed, the column that says no or yes, the column of its instant.
SAID_IN = {
    "consent": ("consents", "is_granted", "changed_at"),
    "opt_out": ("campaign_contacts", "outcome", "sent_at"),
    "complaint": ("campaign_contacts", "outcome", "sent_at"),
    "death": ("deaths", "is_withdrawn", "reported_at"),
    "erasure": ("erasure_requests", "is_withdrawn", "requested_at"),
}
_lines = itertools.count(2)
OUTCOMES = {"opt_out": "unsubscribed", "complaint": "complained"}


def say(
    connection: psycopg.Connection,
    who: object,
    at: str | None,
    kind: str = "consent",
    *,
    is_no: bool = True,
    delivery_id: int = 1,
    **facts: object,
) -> None:
    """A word as it was delivered; by the ledger's first entry, unless another is named."""
    feed, word, instant = SAID_IN[kind]
    row = {"customer_id": who, instant: at, word: OUTCOMES.get(kind, not is_no)}
    if feed == "consents":
        row |= {"channel": "email", "purpose": "marketing"}
    elif feed == "campaign_contacts":
        row |= {"channel": "email", "contact_id": f"{who}-{kind}-{at}"}
    insert(connection, f"raw.{feed}", {**row, **loaded_by(delivery_id), **facts})


def loaded_by(delivery_id: int = 1) -> dict[str, object]:
    return {"_delivery_id": delivery_id, "_line": next(_lines), "_delivered_on": AS_OF}


def insert(connection: psycopg.Connection, table: str, row: Mapping[str, object]) -> None:
    connection.execute(
        sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(*table.split(".")),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(map(sql.Placeholder, row)),
        ),
        row,
    )


def lives_at(connection: psycopg.Connection, who: str, email: str) -> None:
    """An account with an address that is delivered in capitals."""
    row = {"customer_id": who, "email": email.upper(), "country": "NL"}
    insert(connection, "raw.customers", row | loaded_by())
    connection.execute(
        "insert into pii.normal_forms values ('email', %s, '', %s) on conflict do nothing",
        [email.upper(), email],
    )


def read(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "lists" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_file_has_the_common_columns_then_its_own_in_rank_order(
    company: Settings, tables: psycopg.Connection, tmp_path: Path
) -> None:
    add(tables, 2)
    tables.execute(
        "update pii.list_file_rows set details = details ||"
        " jsonb_build_object('p_second', 0.250000, 'first_category', '=Kettles')"
    )
    add(tables, 1, first_name='=HYPERLINK("x")\r\nAnna', phone_e164="+31612345678")
    result = write_files(company, NIGHT, tmp_path, "run-1")
    rows = read(tmp_path, "second_purchase.csv")
    assert list(rows[0]) == [
        *file_columns.names(company.dbt_project),
        "first_category",
        "days_since_first",
        "p_second",
        "contact_channel",
    ]
    assert [row["customer_id"] for row in rows] == ["c1", "c2"]
    assert rows[0]["first_name"] == '\'=HYPERLINK("x") Anna'
    assert (rows[0]["run_id"], rows[0]["net_clv_12m"]) == ("run-1", "-4.20")
    own = [[row[name] for name in OWN["second_purchase"]] for row in rows]
    assert own == [["", "40", "", "email"], ["'=Kettles", "40", "0.250000", "email"]]
    assert {code: n for code, n in result["rows"].items() if n} == {"second_purchase": 2}


def test_a_night_can_die_between_any_two_files_of_a_list(
    company: Settings, tables: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kills at export:file_written meet each state of the folder."""
    met: list[set[str]] = []
    monkeypatch.setattr(
        failpoints, "hit", lambda name: met.append({path.name for path in written.glob("s*.csv")})
    )
    written = tmp_path / "lists"
    add(tables, 1)
    write_files(company, NIGHT, tmp_path, "run-1")
    at_last = met[-1]
    one_by_one = [seen for seen in met if seen]
    assert {"second_purchase.csv", "second_purchase.rejected.csv"} <= at_last
    assert len({frozenset(seen) for seen in one_by_one}) == len(at_last)


def test_an_empty_list_is_a_header(
    company: Settings, tables: psycopg.Connection, tmp_path: Path
) -> None:
    write_files(company, NIGHT, tmp_path, "run-1")
    for definition in list_definitions.load(company.dbt_project):
        text = (tmp_path / "lists" / f"{definition.list_code}.csv").read_text()
        assert text == ",".join(columns_of(company, definition)) + "\n"


def test_equal_tables_give_equal_bytes(
    company: Settings, tables: psycopg.Connection, tmp_path: Path
) -> None:
    for rank in (3, 1, 2):
        add(tables, rank, last_contact_at="2026-03-01 10:00+02")
    for name in ("one", "two"):
        write_files(company, NIGHT, tmp_path / name, "run-1")
    one, two = (
        {
            f.relative_to(tmp_path / name / "lists").as_posix(): f.read_bytes()
            for f in (tmp_path / name / "lists").rglob("*.*")
        }
        for name in ("one", "two")
    )
    assert one == two
    assert b"2026-03-01 08:00:00+00:00" in one["second_purchase.csv"]


def test_the_manifest_counts_and_sums_every_file(
    company: Settings, tables: psycopg.Connection, tmp_path: Path
) -> None:
    add(tables, 1)
    write_files(company, NIGHT, tmp_path, "run-1")
    manifest = json.loads((tmp_path / "lists" / "manifest.json").read_text())
    assert (manifest["as_of"], manifest["run_id"]) == ("2026-03-15", "run-1")
    assert "phonenumbers" in manifest["library_versions"]
    entries = [*manifest["lists"], *(t for e in manifest["lists"] for t in e["targets"])]
    listed = [entry["rejected"] for entry in entries]
    listed += [file for e in entries for file in (e["files"] if "files" in e else [e["file"]])]
    lists = tmp_path / "lists"
    on_disk = {f.relative_to(lists).as_posix() for f in lists.rglob("*.*")} - {"manifest.json"}
    assert {file["name"] for file in listed} == on_disk
    assert "klaviyo/second_purchase.csv" in on_disk
    for file in listed:
        content = (tmp_path / "lists" / file["name"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert file["rows"] == content.count(b"\n") - 1


def test_rows_that_no_file_can_carry_are_rejected_with_a_reason(
    company: Settings, tables: psycopg.Connection, tmp_path: Path
) -> None:
    add(tables, 1, email="shared@example.com")
    add(tables, 2, email="shared@example.com")
    add(tables, 3, email=None)
    write_files(company, NIGHT, tmp_path, "run-1")
    assert [row["customer_id"] for row in read(tmp_path, "second_purchase.csv")] == ["c1"]
    rejected = read(tmp_path, "second_purchase.rejected.csv")
    assert [(row["customer_id"], row["reason"]) for row in rejected] == [
        ("c2", "same address as customer c1, who ranks higher"),
        ("c3", "no usable address for email"),
    ]


def test_two_wronged_people_with_one_address_are_both_called(
    company: Settings, tables: psycopg.Connection, tmp_path: Path
) -> None:
    for rank in (1, 2):
        add(tables, rank, agrees=None, list_code="make_it_right", email=None, phone_e164="+3161")
    write_files(company, NIGHT, tmp_path, "run-1")
    assert len(read(tmp_path, "make_it_right.csv")) == 2


def test_a_held_person_is_in_no_file(
    company: Settings, tables: psycopg.Connection, tmp_path: Path
) -> None:
    add(tables, 1)
    add(tables, 2, arm="hold")
    write_files(company, NIGHT, tmp_path, "run-1")
    assert [row["customer_id"] for row in read(tmp_path, "second_purchase.csv")] == ["c1"]


@pytest.mark.parametrize("agrees", [None, False])
def test_one_person_without_consent_withholds_every_file(
    company: Settings, tables: psycopg.Connection, tmp_path: Path, agrees: bool | None
) -> None:
    add(tables, 1)
    add(tables, 2, agrees=agrees)
    with pytest.raises(PermissionRefused, match=r"second_purchase: .* 1 are without consent"):
        write_files(company, NIGHT, tmp_path, "run-1")
    assert list((tmp_path / "lists").rglob("*")) == []


@pytest.mark.parametrize(("later", "is_refused"), [(False, True), (True, False)])
def test_the_latest_word_counts_and_a_no_wins_a_tie(
    company: Settings, tables: psycopg.Connection, tmp_path: Path, later: bool, is_refused: bool
) -> None:
    add(tables, 1)
    say(tables, "c1", "2026-01-01")
    if later:
        say(tables, "c1", "2026-01-02", is_no=False)
    if is_refused:
        with pytest.raises(PermissionRefused, match="without consent"):
            write_files(company, NIGHT, tmp_path, "run-1")
    else:
        write_files(company, NIGHT, tmp_path, "run-1")
        assert len(read(tmp_path, "second_purchase.csv")) == 1


@pytest.mark.parametrize("list_code", ["second_purchase", "make_it_right"])
@pytest.mark.parametrize("kind", ["death", "erasure"])
def test_one_dead_person_on_a_list_of_either_class_withholds_every_file(
    company: Settings, tables: psycopg.Connection, tmp_path: Path, list_code: str, kind: str
) -> None:
    add(tables, 1, list_code=list_code, phone_e164="+31612345678")
    say(tables, "c1", "2026-01-01", kind)
    with pytest.raises(PermissionRefused, match=f"{list_code}: .* 1 are dead, or to be erased"):
        write_files(company, NIGHT, tmp_path, "run-1")
    assert list((tmp_path / "lists").rglob("*")) == []


@pytest.mark.parametrize(
    ("kind", "list_code", "wrong"),
    [
        ("death", "second_purchase", "at an address of somebody dead"),
        ("death", "make_it_right", "at an address of somebody dead"),
        ("consent", "second_purchase", "at an address at which somebody said no"),
        ("opt_out", "second_purchase", "at an address at which somebody said no"),
        ("opt_out", "make_it_right", ""),
    ],
)
def test_the_last_check_knows_addresses(
    company: Settings,
    tables: psycopg.Connection,
    tmp_path: Path,
    kind: str,
    list_code: str,
    wrong: str,
) -> None:
    """Another account with the same address, in another spelling."""
    add(tables, 1, list_code=list_code, phone_e164="+31612345678")
    lives_at(tables, "another account", "c1@example.com")
    say(tables, "another account", "2026-01-01", kind)
    if not wrong:
        write_files(company, NIGHT, tmp_path, "run-1")
        return
    with pytest.raises(PermissionRefused, match=wrong):
        write_files(company, NIGHT, tmp_path, "run-1")


@pytest.mark.parametrize("kind", ["opt_out", "complaint"])
@pytest.mark.parametrize(("who", "wrong"), [("c1", "people who said no"), ("x", "at an address")])
def test_an_unsubscribe_from_advertising_is_a_no_to_an_audience(
    company: Settings, tables: psycopg.Connection, tmp_path: Path, kind: str, who: str, wrong: str
) -> None:
    add(tables, 1, list_code="ad_audiences", agrees=None)
    say(tables, "c1", "2026-01-01", is_no=False, channel="ads", purpose="advertising")
    write_files(company, NIGHT, tmp_path, "run-1")
    lives_at(tables, who, "c1@example.com")
    say(tables, who, "2026-02-01", kind, channel="ads")
    with pytest.raises(PermissionRefused, match=f"ad_audiences: .*{wrong}"):
        write_files(company, NIGHT, tmp_path, "run-2")


@pytest.mark.parametrize("kind", ["opt_out", "complaint"])
@pytest.mark.parametrize(
    ("list_code", "agreed"),
    [("second_purchase", {}), ("ad_audiences", {"channel": "ads", "purpose": "advertising"})],
)
@pytest.mark.parametrize(("who", "wrong"), [("c1", "people who said no"), ("x", "at an address")])
def test_a_no_that_names_no_channel_is_one_on_every_channel(
    company: Settings,
    tables: psycopg.Connection,
    tmp_path: Path,
    kind: str,
    list_code: str,
    agreed: dict[str, Any],
    who: str,
    wrong: str,
) -> None:
    add(tables, 1, list_code=list_code, agrees=None)
    say(tables, "c1", "2026-01-01", is_no=False, **agreed)
    write_files(company, NIGHT, tmp_path, "run-1")
    lives_at(tables, who, "c1@example.com")
    say(tables, who, "2026-02-01", kind, channel=None)
    with pytest.raises(PermissionRefused, match=wrong):
        write_files(company, NIGHT, tmp_path, "run-2")


class Explaining:
    """A connection that tells how it found what has values named in it, in place of an answer."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self.plan = ""

    def execute(
        self, query: sql.Composed, values: Mapping[str, object] | Sequence[object] = ()
    ) -> Iterable[tuple[Any, ...]]:
        if not isinstance(values, Mapping):
            return self._connection.execute(query, values)
        lines = self._connection.execute(sql.SQL("explain (analyze) ") + query, values).fetchall()
        self.plan = "\n".join(line for (line,) in lines)
        return []

    def transaction(self, *, force_rollback: bool) -> AbstractContextManager[object]:
        return self._connection.transaction(force_rollback=force_rollback)

    def most_rows(self) -> float:
        """Which a step of the plan made, or looked at and left out."""
        most, loops = 0.0, 1
        for line in self.plan.split("\n"):
            if made := re.search(r"actual .*rows=([\d.]+) loops=(\d+)", line):
                rows, loops = float(made[1]), int(made[2])
            elif left_out := re.search(r"Rows Removed by .*: (\d+)", line):
                rows = int(left_out[1])
            else:
                continue
            most = max(most, rows * loops)
        return most


def test_the_last_check_looks_for_nothing_again_once_a_word(
    company: Settings, tables: psycopg.Connection
) -> None:
    """Words grow with the company: so would what each of them asks of all others."""
    asked = Explaining(tables)
    definitions = list_definitions.load(company.dbt_project)
    permission.check(asked, company, NIGHT, definitions)  # type: ignore[arg-type]
    assert re.findall(r"(?<!hashed )(?<!generation = \()SubPlan \d+\)", asked.plan) == []


def test_the_last_check_compares_nobody_with_everybody_where_nobody_counted_the_tables(
    company: Settings, tables: psycopg.Connection
) -> None:
    people = 300
    for n in range(people):
        add(tables, n)
        lives_at(tables, f"c{n}", f"c{n}@example.com")
        say(tables, f"c{n}", "2026-02-01", "opt_out")
        unsubscribed = {"id": f"k{n}", "metric": "Unsubscribed", "email": f"C{n}@EXAMPLE.COM"}
        insert(tables, "raw.klaviyo_events", {**unsubscribed, **loaded_by()})
    asked = Explaining(tables)
    definitions = list_definitions.load(company.dbt_project)
    permission.check(asked, company, NIGHT, definitions)  # type: ignore[arg-type]
    assert people < asked.most_rows() < 20 * people


def test_an_unsubscribe_stays_whatever_was_agreed_later(
    company: Settings, tables: psycopg.Connection, tmp_path: Path
) -> None:
    add(tables, 1)
    say(tables, "c1", "2026-01-01", "opt_out")
    say(tables, "c1", "2026-02-01", is_no=False)
    with pytest.raises(PermissionRefused, match="people who said no"):
        write_files(company, NIGHT, tmp_path, "run-1")


@pytest.mark.parametrize(
    ("source", "at", "kind", "is_refused"),
    [
        ("preference_centre", "2026-02-01", "opt_out", False),
        ("shop", "2026-02-01", "opt_out", True),
        (None, "2026-02-01", "opt_out", True),
        ("preference_centre", "2025-12-01", "opt_out", True),
        ("preference_centre", "2026-02-01", "complaint", True),
    ],
)
def test_only_a_later_yes_from_a_source_that_the_company_names_opens_an_unsubscribe_again(
    company: Settings,
    tables: psycopg.Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str | None,
    at: str,
    kind: str,
    is_refused: bool,
) -> None:
    named = variables(company.dbt_project)
    named |= {"sources_that_reopen_an_unsubscribe": ["preference_centre"]}
    monkeypatch.setattr(permission, "variables", lambda project: named)
    add(tables, 1)
    say(tables, "c1", "2026-01-01", kind)
    say(tables, "c1", at, is_no=False)
    tables.execute("update raw.consents set source = %s", [source])
    if is_refused:
        with pytest.raises(PermissionRefused, match="people who said no"):
            write_files(company, NIGHT, tmp_path, "run-1")
    else:
        write_files(company, NIGHT, tmp_path, "run-1")
        assert len(read(tmp_path, "second_purchase.csv")) == 1


@pytest.mark.parametrize("kind", SAID_IN)
def test_a_staging_model_that_loses_or_invents_words_does_not_reach_a_customer(
    company: Settings, tables: psycopg.Connection, tmp_path: Path, kind: str
) -> None:
    """The model says that they agreed; the row as delivered, that they did not."""
    add(tables, 1, agrees=kind != "consent")
    if kind != "consent":
        say(tables, "c1", "2026-02-01", kind)
    tables.execute(
        "insert into pii.stg_house__permission_events values"
        " ('consent', 'c1', null, 'email', 'marketing', '2026-03-01', false)"
    )
    with pytest.raises(PermissionRefused, match="second_purchase"):
        write_files(company, NIGHT, tmp_path, "run-1")


@pytest.mark.parametrize(
    ("on", "status", "last", "is_refused"),
    [
        (AS_OF, "loaded", None, True),
        (date(2026, 3, 16), "loaded", None, False),
        (AS_OF, "refused", None, False),
        (AS_OF, "loaded", 1, False),
    ],
)
def test_the_last_check_sees_what_the_ledger_says_that_the_night_may_see(
    company: Settings,
    tables: psycopg.Connection,
    tmp_path: Path,
    on: date,
    status: str,
    last: int | None,
    is_refused: bool,
) -> None:
    add(tables, 1)
    say(tables, "c1", "2026-02-01", "opt_out", delivery_id=deliver(tables, on, status))
    night = Night(AS_OF, last_delivery_id=last)
    if is_refused:
        with pytest.raises(PermissionRefused, match="people who said no"):
            write_files(company, night, tmp_path, "run-1")
    else:
        write_files(company, night, tmp_path, "run-1")


@pytest.mark.parametrize(
    ("metric", "external_id", "email", "wrong"),
    [
        ("Unsubscribed", "c1", None, "people who said no"),
        ("Unsubscribed from List", " c1 ", "", "people who said no"),
        ("Marked Email as Spam", None, "C1@EXAMPLE.COM", "people who said no"),
        ("Unsubscribed", "a stale id", "C1@EXAMPLE.COM", "people who said no"),
        ("Opened Email", "c1", None, ""),
    ],
)
def test_a_tools_no_is_asked_of_its_own_rows_by_id_and_by_address(
    company: Settings,
    tables: psycopg.Connection,
    tmp_path: Path,
    metric: str,
    external_id: str | None,
    email: str | None,
    wrong: str,
) -> None:
    add(tables, 1)
    lives_at(tables, "c1", "c1@example.com")
    row = {"id": "k", "metric": metric, "external_id": external_id, "email": email}
    insert(tables, "raw.klaviyo_events", {**row, "datetime": "2026-02-01", **loaded_by()})
    for systems in (("house", "klaviyo"), ("house",)):  # a tool that is off said what it said
        with_tool = replace(company, systems=systems)
        if wrong:
            with pytest.raises(PermissionRefused, match=wrong):
                write_files(with_tool, NIGHT, tmp_path, "run-1")
        else:
            write_files(with_tool, NIGHT, tmp_path, "run-1")


def test_what_an_unusable_address_may_mean_is_nobodys_address(
    company: Settings, tables: psycopg.Connection, tmp_path: Path
) -> None:
    """Both were delivered with one cell that no message reaches; one of them said no."""
    add(tables, 1)
    written = "Anna <C1@example.com>"
    for who, email, forms in (
        ("c1", "c1@example.com", [("c1@example.com", "", "c1@example.com")]),
        ("c9", written, [(written, "", None), (written, "said", "c1@example.com")]),
    ):
        row = {"customer_id": who, "email": email, "country": "NL"}
        insert(tables, "raw.customers", {**row, **loaded_by()})
        for form in forms:
            tables.execute("insert into pii.normal_forms values ('email', %s, %s, %s)", form)
    say(tables, "c9", "2026-02-01", "opt_out")
    write_files(company, NIGHT, tmp_path, "run-1")


def quarantine(connection: psycopg.Connection, feed: str, text: str, line: int = 2) -> int:
    """A line that could not be read; returns its delivery."""
    delivery_id = deliver(connection, AS_OF, feed=feed)
    connection.execute(
        "insert into raw.quarantine (delivery_id, feed, file, line, raw_text, rule, reason)"
        " values (%s, %s, 'x', %s, %s, 'shape', 'changed_at')",
        [delivery_id, feed, line, text],
    )
    return delivery_id


A_NO_WITHOUT_A_DAY = "{},email,marketing,2026-02-31T08:00:00Z,false"
A_DEATH_WITHOUT_A_DAY = "{},2026-13-13,false,2026-03-01T08:00:00Z"


@pytest.mark.parametrize(
    ("feed", "line", "list_code", "is_refused"),
    [
        ("consents", A_NO_WITHOUT_A_DAY.format("c1"), "second_purchase", True),
        ("consents", A_NO_WITHOUT_A_DAY.format(" C-001 "), "second_purchase", True),
        ("consents", A_NO_WITHOUT_A_DAY.format('"\uff23\uff11"'), "second_purchase", True),
        ("consents", A_NO_WITHOUT_A_DAY.format("\u04211"), "second_purchase", True),  # Cyrillic
        ("consents", A_NO_WITHOUT_A_DAY.format("\u0441-O1"), "second_purchase", True),
        ("consents", A_NO_WITHOUT_A_DAY.format("C1@Example.com"), "second_purchase", True),
        ("consents", A_NO_WITHOUT_A_DAY.format("c11"), "second_purchase", False),
        ("consents", A_NO_WITHOUT_A_DAY.format("c1"), "make_it_right", False),
        ("deaths", A_DEATH_WITHOUT_A_DAY.format("c1"), "make_it_right", True),
        ("deaths", A_DEATH_WITHOUT_A_DAY.format("+31612345678"), "make_it_right", True),
        ("deaths", A_DEATH_WITHOUT_A_DAY.format("06-12345678"), "make_it_right", True),
        ("consents", A_NO_WITHOUT_A_DAY.format('"06 12 34 56 78"'), "second_purchase", True),
        ("consents", A_NO_WITHOUT_A_DAY.format("12345678"), "second_purchase", False),
        ("consents", A_NO_WITHOUT_A_DAY.format("06-1234567"), "second_purchase", False),
        ("orders", A_NO_WITHOUT_A_DAY.format("c1"), "second_purchase", False),
    ],
)
def test_a_no_that_could_not_be_read_is_asked_where_it_lies(
    company: Settings,
    tables: psycopg.Connection,
    tmp_path: Path,
    feed: str,
    line: str,
    list_code: str,
    is_refused: bool,
) -> None:
    add(tables, 1, list_code=list_code, phone_e164="+31612345678")
    quarantine(tables, feed, line)
    if is_refused:
        with pytest.raises(
            PermissionRefused, match="a no that cannot be read or names nobody may mean"
        ):
            write_files(company, NIGHT, tmp_path, "run-1")
    else:
        write_files(company, NIGHT, tmp_path, "run-1")


@pytest.mark.parametrize(
    ("revision", "is_replay", "line", "who", "is_refused"),
    [
        (0, True, 2, "c1", False),  # that very line
        (0, True, 3, "c1", True),  # another one of its file
        (1, False, 9, "C-1", False),  # a later file of that day says it again
        (1, False, 2, "c2", True),  # and says it of somebody else
    ],
)
def test_an_unread_no_is_asked_until_it_is_replayed_or_corrected(
    company: Settings,
    tables: psycopg.Connection,
    tmp_path: Path,
    revision: int,
    is_replay: bool,
    line: int,
    who: str,
    is_refused: bool,
) -> None:
    add(tables, 1)
    unread = quarantine(tables, "consents", A_NO_WITHOUT_A_DAY.format("c1"))
    later = deliver(
        tables,
        AS_OF,
        feed="consents",
        revision=revision,
        replay_of=unread if is_replay else None,
    )
    say(tables, who, "2026-02-01", is_no=False, delivery_id=later, _line=line)
    if is_refused:
        with pytest.raises(
            PermissionRefused, match="a no that cannot be read or names nobody may mean"
        ):
            write_files(company, NIGHT, tmp_path, "run-1")
    else:
        write_files(company, NIGHT, tmp_path, "run-1")


@pytest.mark.parametrize(
    ("kind", "who", "channel", "list_code", "is_refused"),
    [
        ("consent", "C-001", "email", "second_purchase", True),
        ("consent", "\u04211", "email", "second_purchase", True),  # Cyrillic
        ("consent", "\uff231", "email", "second_purchase", True),
        ("consent", "C1@Example.com", "email", "second_purchase", True),
        ("opt_out", "C-001", "email", "second_purchase", True),
        ("complaint", "C-001", None, "second_purchase", True),
        ("death", "C-001", None, "make_it_right", True),
        ("erasure", "+31612345678", None, "make_it_right", True),
        ("erasure", "06-12345678", None, "make_it_right", True),
        ("consent", "(06) 12 34 56 78", "email", "second_purchase", True),
        ("consent", "06-1234567", "email", "second_purchase", False),
        ("consent", "C-001", "post", "second_purchase", False),
        ("opt_out", "C-001", "email", "make_it_right", False),
        ("consent", "c11", "email", "second_purchase", False),
        ("consent", "C01", "email", "second_purchase", False),  # somebody of their own
    ],
)
def test_a_no_under_an_id_that_nobody_has_is_asked_for_whom_it_may_mean(
    company: Settings,
    tables: psycopg.Connection,
    tmp_path: Path,
    kind: str,
    who: str,
    channel: str | None,
    list_code: str,
    is_refused: bool,
) -> None:
    add(tables, 1, list_code=list_code, phone_e164="+31612345678")
    lives_at(tables, "C01", "other@example.com")
    facts = {"channel": channel} if kind in ("consent", "opt_out", "complaint") else {}
    say(tables, who, "2026-02-01", kind, **facts)
    if is_refused:
        with pytest.raises(PermissionRefused, match="cannot be read or names nobody may mean"):
            write_files(company, NIGHT, tmp_path, "run-1")
    else:
        write_files(company, NIGHT, tmp_path, "run-1")


def merge(
    connection: psycopg.Connection,
    old: str,
    new: str,
    at: str = "2026-01-10",
    *,
    is_merged: bool = True,
) -> None:
    """Old goes by new's name from then on, or no longer."""
    row = {"old_customer_id": old, "customer_id": new, "is_merged": is_merged, "changed_at": at}
    insert(connection, "raw.identities", row | loaded_by())


# Hands in which an id comes: of `Kfi-00123`, its address and its number.
HANDS: dict[str, Callable[[str, str, str], str]] = {
    "as it is": lambda who, email, phone: who,
    "in capitals": lambda who, email, phone: who.upper(),
    "with spaces": lambda who, email, phone: f"  {who[:2]} {who[2:]}\u00a0",
    "without its mark": lambda who, email, phone: who.replace("-", ""),
    "without zeros": lambda who, email, phone: who.replace("-0", "-"),
    "with a tail": lambda who, email, phone: f"{who}/",
    "full width": lambda who, email, phone: "".join(chr(ord(c) + 0xFEE0) for c in who),
    "mathematical": lambda who, email, phone: who.translate(
        {ord("0") + n: 0x1D7CE + n for n in range(10)}
    ),
    "in Arabic digits": lambda who, email, phone: who.translate(
        {ord("0") + n: 0x660 + n for n in range(10)}
    ),
    "raised": lambda who, email, phone: who.translate(str.maketrans("123", "\u00b9\u00b2\u00b3")),
    "with a ligature": lambda who, email, phone: who.replace("fi", "\ufb01"),
    "with an accent": lambda who, email, phone: who.replace("K", "\u1e30"),
    "with a combining accent": lambda who, email, phone: who.replace("K", "K\u0301"),
    "in Cyrillic": lambda who, email, phone: who.replace("K", "\u041a"),
    "with O and l": lambda who, email, phone: who.replace("0", "O").replace("1", "l"),
    "with nothing between": lambda who, email, phone: f"{who[0]}\u200b{who[1:]}",
    "as a formula": lambda who, email, phone: f"='{who}'",
    "with a full stop": lambda who, email, phone: f"{who}.",
    "by address": lambda who, email, phone: email,
    "by address in capitals": lambda who, email, phone: f" {email.upper()} ",
    "by address in wide letters": lambda who, email, phone: "".join(
        chr(ord(c) + 0xFEE0) for c in email
    ),
    "by number": lambda who, email, phone: phone,
    "by number at home": lambda who, email, phone: f"0{phone[3:5]}-{phone[5:]}",
    "by number in brackets": lambda who, email, phone: f"(0{phone[3:5]}) {phone[5:8]} {phone[8:]}",
    "by number with slashes": lambda who, email, phone: f"0{phone[3:5]}/{phone[5:]}",
    "by number in wide digits": lambda who, email, phone: "".join(
        chr(ord(c) + 0xFEE0) for c in f"0{phone[3:]}"
    ),
}
UNREAD_LINES = {
    "consents": "{},email,marketing,2026-02-31T08:00:00Z,false",
    "campaign_contacts": "k9,second_purchase,{},email,2026-02-31T08:00:00Z,unsubscribed",
    "deaths": "{},2026-13-13,false,2026-03-01T08:00:00Z",
    "erasure_requests": "r9,{},maybe,2026-03-01T08:00:00Z",
}


def say_in_every_shape(connection: psycopg.Connection) -> dict[str, str]:
    """Each shape by somebody of their own. Returns customer -> shape."""
    shapes: dict[str, str] = {}

    def somebody(shape: str) -> tuple[str, str, str]:
        n = len(shapes) + 1
        who, email, phone = f"Kfi-{n:05d}", f"k{n}@example.com", f"+3161{n:07d}"
        add(connection, n, customer_id=who, household_id=who, email=email, phone_e164=phone)
        shapes[who] = shape
        return who, email, phone

    for hand, spelled in HANDS.items():
        for kind in SAID_IN:
            say(connection, spelled(*somebody(f"{kind}, {hand}")), "2026-02-01", kind)
        for feed, line in UNREAD_LINES.items():
            cell = spelled(*somebody(f"unread line of {feed}, {hand}"))
            quarantine(connection, feed, line.format(cell))
            merged = somebody(f"unread line of {feed}, {hand}, of an account merged since")
            account = f"M{merged[0]}"
            merge(connection, account, merged[0])
            quarantine(connection, feed, line.format(spelled(account, merged[1], merged[2])))
    return shapes


def test_a_no_in_any_shape_is_known_to_the_last_check_and_nobody_else_is_refused(
    company: Settings, tables: psycopg.Connection
) -> None:
    shapes = say_in_every_shape(tables)
    for n in (90_001, 90_002):  # they said nothing
        add(tables, n, customer_id=f"Kfi-{n}", phone_e164=f"+3161{n:07d}")
    definitions = list_definitions.load(company.dbt_project)
    people = sql.SQL(permission.PEOPLE).format(
        rows=sql.Identifier("pii", "list_file_rows"), people=sql.Identifier("pii", "list_people")
    )
    aliases = sql.Identifier("marts", "merged_accounts")
    asked = permission.refused(tables, company, NIGHT, definitions, people, aliases)
    refused = {customer_id for _, customer_id, *_ in asked}
    assert len(shapes) > 300
    assert [shape for who, shape in shapes.items() if who not in refused] == []
    assert refused == shapes.keys()


def test_an_account_that_the_models_forgot_to_merge_says_no_for_its_person(
    company: Settings, tables: psycopg.Connection, tmp_path: Path
) -> None:
    """c9 went by c8's name, and c8 by c1's; then c8 was taken apart from c1 again."""
    add(tables, 1)
    say(tables, "c9", "2026-02-01", "opt_out")
    merge(tables, "c9", "c8")
    merge(tables, "c8", "c1")
    with pytest.raises(PermissionRefused, match="people who said no"):
        write_files(company, NIGHT, tmp_path, "run-1")
    merge(tables, "c1", "c8", "2026-01-20", is_merged=False)
    write_files(company, NIGHT, tmp_path, "run-2")


@pytest.mark.parametrize(
    "line",
    [
        A_NO_WITHOUT_A_DAY.format("c9"),
        A_NO_WITHOUT_A_DAY.format(" C-009 "),
        A_DEATH_WITHOUT_A_DAY.format("c9"),
    ],
)
@pytest.mark.parametrize("is_apart", [False, True])
def test_a_no_in_doubt_of_an_account_that_was_merged_after_the_build_is_that_of_the_person(
    company: Settings, tables: psycopg.Connection, tmp_path: Path, line: str, is_apart: bool
) -> None:
    """As `deliver` asks; two accounts that were taken apart again are two people."""
    add(tables, 1)
    quarantine(tables, "deaths" if "13-13" in line else "consents", line)
    write_files(company, NIGHT, tmp_path, "run-1")
    merge(tables, "c9", "c1")
    if is_apart:
        merge(tables, "c1", "c9", "2026-01-20", is_merged=False)
        write_files(company, NIGHT, tmp_path, "run-2")
        return
    with pytest.raises(PermissionRefused, match="cannot be read or names nobody may mean"):
        write_files(company, NIGHT, tmp_path, "run-2")


def test_a_no_under_a_spelling_of_an_account_that_was_merged_after_the_build_is_the_persons(
    company: Settings, tables: psycopg.Connection, tmp_path: Path
) -> None:
    add(tables, 1)
    say(tables, "C-009", "2026-02-01")
    write_files(company, NIGHT, tmp_path, "run-1")
    merge(tables, "c9", "c1")
    with pytest.raises(PermissionRefused, match="cannot be read or names nobody may mean"):
        write_files(company, NIGHT, tmp_path, "run-2")


@pytest.mark.parametrize("is_apart", [False, True])
def test_a_merge_of_a_companys_own_system_is_asked_of_its_staging(
    company: Settings, tables: psycopg.Connection, tmp_path: Path, is_apart: bool
) -> None:
    add(tables, 1)
    say(tables, "c9", "2026-02-01", "opt_out")
    tables.execute(
        "set role regulars_builder;"
        " create table staging.stg_shopify__account_links as"
        " select 'c1' as customer_id, 'c9' as linked_customer_id,"
        " cast(null as timestamptz) as linked_until;"
        " reset role"
    )
    if is_apart:
        tables.execute("update staging.stg_shopify__account_links set linked_until = '2026-01-20'")
    with_shop = replace(company, systems=("house", "shopify"))
    try:
        if is_apart:
            write_files(with_shop, NIGHT, tmp_path, "run-1")
            return
        with pytest.raises(PermissionRefused, match="people who said no"):
            write_files(with_shop, NIGHT, tmp_path, "run-1")
    finally:
        tables.execute("drop table staging.stg_shopify__account_links")


@pytest.mark.parametrize(
    ("column", "written"), [("email", " C1@Example.COM "), ("phone", "+31 (6) 1234-5678")]
)
def test_an_address_without_its_normal_form_is_known_as_it_is_written(
    company: Settings, tables: psycopg.Connection, tmp_path: Path, column: str, written: str
) -> None:
    add(tables, 1, phone_e164="+31612345678")
    row = {"customer_id": "c9", column: written, "country": "NL"}
    insert(tables, "raw.customers", {**row, **loaded_by()})
    say(tables, "c9", "2026-02-01", "death")
    with pytest.raises(PermissionRefused, match="at an address of somebody dead"):
        write_files(company, NIGHT, tmp_path, "run-1")


TO_GOOGLE = ("ad_user_data", "ad_personalization")


@pytest.mark.parametrize(
    ("agreed", "refused_by", "is_refused"),
    [
        (TO_GOOGLE, None, False),
        (TO_GOOGLE[:1], None, True),  # of two that it asks for
        (TO_GOOGLE, "c1", True),
        (TO_GOOGLE, "another account", True),  # with the same address
    ],
)
def test_the_consents_that_a_platform_asks_for_are_asked_of_the_rows_themselves(
    company: Settings,
    tables: psycopg.Connection,
    tmp_path: Path,
    agreed: tuple[str, ...],
    refused_by: str | None,
    is_refused: bool,
) -> None:
    """The tables that its file is made from say that both were given."""
    add(tables, 1, list_code="ad_audiences", agrees=None)
    say(tables, "c1", "2026-01-01", is_no=False, channel="ads", purpose="advertising")
    for purpose in agreed:
        say(tables, "c1", "2026-01-01", is_no=False, channel="google_ads", purpose=purpose)
    if refused_by:
        lives_at(tables, refused_by, "c1@example.com")
        say(tables, refused_by, "2026-02-01", channel="google_ads", purpose=TO_GOOGLE[0])
    granted = " ".join(f"google_ads:{purpose}" for purpose in TO_GOOGLE)
    tables.execute("update pii.list_people set granted = ''")
    write_files(company, NIGHT, tmp_path, "run-1")  # it goes to no platform
    tables.execute("update pii.list_people set granted = %s", [granted])
    if is_refused:
        with pytest.raises(PermissionRefused, match=r"ad_audiences: .* 1 are for an ad platform"):
            write_files(company, NIGHT, tmp_path, "run-2")
    else:
        write_files(company, NIGHT, tmp_path, "run-2")


@pytest.mark.parametrize(
    ("feed", "system", "is_refused"),
    [
        ("klaviyo_events", "klaviyo", True),
        ("mailchimp_abuse_reports", "mailchimp", True),
        ("mailchimp_campaigns", "mailchimp", False),
    ],
)
def test_a_night_does_not_begin_while_a_system_that_said_no_is_off(
    company: Settings, tables: psycopg.Connection, feed: str, system: str, is_refused: bool
) -> None:
    delivered = deliver(tables, AS_OF)
    tables.execute(
        "update raw.deliveries set feed = %s, rows_in = 1, rows_loaded = 1 where delivery_id = %s",
        [feed, delivered],
    )
    try:
        if is_refused:
            with pytest.raises(DeclarationError, match=f"^{system} is not among REGULARS_SYSTEMS"):
                run_step("ingest_sales", AS_OF, company)
        else:
            switched_off.check(company)
        switched_off.check(replace(company, systems=("house", system)))
    finally:
        tables.execute("delete from raw.deliveries where delivery_id = %s", [delivered])


@pytest.mark.parametrize(("in_place", "is_refused"), [(True, False), (False, True)])
def test_words_that_a_company_maps_itself_in_the_products_place_are_asked_too(
    company: Settings, tables: psycopg.Connection, tmp_path: Path, in_place: bool, is_refused: bool
) -> None:
    """It says `newsletter` for marketing."""
    own = tmp_path / "own"
    (own / "models/staging").mkdir(parents=True)
    shutil.copy(company.product / "dbt_project.yml", own)
    own_project.link_product(own, company.product)
    if in_place:
        (own / "models/staging/stg_house__permission_events.sql").touch()
    add(tables, 1, agrees=None)
    say(tables, "c1", "2026-01-01", is_no=False, purpose="newsletter")
    tables.execute(
        "insert into pii.stg_house__permission_events values"
        " ('consent', 'c1', null, 'email', 'marketing', '2026-01-01', false)"
    )
    with_own = replace(company, company_project=own)
    if is_refused:
        with pytest.raises(PermissionRefused, match="without consent"):
            write_files(with_own, NIGHT, tmp_path, "run-1")
        return
    write_files(with_own, NIGHT, tmp_path, "run-1")
    say(tables, "c1", "2026-02-01", "opt_out")
    with pytest.raises(PermissionRefused, match="people who said no"):
        write_files(with_own, NIGHT, tmp_path, "run-2")


def test_of_every_system_that_says_no_the_rows_themselves_are_asked(company: Settings) -> None:
    """Every feed that can forbid a contact, unless a bounce is all that it can say."""
    folder = company.dbt_project
    systems = sorted(declarations.systems(folder))
    forbidding = {f.table for f in declarations.load(folder, systems) if f.delivery.forbids}
    only_bounces = {"mailchimp_sent_to", "mailchimp_email_activity"} | {
        f"braze_email_{event}"
        for event in ("send", "delivery", "open", "click", "bounce", "soft_bounce")
    }
    asked = {feed for feeds in raw_words.WORDS.values() for feed in feeds}
    assert asked == forbidding - only_bounces
    everything = replace(company, systems=tuple(systems))
    raw_tables.migrate(everything)
    with warehouse.connect(everything, "transformer") as connection:
        connection.execute(raw_words.said(connection, NIGHT))


def test_a_household_held_on_another_list_withholds_every_file(
    company: Settings, tables: psycopg.Connection, tmp_path: Path
) -> None:
    add(tables, 1)
    add(tables, 2, list_code="save_our_best", arm="hold", household_id="c1")
    with pytest.raises(PermissionRefused, match="in a hold-out"):
        write_files(company, NIGHT, tmp_path, "run-1")


def test_an_open_hold_out_that_the_lists_forgot_withholds_every_file(
    company: Settings, tables: psycopg.Connection, tmp_path: Path
) -> None:
    add(tables, 1)
    tables.execute(
        """
        insert into decisions.publications values (1, '2026-03-01', 'r', 'd', 0, 'f', '{}');
        insert into decisions.episodes
        values (1, '2026-03-01', 'second_purchase', 'c1', 1, 'c1', '2026-03-01', '2026-07-01',
                'gold', 'hold')
        """
    )
    with pytest.raises(PermissionRefused, match="in a hold-out"):
        write_files(company, NIGHT, tmp_path, "run-1")


def test_every_target_that_the_company_names_has_its_file(
    company: Settings, tables: psycopg.Connection, tmp_path: Path
) -> None:
    add(tables, 1, value_tier="gold", phone_e164="+31612345678")
    add(tables, 2, email=None)
    add(tables, 3, email="c1@example.com")
    called = {"customer_id": "m1", "phone_e164": "+31612345678"}
    add(tables, 1, agrees=None, list_code="make_it_right", **called)
    write_files(company, NIGHT, tmp_path, "run-1")
    (row,) = read(tmp_path, "klaviyo/second_purchase.csv")
    assert (row["Email"], row["Last Name"]) == ("c1@example.com", "de Wit")
    assert row["Email Marketing Consent"] == "Subscribed"
    rejected = read(tmp_path, "klaviyo/second_purchase.rejected.csv")
    assert [(r["customer_id"], r["reason"]) for r in rejected] == [
        ("c2", "no usable e-mail address"),
        ("c3", "same e-mail address as somebody who ranks higher"),
    ]
    call = (tmp_path / "lists/spreadsheet/make_it_right.csv").read_text(encoding="utf-8-sig")
    assert "(+31) 6 12345678" in call
    assert ",k," in call  # case_id, which the company asked for by name
    assert "gold" not in "".join(f.read_text() for f in (tmp_path / "lists").glob("*/second*.csv"))
