"""Files that people's systems wrote, as in ../shared/cases/feeds: through the loader and a night.

Skipped where they are not beside the clone. The project's own inputs of each kind stand with the
tests of its parts.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from regulars import warehouse
from regulars.feeds import raw_tables
from regulars.feeds.load import ingest
from regulars.gates.check import GateFailed, check
from regulars.night import Night
from regulars.nights.run import run_step
from regulars.settings import PROJECT, Settings
from tests import company, parsed
from tests.conftest import drop_database
from tests.integration import gate_world
from tests.integration.random_deliveries.nights import without_dbt_tests

CASES = Path(os.environ.get("REGULARS_SHARED", PROJECT.parent / "shared")) / "cases" / "feeds"
AS_OF = date(2026, 11, 3)
pytestmark = [
    pytest.mark.nights,
    pytest.mark.skipif(not CASES.exists(), reason=f"{CASES} is not there"),
    pytest.mark.usefixtures("without_docs"),
]
HOUSE = ("refunds", "service", "two_lines", "after_midnight")
WITH_HEADERS_ALONE = ("customers", "orders", "order_lines", "refunds", "cases", "surveys",
                      "consents", "campaign_contacts")  # fmt: skip


@dataclass(frozen=True)
class Warehouse:
    settings: Settings

    def rows(self, query: str, *values: object) -> list[tuple]:
        with warehouse.connect(self.settings, "admin") as connection:
            return connection.execute(query.encode(), values).fetchall()

    def refused(self, feed: str) -> str:
        ((reason,),) = self.rows(
            "select reason from raw.deliveries where feed = %s and status = 'refused'", feed
        )
        return str(reason)


# ---------- the house format, in a company's night


@pytest.fixture(scope="module")
def house(company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The tests' company, to whose third night later all the cases come."""
    home = tmp_path_factory.mktemp("cases")
    landing = home / "landing"
    shutil.copytree(company.landing, landing)
    settings = clone_of(company, home / "home", landing)
    for day in range(1, 4):
        header_files(landing / "house", company_night(day))
    for case in HOUSE:
        deliver_case(case, landing / "house" / AS_OF.isoformat())
    with without_dbt_tests():
        for step in ("ingest_sales", "ingest_service", "normalise_contacts", "transform", "score"):
            run_step(step, AS_OF, settings)
    yield Warehouse(settings)
    drop_database(settings)


def clone_of(settings: Settings, home: Path, landing: Path) -> Settings:
    return replace(company.clone(settings, parsed.COPY, home), landing=landing, settle_seconds=0)


def company_night(day: int) -> date:
    return company.LAST_NIGHT + timedelta(days=day)


def header_files(house: Path, day: date) -> None:
    last = house / company.LAST_NIGHT.isoformat()
    (house / day.isoformat()).mkdir()
    for feed in WITH_HEADERS_ALONE:
        header = (last / f"{feed}.csv").read_text().splitlines()[0]
        (house / day.isoformat() / f"{feed}.csv").write_text(header + "\n")


def deliver_case(case: str, target: Path) -> None:
    """Each as a file of its own: revisions of one day add to one another."""
    for file in sorted((CASES / case).glob("*.csv")):
        taken = len(list(target.glob(f"{file.stem}*")))
        shutil.copy(file, target / f"{file.stem}.r{taken}.csv")
    if case in ("refunds", "two_lines"):
        ids = {"refunds": range(101, 105), "two_lines": range(160, 163)}[case]
        people = [f"T{n}" for n in ids]
        taken = len(list(target.glob("customers*")))
        (target / f"customers.r{taken}.csv").write_text(customers(people))


def customers(people: list[str]) -> str:
    header = (CASES / "after_midnight" / "customers.csv").read_text().splitlines()[0]
    rows = [
        f"{who},{who}@example.com,,Test,Person,1980-05-05,,nl,NL,Europe/Amsterdam,email,false,"
        "2024-02-01T10:00:00+01:00,2026-11-01T06:00:00+01:00"
        for who in people
    ]
    return "\n".join([header, *rows]) + "\n"


def test_an_order_after_midnight_waits_and_the_night_scores(house: Warehouse) -> None:
    assert house.rows("select count(*) from raw.orders where order_id = 'TO180'") == [(1,)]
    assert house.rows("select count(*) from marts.fct_orders where order_id = 'TO180'") == [(0,)]
    assert house.rows("select max(customer_age_days) >= 0 from scores.history_scores") == [(True,)]


def test_refunds_a_little_above_their_sale_return_it_and_the_rest_is_said(
    house: Warehouse,
) -> None:
    orders = house.rows(
        "select order_id, net_sales, excess_refunds from marts.fct_orders"
        " where order_id like 'TO10_' order by order_id"
    )
    assert [(o, float(net), float(above)) for o, net, above in orders] == [
        ("TO101", 0.0, 0.01),
        ("TO102", 0.0, 0.01),
        ("TO103", 0.0, 4.95),
        ("TO104", 0.0, 0.0),
    ]
    states = house.rows(
        "select distinct relationship_status from marts.dim_customers where customer_id = any(%s)",
        ["T101", "T102", "T103", "T104"],
    )
    assert states == [("returned_trial",)]


def test_a_case_solved_in_time_without_a_written_reply_broke_no_promise(house: Warehouse) -> None:
    assert house.rows("select is_breach from marts.fct_service_cases where case_id = 'TK112'") == [
        (False,)
    ]


def test_comments_over_two_lines_load_and_count_as_bad_scores(house: Warehouse) -> None:
    assert house.rows("select count(*) from raw.surveys where survey_id like 'TS16_'") == [(4,)]
    bad = house.rows(
        "select count(*) from marts.customer_service_summaries"
        " where customer_id in ('T160', 'T161', 'T162') and last_bad_csat_on is not null"
    )
    assert bad == [(3,)]


# ---------- feeds of other shapes, and the loader alone


def feed(name: str, path: str, columns: dict[str, Any], **delivery: object) -> dict[str, Any]:
    """A table of a sources file. columns: name -> data_type, or (data_type, meta)."""
    declared = []
    for column, kind in columns.items():
        data_type, meta = kind if isinstance(kind, tuple) else (kind, {})
        declared.append({"name": column, "data_type": data_type, "config": {"meta": meta}})
    meta = {"group": "sales", "delivery": {"path": path, **delivery}}
    return {"name": name, "config": {"meta": meta}, "columns": declared}


SALE = {"sale_id": ("text", {"required": True})}
SPELLINGS = [
    "YYYY-MM-DDTHH24:MI[:SS][.F]TZ",
    "YYYY-MM-DD HH24:MI:SS TZ",
]
SUPERSTORE = {
    "row_id": ("bigint", {"header": "Row ID", "required": True}),
    "order_id": ("text", {"header": "Order ID", "required": True}),
    "customer_id": ("text", {"header": "Customer ID", "required": True}),
    "sales": ("numeric(14,4)", {"header": "Sales"}),
}
FEEDS = [
    feed("eu", "{delivered_on}/eu{.revision}.csv", {**SALE, "amount": "numeric(14,2)",
         "first_name": "text"}, encoding="latin-1", delimiter=";", decimal=","),
    feed("spelled", "{delivered_on}/spelled{.revision}.csv", {**SALE, "quantity": "integer",
         "amount": "numeric(14,2)", "sold_at": ("timestamptz", {"format": SPELLINGS}),
         "note": "text", "is_paid": "boolean"}),
    feed("zero", "{delivered_on}/zero{.revision}.parquet",
         {**SALE, "amount": "numeric(14,2)"}, format="parquet"),
    feed("nanoseconds", "{delivered_on}/nanoseconds{.revision}.parquet",
         {**SALE, "sold_at": "timestamptz"}, format="parquet"),
    feed("superstore", "{delivered_on}/superstore{.revision}.csv", SUPERSTORE, load="snapshot"),
]  # fmt: skip
WIDENED = {
    "quantity": ("integer", "numeric(12,3)"),
    "amount": ("numeric(14,2)", "numeric(14,4)"),
    "sold_at": ("timestamptz", "timestamptz"),
    "note": ("text", "text"),
    "is_paid": ("boolean", "boolean"),
}


@pytest.fixture(scope="module")
def shop(make_settings: Callable, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    project = tmp_path_factory.mktemp("shop_of_cases")
    shutil.copytree(PROJECT / "expectations", project / "expectations")
    settings = make_settings("shop_of_cases", project=project, systems=("shop",))
    declare(settings, [*FEEDS, widened(0)])
    raw_tables.migrate(settings)
    yield Warehouse(settings)
    drop_database(settings)


def widened(place: int) -> dict[str, Any]:
    """The feed as first declared, or (1) after its types were widened."""
    columns = {name: kinds[place] for name, kinds in WIDENED.items()}
    return feed("widened", "{delivered_on}/widened{.revision}.csv", {**SALE, **columns})


def declare(settings: Settings, feeds: list[dict[str, Any]]) -> None:
    source = {
        "name": "shop",
        "config": {"meta": {"timezone": "Europe/Amsterdam"}},
        "tables": feeds,
    }
    path = settings.dbt_project / "models/staging/shop/_shop__sources.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"version": 2, "sources": [source]}))
    (settings.dbt_project / "dbt_project.yml").write_text("vars: {guards: [sales]}")


def put(settings: Settings, file: str, name: str, day: date = AS_OF) -> dict[str, Any]:
    """Deliver one file of the cases under a feed's name, and load."""
    target = settings.landing / "shop" / day.isoformat() / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(CASES / file, target)
    return ingest(settings, "sales", AS_OF)


def test_utf8_in_a_feed_declared_latin_1_is_refused_for_what_it_is(shop: Warehouse) -> None:
    put(shop.settings, "encoding/eu.csv", "eu.csv")
    assert "UTF-8" in shop.refused("eu")
    assert shop.rows("select count(*) from raw.eu") == [(0,)]


def test_six_spellings_of_an_instant_are_one_instant(shop: Warehouse) -> None:
    put(shop.settings, "spellings/sales.csv", "spelled.csv")
    found = shop.rows(
        "select count(*), count(distinct date_trunc('second', sold_at at time zone 'UTC'))"
        " from raw.spelled where sale_id in ('T0', 'T1', 'T2', 'T3', 'T5')"
    )
    assert found == [(5, 1)]
    assert shop.rows("select sold_at = '2026-10-01 07:14:00Z' from raw.spelled"
                     " where sale_id = 'T4'") == [(True,)]  # fmt: skip


def test_a_decimal_zero_of_any_scale_is_zero(shop: Warehouse) -> None:
    put(shop.settings, "typed/decimal_zero.parquet", "zero.parquet")
    rows = shop.rows("select amount::float from raw.zero order by sale_id")
    assert rows == [(0.0,), (12.5,)]


def test_nanoseconds_are_cut_and_counted(shop: Warehouse) -> None:
    put(shop.settings, "typed/nanoseconds.parquet", "nanoseconds.parquet")
    rows = shop.rows("select extract(microseconds from sold_at)::int from raw.nanoseconds"
                     " order by sale_id")  # fmt: skip
    assert rows == [(20123456,), (21000000,)]
    ((warnings,),) = shop.rows("select warnings from raw.deliveries where feed = 'nanoseconds'")
    assert any("microseconds" in warning for warning in warnings)


def test_a_widened_declaration_keeps_every_digit(shop: Warehouse) -> None:
    target = shop.settings.landing / "shop" / "2026-11-01" / "widened.csv"
    target.parent.mkdir(parents=True)
    target.write_text("sale_id,quantity,amount,sold_at,note,is_paid\n"
                      "W0,2,10.25,2026-10-01T09:00:00Z,first,true\n")  # fmt: skip
    ingest(shop.settings, "sales", AS_OF)
    declare(shop.settings, [*FEEDS, widened(1)])
    raw_tables.migrate(shop.settings)
    put(shop.settings, "widened/sales.csv", "widened.csv")
    rows = shop.rows("select quantity::text, amount::text from raw.widened order by sale_id")
    assert rows == [("2.000", "10.2500"), ("0.500", "12.3456"), ("1.250", "0.0049")]


def test_a_snapshot_that_comes_with_its_header_alone_stops_at_the_raw_gate(
    shop: Warehouse,
) -> None:
    yesterday = AS_OF - timedelta(days=1)
    full = shop.settings.landing / "shop" / yesterday.isoformat() / "superstore.csv"
    full.parent.mkdir(parents=True, exist_ok=True)
    header = (CASES / "vanished" / "superstore.csv").read_text().rstrip("\n")
    columns = header.split(",")
    full.write_text("\n".join([header, *(superstore_row(columns, n) for n in range(1638))]) + "\n")
    ingest(shop.settings, "sales", yesterday)
    with warehouse.connect(shop.settings, "admin") as connection:
        gate_world.publish_past(connection, yesterday)
    put(shop.settings, "vanished/superstore.csv", "superstore.csv")
    with pytest.raises(GateFailed, match=r"no snapshot loses its rows: raw\.superstore"):
        check(shop.settings, Night(AS_OF), "raw")


def superstore_row(columns: list[str], n: int) -> str:
    known = {"Row ID": str(n), "Order ID": f"CA-{n}", "Customer ID": f"C{n % 265}", "Sales": "9.5"}
    return ",".join(known.get(column, "x") for column in columns)


@pytest.mark.parametrize(
    ("name", "gone"),
    [("customers", ("birth_date", "is_staff", "dob", "staff")),
     ("order_lines", ("discount", "discount_amount"))],
)  # fmt: skip
def test_a_guarding_column_under_a_new_name_refuses_the_file_and_says_which(
    make_settings: Callable, name: str, gone: tuple[str, ...]
) -> None:
    settings = make_settings(f"renamed_{name}")
    raw_tables.migrate(settings)
    target = settings.landing / "house" / AS_OF.isoformat() / f"{name}.csv"
    target.parent.mkdir(parents=True)
    shutil.copy(CASES / "renamed" / f"{name}.csv", target)
    ingest(settings, "sales", AS_OF)
    reason = Warehouse(settings).refused(name)
    assert all(column in reason for column in gone)
    drop_database(settings)
