"""Two real companies run from their own files to lists, by declaration and staging alone; one of
them, as a single file, through the backtest without a warehouse."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from regulars import warehouse
from regulars.backtesting.candidates import CANDIDATES
from regulars.backtesting.rules import RULES
from regulars.cli import cli
from regulars.file_backtest.metric_table import COLUMNS, LABELS
from regulars.nights.run import run_night, run_step
from regulars.settings import Settings
from studies import archives
from tests.company import difference, fingerprint
from tests.conftest import drop_database
from tests.integration import real_data

pytestmark = pytest.mark.slow

FIRST = date(2010, 12, 1)
BULK = date(2011, 1, 18)  # everything up to here comes at once
CORRECTED = date(2011, 1, 19)  # this day's file comes cut short first, and whole a day later
LAST = date(2011, 1, 20)
LAST_OF_MONTH = date(2011, 2, 17)
TRANSFORM = ("ingest_sales", "ingest_service", "transform")


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def rows(settings: Settings, query: str) -> list[tuple]:
    with warehouse.connect(settings, "admin") as connection:
        return connection.execute(query.encode()).fetchall()


def value(settings: Settings, query: str) -> object:
    return rows(settings, query)[0][0]


# ---------- Online Retail


@pytest.fixture(scope="module")
def daily_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not archives.is_there("online_retail.tar.xz"):
        pytest.skip(f"{archives.DATA}/online_retail.tar.xz is absent: real data not tested")
    return archives.unpack("online_retail.tar.xz", tmp_path_factory.mktemp("online_retail"))


@pytest.fixture(scope="module")
def wholesaler(make_settings: Callable) -> Callable[[str], Settings]:
    def make(name: str) -> Settings:
        return make_settings(
            name,
            systems=("online_retail",),
            company_timezone="Europe/London",
            reporting_currency="GBP",
        )

    return make


def cut_short(source: Path, landing: Path) -> None:
    """The corrected day's first file: half of its lines, and one that will not come back."""
    lines = (source / f"{CORRECTED}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    wrong = f"999999,22139,NEVER SOLD,5,{CORRECTED} 09:00:00,2.0,17850.0,United Kingdom\n"
    target = landing / "online_retail" / f"{CORRECTED}.csv"
    target.write_text("".join(lines[: len(lines) // 2]) + wrong, encoding="utf-8")


def correct(source: Path, landing: Path) -> None:
    text = (source / f"{CORRECTED}.csv").read_text(encoding="utf-8")
    (landing / "online_retail" / f"{CORRECTED}.r2.csv").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def night_by_night(daily_files: Path, wholesaler: Callable) -> Iterator[Settings]:
    """A bulk, then a night a day; the whole night at both ends, the tables in between."""
    settings = wholesaler("retail_nightly")
    real_data.deliver_days(daily_files, settings.landing, days(FIRST, BULK))
    run_night(settings, BULK)
    for day in days(BULK + timedelta(days=1), LAST):
        real_data.deliver_days(daily_files, settings.landing, [day])
        if day == CORRECTED:
            cut_short(daily_files, settings.landing)
        if day == CORRECTED + timedelta(days=1):
            correct(daily_files, settings.landing)
        if day < LAST:
            for step in TRANSFORM:
                run_step(step, day, settings)
    run_night(settings, LAST)
    yield settings
    drop_database(settings)


@pytest.fixture(scope="module")
def in_one_go(daily_files: Path, wholesaler: Callable) -> Iterator[Settings]:
    settings = wholesaler("retail_at_once")
    real_data.deliver_days(daily_files, settings.landing, days(FIRST, LAST))
    cut_short(daily_files, settings.landing)
    correct(daily_files, settings.landing)
    run_night(settings, LAST)
    yield settings
    drop_database(settings)


def test_night_by_night_and_in_one_go_end_in_equal_marts(
    night_by_night: Settings, in_one_go: Settings
) -> None:
    one, other = (
        fingerprint(settings, ("marts", "scores"), log_apart=True)
        for settings in (night_by_night, in_one_go)
    )
    assert len(one) >= 15
    assert difference(one, other) == []


def test_a_corrected_file_takes_its_mistakes_back(night_by_night: Settings) -> None:
    assert (
        value(night_by_night, "select count(*) from marts.fct_orders where order_id = '999999'")
        == 0
    )


def test_every_line_is_accounted_for_in_count_and_money(in_one_go: Settings) -> None:
    as_delivered = rows(
        in_one_go,
        """
        select count(*), sum(quantity * unit_price) from raw.online_retail_lines
        where _delivery_id in (select delivery_id from staging.stg_deliveries)
    """,
    )
    named = rows(
        in_one_go,
        """
        select count(*), sum(quantity * unit_price) from staging.base_online_retail__lines
    """,
    )
    assert named == as_delivered
    sold, in_marts = rows(
        in_one_go,
        """
        select
            (select sum(round(quantity * unit_price, 2)) from staging.base_online_retail__lines
             where line_kind = 'sale'),
            (select sum(gross_sales) from marts.fct_order_lines)
    """,
    )[0]
    assert in_marts == sold


def test_exact_repeats_are_lines_of_their_own(in_one_go: Settings) -> None:
    columns = "invoice_no, stock_code, description, quantity, invoiced_at, unit_price, customer_id"
    lines, different = rows(
        in_one_go,
        f"""
        select count(*), count(distinct ({columns})) from raw.online_retail_lines
        where _delivery_id in (select delivery_id from staging.stg_deliveries)
    """,
    )[0]
    assert lines > different
    assert value(in_one_go, "select count(*) from staging.base_online_retail__lines") == lines


def test_customer_numbers_are_text_without_a_decimal_point(in_one_go: Settings) -> None:
    odd = value(in_one_go, "select count(*) from marts.dim_customers where customer_id !~ '^\\d+$'")
    assert odd == 0


def test_the_great_order_and_its_reversal_leave_nothing(in_one_go: Settings) -> None:
    assert rows(
        in_one_go,
        """
        select relationship_status, orders_count from marts.dim_customers
        where customer_id = '12346'
    """,
    ) == [("returned_trial", 0)]
    assert rows(
        in_one_go,
        """
        select refunds.amount - orders.gross_sales, refunds.order_id, refunds.is_held
        from marts.fct_refunds as refunds
        inner join marts.fct_orders as orders on refunds.order_id = orders.order_id
        where refunds.customer_id = '12346'
    """,
    ) == [(0, "541431", False)]


def test_cancellations_find_their_sale_or_are_held(in_one_go: Settings) -> None:
    found = dict(
        rows(
            in_one_go,
            """
        select coalesce(held_reason, 'matched'), count(*) from marts.fct_refunds group by 1
    """,
        )
    )
    assert set(found) <= {"matched", "no_sale", "above_sale"}
    assert found["matched"] > 300  # the rest was bought before the first file
    assert found["no_sale"] > 0


def test_a_degenerate_fit_is_bounded_and_reported(in_one_go: Settings) -> None:
    said = value(in_one_go, "select warnings from marts.model_runs where is_champion")
    assert "identified" in str(said)
    worst = value(in_one_go, "select max(expected_orders_12m) from marts.customer_lifetime_values")
    assert 0 < float(str(worst)) <= 365


def test_nobody_is_on_a_marketing_list_of_a_company_without_consents(in_one_go: Settings) -> None:
    assert rows(in_one_go, "select * from published.list_members") == []
    reasons = dict(
        rows(
            in_one_go,
            """
        select reason_code, count(*) from published.list_exclusions
        where list_code = 'second_purchase' group by reason_code
    """,
        )
    )
    assert reasons["no_consent"] > 50
    assert (in_one_go.home / "current" / "lists" / "manifest.json").exists()


@pytest.fixture(scope="module")
def judged(daily_files: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What `regulars backtest` prints of all the invoice lines in one file, and its folder."""
    folder = tmp_path_factory.mktemp("backtest")
    rows = [each for day in sorted(daily_files.glob("*.csv")) for each in invoice_lines(day)]
    with (folder / "lines.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("who", "on", "amount"), *rows])
    columns = ("--customer", "who", "--date", "on", "--value", "amount")
    result = CliRunner().invoke(
        cli, ["backtest", str(folder / "lines.csv"), *columns, "--out", str(folder)]
    )
    assert result.exit_code == 0, result.output
    return result.output, folder


def invoice_lines(day: Path) -> Iterator[tuple[str, str, str]]:
    """Customer, time and amount; a cancellation's is below zero."""
    with day.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            amount = Decimal(row["Quantity"]) * Decimal(row["UnitPrice"])
            yield row["CustomerID"], row["InvoiceDate"], str(amount)


def test_the_backtest_of_the_file_prints_every_metric_that_is_defined(
    judged: tuple[str, Path],
) -> None:
    """A rule has no law of counts and no weekly curve; past spend says nothing of who buys at
    all, and all zero nothing of who comes before whom."""
    no_law = {"coverage_90", "tracking_error"}
    undefined = {
        "all_zero": no_law | {"spearman", "calibration_slope"},
        "past_rate": no_law,
        "past_spend": no_law | {"brier"},
        "last_period": no_law,
    }
    table = judged[0].partition("Difference from past spend")[0].splitlines()
    for name in (*CANDIDATES, *RULES):
        row = next(line for line in table if line.startswith(f"{LABELS[name]} "))
        cells = row.removeprefix(LABELS[name]).split()
        assert len(cells) == len(COLUMNS), row
        missing = {c.metric for c, cell in zip(COLUMNS, cells, strict=True) if cell == "-"}
        assert missing == undefined.get(name, set()), row


def test_the_backtest_of_the_file_says_that_dropout_is_not_identified(
    judged: tuple[str, Path],
) -> None:
    words = "drop-out is not identified: the data fit best when nobody ever leaves"
    notes = [line for line in judged[0].splitlines() if words in line]
    for model in ("BG/NBD", "MBG/NBD", "Pareto/NBD"):
        assert any(f" {model}" in note.split(words)[0] for note in notes)


def test_the_backtest_of_the_file_is_drawn(judged: tuple[str, Path]) -> None:
    page = (judged[1] / "backtest.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 4  # running total, by earlier purchases, tenths, PIT
    assert "drop-out is not identified" in page


@pytest.mark.timeout(3600)
def test_a_month_of_whole_nights_equals_one_go(daily_files: Path, wholesaler: Callable) -> None:
    nightly, at_once = wholesaler("retail_month"), wholesaler("retail_month_at_once")
    real_data.deliver_days(daily_files, nightly.landing, days(FIRST, BULK))
    run_night(nightly, BULK)
    for day in days(BULK + timedelta(days=1), LAST_OF_MONTH):
        real_data.deliver_days(daily_files, nightly.landing, [day])
        run_night(nightly, day)
    real_data.deliver_days(daily_files, at_once.landing, days(FIRST, LAST_OF_MONTH))
    run_night(at_once, LAST_OF_MONTH)
    one, other = (fingerprint(s, ("marts", "scores"), log_apart=True) for s in (nightly, at_once))
    # Days are judged from the first published night on: of a Sunday that sold little.
    assert difference(one, other) == ["marts.feed_states", "marts.night_holds"]
    doubted_on = "select doubted_on from marts.feed_states"
    assert (value(nightly, doubted_on), value(at_once, doubted_on)) == (date(2011, 2, 6), None)
    assert value(nightly, "select count(*) from decisions.publications") == 31
    for settings in (nightly, at_once):
        drop_database(settings)


# ---------- Olist


@pytest.fixture(scope="module")
def marketplace(
    make_settings: Callable, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    if not archives.is_there("olist_sample.tar.xz"):
        pytest.skip(f"{archives.DATA}/olist_sample.tar.xz is absent: real data not tested")
    source = archives.unpack("olist_sample.tar.xz", tmp_path_factory.mktemp("olist"))
    settings = make_settings(
        "olist",
        systems=("olist",),
        company_timezone="America/Sao_Paulo",
        reporting_currency="BRL",
    )
    real_data.deliver_olist(source, settings.landing)
    run_night(settings, real_data.OLIST_DELIVERED_ON)
    yield settings
    drop_database(settings)


def test_every_row_of_olist_is_loaded_line_breaks_included(marketplace: Settings) -> None:
    folder = marketplace.landing / "olist" / real_data.OLIST_DELIVERED_ON.isoformat()
    with (folder / "olist_order_reviews_dataset.csv").open(encoding="utf-8", newline="") as file:
        records = sum(1 for _ in csv.reader(file)) - 1
    loaded = rows(
        marketplace,
        """
        select rows_loaded, rows_quarantined from raw.deliveries
        where feed = 'olist_order_reviews'
    """,
    )
    assert loaded == [(records, 0)]
    assert (
        value(
            marketplace,
            """
        select count(*) from raw.olist_order_reviews where review_comment_message like e'%\\n%'
    """,
        )
        != 0
    )


def test_a_person_is_one_customer_whatever_number_each_order_brings(marketplace: Settings) -> None:
    people = value(
        marketplace, "select count(distinct customer_unique_id) from raw.olist_customers"
    )
    assert value(marketplace, "select count(*) from marts.dim_customers") == people
    assert (
        dict(
            rows(
                marketplace,
                """
        select relationship_status, count(*) from marts.dim_customers group by 1
    """,
            )
        )["customer"]
        == 2
    )


def test_olist_money_is_the_price_of_what_was_not_cancelled(marketplace: Settings) -> None:
    assert value(
        marketplace,
        """
        select sum(price) from raw.olist_order_items as i
        inner join raw.olist_orders as o on i.order_id = o.order_id
        where o.order_status not in ('canceled', 'unavailable')
    """,
    ) == value(marketplace, "select sum(net_sales) from marts.fct_orders where is_qualifying")


def test_reviews_are_the_satisfaction_of_those_who_bought(marketplace: Settings) -> None:
    unhappy = value(
        marketplace,
        """
        select count(*) from marts.customer_service_summaries where last_csat <= 2
    """,
    )
    assert int(str(unhappy)) > 400


def test_what_people_wrote_stays_in_raw(marketplace: Settings) -> None:
    columns = rows(
        marketplace,
        """
        select table_schema, table_name from information_schema.columns
        where column_name like 'review_comment%'
    """,
    )
    assert ("raw", "olist_order_reviews") in columns
    assert {schema for schema, _ in columns} == {"raw"}


def test_a_company_where_nobody_comes_back_reaches_its_lists(marketplace: Settings) -> None:
    said = str(value(marketplace, "select warnings from marts.model_runs where is_champion"))
    assert "identified" in said
    assert "no backtest" in said
    left_out = value(marketplace, "select count(*) from published.list_exclusions")
    assert left_out == value(marketplace, "select count(*) from lists.int_list_candidates")
    # those in the window of a second purchase; who is outside it does not qualify
    assert int(str(left_out)) > 500
    assert value(marketplace, "select count(*) from published.list_members") == 0
