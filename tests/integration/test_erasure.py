"""An erasure: somebody stands in every feed, and afterwards in no byte."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from regulars import failpoints, warehouse
from regulars.commands import inspection
from regulars.erasure.erase import erase, preview
from regulars.erasure.person import Person
from regulars.erasure.receipt import Line, Receipt, receipts
from regulars.erasure.requests import ErasureRefused, due
from regulars.erasure.stored_feeds import left_undeclared, stored_feeds
from regulars.feeds import declarations, raw_tables
from regulars.feeds.load import ingest
from regulars.nights.lock import only_one
from regulars.nights.run import run_night, run_step
from regulars.settings import Settings
from tests.canary import EMAIL, ID, REQUEST, WORDS, files_naming, plant, plant_in_tools
from tests.company import LAST_NIGHT, clone
from tests.conftest import drop_database
from tests.erased_people import alone

pytestmark = pytest.mark.nights

TOMORROW = LAST_NIGHT + timedelta(days=1)
TOOLS = ("klaviyo", "mailchimp", "braze", "call_desk", "shopify", "zendesk")


@dataclass(frozen=True)
class Erased:
    """A company in which somebody was planted, found, and erased; what was seen on the way."""

    settings: Settings
    feeds: list[str]
    tools: dict[str, int]
    named_before: dict[str, list[str]]
    foreseen: dict[str, Any]
    orders_before: int
    result: dict[str, Any]
    receipt: Receipt


@pytest.fixture(scope="module")
def erased(company_before: Settings) -> Iterator[Erased]:
    folder = Path(tempfile.mkdtemp(prefix="regulars-erasure-"))
    shutil.copytree(company_before.landing, folder / "landing")
    copy = clone(company_before, "erased", folder / "home")
    settings = replace(copy, landing=folder / "landing", settle_seconds=0)
    feeds = plant(settings.landing, LAST_NIGHT)
    run_night(settings, LAST_NIGHT)
    tools = _deliver_by_tools(settings)
    _plant_where_nobody_loads_any_more(settings)
    _plant_on_the_way_out(settings)
    (settings.generations / ".killed.tmp").mkdir()
    (settings.generations / ".killed.tmp" / "half.csv").write_text(f"customer_id\n{ID}\n")
    named = _files_naming(settings)
    orders = _count(settings, "published.fct_orders")
    with only_one(settings):
        foreseen = preview(settings, LAST_NIGHT, REQUEST)
        result = erase(settings, LAST_NIGHT, request_id=REQUEST, by="Ada L.")
    yield Erased(settings, feeds, tools, named, foreseen, orders, result, receipts(settings)[-1])
    drop_database(settings)
    shutil.rmtree(folder)


def _deliver_by_tools(settings: Settings) -> dict[str, int]:
    """What other systems say of them, and what somebody wrote down of them in the browser."""
    with warehouse.connect(settings, "marketing") as connection:
        connection.execute("set transaction read write")
        connection.execute("select desk.record_no('Joan', %s)", [ID])
        connection.commit()
    planted = plant_in_tools(settings.landing, TOOLS, LAST_NIGHT)
    for_once = replace(settings, systems=("house", "desk", *TOOLS))
    raw_tables.migrate(for_once)
    for group in ("sales", "service"):
        assert ingest(for_once, group, LAST_NIGHT)["refused"] == 0
    return {**planted, "desk_records": 1}


def _plant_on_the_way_out(settings: Settings) -> None:
    """Tables that a tool reads; what a killed delivery and a killed download had packed."""
    with warehouse.connect(settings, "admin") as connection:
        for statement in (
            "insert into pii.audiences (id, name, description) values ('win_back', 'x', 'x')",
            "insert into pii.people (customer_id, email, changed_on) values (%(id)s, %(email)s,"
            " '2026-10-31')",
            "insert into pii.audience_memberships (person_id, audience_id, is_removed, generation,"
            " changed_on) values (%(id)s, 'win_back', true, 1, '2026-10-31')",
            "insert into pii.withdrawn_members (generation, list_code, customer_id, reason, as_of)"
            " values (1, 'win_back', %(id)s, 'said_no_since', '2026-10-31')",
        ):
            connection.execute(statement.encode(), {"id": ID, "email": EMAIL})
    for name in ("klaviyo/lists/klaviyo", "desk/0badcafe"):
        folder = settings.home / "deliveries" / name
        folder.mkdir(parents=True)
        (folder / "win_back.csv").write_text(f"email\n{EMAIL}\n")
    with ZipFile(folder / "win_back.zip", "w", ZIP_DEFLATED) as archive:
        archive.write(folder / "win_back.csv", "win_back.csv")


def _plant_where_nobody_loads_any_more(settings: Settings) -> None:
    """A row and a file of a system that is off, a column and a file without a declaration."""
    raw_tables.migrate(replace(settings, systems=("house", "olist")))
    with warehouse.connect(settings, "admin") as connection:
        connection.execute(
            "insert into raw.olist_customers (customer_id, customer_unique_id, _delivery_id, _line,"
            " _delivered_on) values ('QC-shop', %s, 0, 1, %s)",
            [ID, LAST_NIGHT],
        )
        connection.execute("alter table raw.orders add column once_declared text")
        connection.execute(
            "update raw.orders set once_declared = %s where order_id = 'QC-ORDER'", [EMAIL]
        )
    folder = settings.landing / "olist" / LAST_NIGHT.isoformat()
    folder.mkdir(parents=True)
    (folder / "olist_customers_dataset.csv").write_text(
        f"customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state\n"
        f"QC-shop,{ID},1000,sao paulo,SP\nother,other,1000,sao paulo,SP\n"
    )
    (settings.landing / "old_system").mkdir()
    (settings.landing / "old_system" / "letters.txt").write_text(f"about {EMAIL}\nabout nobody\n")


def _files_naming(settings: Settings) -> dict[str, list[str]]:
    """By place: the state folder's parts, the landing folder, the server's own files."""
    parts = {name: settings.home / name for name in ("generations", "deliveries")}
    return {
        "state": files_naming(settings.home),
        **{name: files_naming(folder) for name, folder in parts.items()},
        "landing": files_naming(settings.landing),
        "server": files_naming(settings.server_folder),
    }


def _count(settings: Settings, table: str, where: str = "true") -> int:
    with warehouse.connect(settings, "admin") as connection:
        row = connection.execute(f"select count(*) from {table} where {where}".encode()).fetchone()
    return int(row[0])  # type: ignore[index]


def test_somebody_in_every_feed_is_afterwards_in_no_byte(erased: Erased) -> None:
    assert len(erased.feeds) >= 15
    assert len(erased.tools) >= 12
    assert all(erased.named_before.values()), "nobody was there to be erased"
    assert _files_naming(erased.settings) == {place: [] for place in erased.named_before}


def test_no_row_of_a_tool_is_left_whether_it_knew_their_id_or_their_address_alone(
    erased: Erased,
) -> None:
    feeds = declarations.load(erased.settings.dbt_project, ("house", "desk", *TOOLS))
    books = {feed.table for feed in feeds if feed.delivery.books}
    left = {table: _count(erased.settings, f"raw.{table}") for table in erased.tools}
    assert {table for table, rows in left.items() if rows} <= books, left
    assert _count(erased.settings, "decisions.desk_records") == 0


def test_a_table_that_no_feed_declares_is_left_and_the_receipt_says_so(erased: Erased) -> None:
    person = Person(frozenset({"QForgotten-1"}), frozenset({"for.gotten@mailbox.example"}))
    with warehouse.connect(erased.settings, "admin") as connection:
        connection.execute(
            "create table raw.forgotten as select 0::bigint as _delivery_id, said from"
            " (values ('Call FOR.gotten@mailbox.example'), ('forgotten'), (null)) as t (said)"
        )
        feeds = stored_feeds(connection, erased.settings)
        left = [line for _, line in left_undeclared(connection, feeds, alone(person))]
        connection.rollback()
    assert left == [Line("raw.forgotten", "rows left: no feed declares it", 1, is_left=True)]


def test_what_a_system_delivered_before_it_was_switched_off_is_looked_through(
    erased: Erased,
) -> None:
    kept = "customer_id = 'QC-shop' and customer_unique_id like 'erased-%'"
    assert _count(erased.settings, "raw.olist_customers", kept) == 1
    assert _count(erased.settings, "raw.orders", "once_declared is not null") == 0
    assert (
        "other,other"
        in (
            erased.settings.landing
            / "olist"
            / LAST_NIGHT.isoformat()
            / "olist_customers_dataset.csv"
        ).read_text()
    )
    letters = erased.settings.landing / "old_system" / "letters.txt"
    assert letters.read_text() == "\nabout nobody\n"


def test_a_dry_run_says_what_the_erasure_then_does(erased: Erased) -> None:
    foreseen = {(line["place"], line["what"]): line["rows"] for line in erased.foreseen["lines"]}
    done = {(line.place, line.what): line.rows for line in erased.receipt.lines}
    done.pop(("database files", "tables rewritten"))
    elsewhere = sum(erased.tools.values()) + 2
    assert foreseen[("landing", "lines removed")] == len(erased.feeds) - 1 + elsewhere
    assert foreseen == done


def test_the_receipt_is_closed_and_names_nobody(erased: Erased) -> None:
    assert erased.result == {"people_erased": 1, "receipts_closed": 1}
    assert (erased.receipt.status, erased.receipt.erased_by) == ("closed", "Ada L.")
    assert erased.receipt.as_of == LAST_NIGHT
    assert not any(word.lower() in str(erased.receipt).lower() for word in (*WORDS, REQUEST))


def test_everybody_else_is_still_told_why_they_are_on_no_list(erased: Erased) -> None:
    with warehouse.connect(erased.settings, "admin") as connection:
        (who, code), *_ = connection.execute(
            "select customer_id, list_code from lists.list_ineligible order by 1, 2 limit 1"
        ).fetchall()
    verdicts = {row["list_code"]: row["verdict"] for row in inspection.why(erased.settings, who)}
    assert verdicts[code] == "does not qualify"


def test_an_order_stays_for_the_books_under_a_pseudonym(erased: Erased) -> None:
    assert _count(erased.settings, "published.fct_orders") == erased.orders_before
    kept = "order_id = 'QC-ORDER' and customer_id like 'erased-%'"
    assert _count(erased.settings, "raw.orders", kept) == 1
    assert _count(erased.settings, "pii.erasure_identifiers") == 0


def test_the_ledger_still_counts_every_row(erased: Erased) -> None:
    wrong = """
        status = 'loaded' and (
            rows_in <> rows_loaded + rows_quarantined + rows_redelivered + rows_erased
            or (feed = 'customers' and rows_loaded <> (
                select count(*) from raw.customers as r where r._delivery_id = delivery_id
            ))
        )
    """
    assert _count(erased.settings, "raw.deliveries", wrong) == 0
    assert _count(erased.settings, "raw.deliveries", "rows_erased > 0") >= 12


def test_a_request_that_was_carried_out_stands_no_more(erased: Erased) -> None:
    with only_one(erased.settings), pytest.raises(ErasureRefused, match="No request of that id"):
        erase(erased.settings, LAST_NIGHT, request_id=REQUEST, by="Ada L.")


def test_a_rewritten_file_is_no_new_delivery(erased: Erased) -> None:
    entries = _count(erased.settings, "raw.deliveries")
    with warehouse.connect(erased.settings, "admin") as connection:
        connection.execute("delete from ops.seen_files where path like %s", [f"%{LAST_NIGHT}%"])
    for group in ("sales", "service"):
        result = ingest(erased.settings, group, LAST_NIGHT)
        assert (result["loaded"], result["redelivered"], result["refused"]) == (0, 0, 0)
    assert _count(erased.settings, "raw.deliveries") == entries


# ---------- what a source delivers again

CUSTOMER = {
    "email": EMAIL,
    "language": "en",
    "country": "NL",
    "is_staff": "false",
    "created_at": f"{TOMORROW}T08:00:00Z",
    "updated_at": f"{TOMORROW}T08:00:00Z",
}
CONSENT = {
    "channel": "email",
    "purpose": "marketing",
    "is_granted": "true",
    "changed_at": f"{TOMORROW}T08:00:00Z",
}


def _add(file: Path, **values: str) -> None:
    """Add a row in the order of the file's header; what is not given is empty."""
    header = file.read_text().split("\n")[0].split(",")
    with file.open("a") as stream:
        stream.write(",".join(values.get(name, "") for name in header) + "\n")


@pytest.fixture(scope="module")
def redelivered(erased: Erased) -> Settings:
    """The next day: the same rows again, a line that cannot be read, and two new accounts with the
    old address, of which one said yes; built up to the tables that lists are made of."""
    house = erased.settings.landing / "house"
    today = house / TOMORROW.isoformat()
    today.mkdir()
    for file in (house / LAST_NIGHT.isoformat()).glob("*.csv"):
        (today / file.name).write_text(file.read_text().split("\n")[0] + "\n")
    _add(today / "customers.csv", customer_id=ID, **CUSTOMER)
    with (today / "customers.csv").open("a") as stream:
        stream.write(f"{ID},{EMAIL},too,few\n")
    _add(today / "consents.csv", customer_id=ID, **CONSENT)
    _add(today / "consents.csv", customer_id="QNew-yes", **CONSENT)
    for customer_id in ("QNew-yes", "QNew-silent"):
        _add(today / "customers.csv", customer_id=customer_id, **CUSTOMER)
    for step in ("ingest_sales", "ingest_service", "normalise_contacts", "transform"):
        run_step(step, TOMORROW, erased.settings)
    return erased.settings


def test_rows_of_an_erased_person_that_come_again_are_counted_and_not_loaded(
    redelivered: Settings,
) -> None:
    with warehouse.connect(redelivered, "admin") as connection:
        counts = connection.execute(
            "select feed, rows_in, rows_loaded, rows_quarantined, rows_erased from raw.deliveries"
            " where delivered_on = %s and rows_erased > 0 order by feed",
            [TOMORROW],
        ).fetchall()
    assert counts == [("consents", 2, 1, 0, 1), ("customers", 4, 2, 0, 2)]
    assert _count(redelivered, "raw.customers", f"customer_id = '{ID}'") == 0


def test_an_address_of_an_erased_person_is_used_only_for_who_said_yes_since(
    redelivered: Settings,
) -> None:
    with warehouse.connect(redelivered, "admin") as connection:
        reach = dict(
            connection.execute(
                "select customer_id, email is not null from pii.customer_reach"
                " where customer_id like 'QNew%'"
            ).fetchall()
        )
    assert reach == {"QNew-yes": True, "QNew-silent": False}


def test_a_row_with_an_address_alone_is_theirs_until_somebody_else_has_that_address(
    redelivered: Settings,
) -> None:
    """The number is nobody's now; the mail address is the new account's, whose no must count."""
    tools = ("call_desk", "mailchimp")
    plant_in_tools(redelivered.landing, tools, TOMORROW)
    ingest(replace(redelivered, systems=("house", *tools)), "service", TOMORROW)
    with warehouse.connect(redelivered, "admin") as connection:
        counts = connection.execute(
            "select feed, rows_in, rows_loaded, rows_erased from raw.deliveries where feed ="
            " any('{call_dispositions,mailchimp_unsubscribed}') and delivered_on = %s order by 1",
            [TOMORROW],
        ).fetchall()
    assert counts == [("call_dispositions", 3, 0, 3), ("mailchimp_unsubscribed", 2, 2, 0)]


# ---------- again after a kill


@pytest.mark.parametrize(
    "failpoint",
    [
        pytest.param(name, marks=() if name == "erase:landing_rewritten" else pytest.mark.slow)
        for name in failpoints.OF_ERASURES
    ],
)
def test_an_erasure_killed_here_goes_on_to_the_same_end(
    company: Settings, failpoint: str, tmp_path: Path
) -> None:
    shutil.copytree(company.landing, tmp_path / "landing")
    copy = clone(company, "killed_erasure", tmp_path / "home")
    settings = replace(copy, landing=tmp_path / "landing", erasure_grace_days=0)
    command = [sys.executable, "-c", ERASE, LAST_NIGHT.isoformat()]
    environment = {**os.environ, **settings.to_env()}
    try:
        killed = subprocess.run(command, env={**environment, "REGULARS_FAILPOINT": failpoint})
        assert killed.returncode == -signal.SIGKILL
        subprocess.run(command, env=environment, check=True)
        found = receipts(settings)
        assert {receipt.status for receipt in found} == {"closed"}
        lines = [sum(x.rows for x in r.lines if x.what == "lines removed") for r in found]
        assert all(lines), "a receipt lost what was done before the kill"
        assert _count(settings, "pii.erasure_identifiers") == 0
        with warehouse.connect(settings, "admin") as connection:
            assert due(connection, settings, LAST_NIGHT) == []
    finally:
        drop_database(settings)


ERASE = """
import sys
from datetime import date
from regulars.erasure.erase import erase
from regulars.nights.lock import only_one
from regulars.settings import Settings
settings = Settings.from_env()
with only_one(settings):
    erase(settings, date.fromisoformat(sys.argv[1]))
"""
