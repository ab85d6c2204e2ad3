"""From the landing folder into raw: what loads, what is quarantined, what is refused."""

from __future__ import annotations

import gzip
import json
import logging
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import permutations
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars import warehouse
from regulars.feeds import batch, load, quarantine_queries, raw_tables, replay, whole_files
from regulars.feeds.declarations import UnknownFeed
from regulars.feeds.load import LoadError, ingest
from tests.integration.feed_shop import AS_OF, HEADER, SOUND, Shop, row

# ---------- rows


def test_sound_rows_arrive_in_their_types(shop: Shop) -> None:
    shop.put(HEADER + row() + row(sale_id="s2", quantity="", note="", due_on=""))
    assert shop.ingest()["rows_loaded"] == 2
    (first, second) = shop.query(
        "select sale_id, sold_at at time zone 'UTC', quantity, price, is_paid, due_on, note,"
        " _line, _delivered_on from raw.sales order by _line"
    )
    assert (first[0], str(first[1]), *first[2:6]) == (
        "s1",
        "2026-01-05 09:00:00",
        2,
        Decimal("9.50"),
        True,
        date(2026, 2, 28),
    )
    assert first[7:] == (2, date(2026, 1, 5))
    assert (second[2], second[5], second[6]) == (None, None, None)


BAD_VALUES = [
    ("sale_id", "", "required"),
    ("sold_at", "now", "type"),
    ("sold_at", "infinity", "type"),
    ("sold_at", "05/01/2026 10:00", "type"),
    ("sold_at", "2026-01-05", "type"),
    ("sold_at", "2026-01-05T1o:00:00+01:00", "type"),
    ("sold_at", "2026-02-30T10:00:00+01:00", "impossible_date"),
    ("sold_at", "0000-00-00T00:00:00Z", "impossible_date"),
    ("sold_at", "2026-01-05T25:00:00Z", "impossible_date"),
    ("sold_at", "0099-01-05T10:00:00Z", "impossible_date"),
    ("sold_at", "2026-01-05T24:00:00+01:00", "impossible_date"),
    ("sold_at", "2026-01-05T10:00:60Z", "impossible_date"),
    ("sold_at", "2026-01-05T10:60:00Z", "impossible_date"),
    ("sold_at", "2025-03-30 02:30:00", "impossible_date"),
    ("sold_at", "2026-01-07T00:00:00+01:00", "future"),
    ("sold_at", "4746-01-07T00:00:00+01:00", "impossible_date"),
    ("quantity", "1.0", "type"),
    ("quantity", "0x1F", "type"),
    ("quantity", "1_000", "type"),
    ("quantity", "-", "type"),
    ("quantity", "5-", "type"),
    ("quantity", " 5", "type"),
    ("quantity", "99999999999", "type"),
    ("quantity", "0", "min"),
    ("quantity", "-3", "min"),
    ("quantity", "1001", "max"),
    ("price", "NaN", "type"),
    ("price", "Infinity", "type"),
    ("price", "1e3", "type"),
    ("price", "1.234.56", "type"),
    ("price", "1-2", "type"),
    ("price", "5-", "type"),
    ("price", ".", "type"),
    ("price", "-", "type"),
    ("price", "\u0663", "type"),
    ("price", "99999999999.00", "type"),
    ("price", "12.345", "excess_decimals"),
    ("price", "-0.01", "min"),
    ("price", "5000000000.00", "too_large"),
    ("kind", "Sale", "allowed"),
    ("is_paid", "yes", "type"),
    ("is_paid", "TRUE", "type"),
    ("due_on", "today", "type"),
    ("due_on", "2026-02-30", "impossible_date"),
    ("due_on", "4746-02-03", "impossible_date"),
    ("due_on", "2026-1-3", "type"),
    ("sale_id", "quincy@example.org", "personal_id"),
    ("sale_id", "s" * 321, "too_long"),
    ("sale_id", "\u00e9" * 161, "too_long"),
    ("note", "n" * 321, "too_long"),
    ("reason", "he was rude", "code"),
    ("reason", "café", "code"),
    ("reason", "a@b", "code"),
    ("reason", "x" * 41, "code"),
]


def test_every_bad_value_is_quarantined_by_its_rule_and_no_other_row(shop: Shop) -> None:
    bad = [row(**{column: value}) for column, value, _ in BAD_VALUES]
    shop.put(HEADER + "".join(bad) + row())
    result = shop.ingest()
    assert shop.rules() == {n: rule for n, (_, _, rule) in enumerate(BAD_VALUES, 2)}
    assert (result["rows_loaded"], result["rows_quarantined"]) == (1, len(BAD_VALUES))


def test_an_amount_with_more_digits_than_columns_of_money_carry_costs_its_row(shop: Shop) -> None:
    shop.declare({"balance": ("numeric(14,2)", {})})
    raw_tables.migrate(shop.settings)
    amounts = ("9999999999.99", "-9999999999.99", "0" * 9 + "9.5", "10000000000", "-10000000000.00")
    shop.put(HEADER.strip() + ",balance\n" + "".join(row(balance=amount) for amount in amounts))
    shop.ingest()
    assert shop.rules() == {5: "too_large", 6: "too_large"}


def test_a_number_of_the_wrong_sign_for_its_kind_costs_its_row(shop: Shop) -> None:
    shop.declare({"points": ("integer", {"above_zero_for": {"kind": ["gift"]}})})
    raw_tables.migrate(shop.settings)
    told = [("gift", "5"), ("gift", "-5"), ("sale", "-5"), ("sale", "5"), ("sale", "0"), ("", "5")]
    rows = "".join(row(kind=kind, points=points) for kind, points in told)
    shop.put(HEADER.strip() + ",points\n" + rows + row(kind="gift", points="0"))
    shop.ingest()
    assert shop.rules() == {3: "sign", 5: "sign", 7: "sign"}


def test_a_date_that_stands_for_its_month_is_the_first_of_it(shop: Shop) -> None:
    """Another day would be another key: what a month costs would count twice."""
    shop.declare({"month": ("date", {"month": True})})
    raw_tables.migrate(shop.settings)
    days = ("2026-01-01", "2026-01-15", "2025-12-31", "", "2025-02-01")
    shop.put(HEADER.strip() + ",month\n" + "".join(row(month=day) for day in days))
    shop.ingest()
    assert shop.rules() == {3: "month", 4: "month"}


def test_a_text_that_people_write_or_that_is_declared_to_be_long_has_no_end(shop: Shop) -> None:
    columns: dict = {
        "told": ("text", {"personal": "free_text"}),
        "title": ("text", {"long": True}),
        "team": ("text", {}),
        "id": ("text", {}),
    }
    shop.declare(columns)
    raw_tables.migrate(shop.settings)
    usual = dict.fromkeys(columns, "")
    rows = [row(**usual | {name: "x" * 321}) for name in columns]
    shop.put(HEADER.strip() + ",told,title,team,id\n" + "".join(rows))
    shop.ingest()
    assert shop.rules() == {4: "too_long", 5: "too_long"}


PERSONAL_IDS = [
    ("quincy@example.org", "", "personal_id"),
    ("Q.Uincy+shop@Mail.Example", "", "personal_id"),
    ("quincy\uff20example\uff0eorg", "", "personal_id"),
    ("+31 6 1234 5678", "06-12345678", "personal_id"),
    ("0612345678", "+31 (6) 12345678", "personal_id"),
    ("31612345678", "0031612345678", "personal_id"),
    ("0612345678", "+31 6 8765 4321", None),
    ("0612345678", "", None),
    ("C@shop-77", "+31 6 1234 5678", None),
    ("678", "+31 6 1234 5678", None),
    ("", "+31 6 1234 5678", None),
]


def test_an_id_that_is_an_address_or_the_customers_own_number_is_quarantined(shop: Shop) -> None:
    columns: dict = {"who": ("text", {"customer": True}), "phone": ("text", {"personal": "phone"})}
    shop.declare(columns)
    raw_tables.migrate(shop.settings)
    rows = [row(who=who, phone=phone) for who, phone, _ in PERSONAL_IDS]
    shop.put(HEADER.strip() + ",who,phone\n" + "".join(rows))
    shop.ingest()
    expected = {n: rule for n, (_, _, rule) in enumerate(PERSONAL_IDS, 2) if rule}
    assert shop.rules() == expected
    reasons = shop.query("select reason from raw.quarantine")
    assert not any("quincy" in reason.lower() or "1234" in reason for (reason,) in reasons)


def test_what_another_row_is_named_by_is_no_address_either(shop: Shop) -> None:
    shop.declare({"order_id": ("text", {}), "id": ("text", {}), "told": ("text", {})})
    raw_tables.migrate(shop.settings)
    usual = {"order_id": "o1", "id": "7", "told": "a@b.example"}
    rows = [row(**usual | {name: "quincy@example.org"}) for name in usual]
    shop.put(HEADER.strip() + ",order_id,id,told\n" + "".join(rows))
    shop.ingest()
    assert shop.rules() == {2: "personal_id", 3: "personal_id"}


def test_a_no_may_come_under_an_address_for_it_is_matched_loosely(shop: Shop) -> None:
    shop.declare({"who": ("text", {"customer": True})}, forbids=True)
    raw_tables.migrate(shop.settings)
    shop.put(HEADER.strip() + ",who\n" + row(who="quincy@example.org"))
    shop.ingest()
    assert shop.rules() == {}


GOOD_VALUES = [
    ("sold_at", "2026-01-06T23:59:59+01:00"),
    ("sold_at", "2026-01-05 10:00:00.123456Z"),
    ("sold_at", "2026-01-05T10:00:00"),
    ("sold_at", "2026-01-05T10:00:00-0530"),
    ("sold_at", "2024-02-29T10:00:00+01"),
    ("quantity", "007"),
    ("price", "12.3400"),
    ("price", ".5"),
    ("price", "-0.00"),
    ("price", "4999999999.99"),
    ("due_on", "2199-12-31"),
    ("reason", ""),
    ("reason", "Late_2-b.x"),
    ("reason", "x" * 40),
    ("note", "NA"),
    ("note", "=1+1"),
    ("note", "\\N"),
    ("note", '"with, comma and ""quotes"""'),
]


def test_unusual_but_sound_values_load(shop: Shop) -> None:
    shop.put(HEADER + "".join(row(**{column: value}) for column, value in GOOD_VALUES))
    assert shop.ingest()["rows_loaded"] == len(GOOD_VALUES)
    notes = [note for (note,) in shop.query("select note from raw.sales order by _line")]
    assert notes[-4:] == ["NA", "=1+1", "\\N", 'with, comma and "quotes"']


def test_a_quarantined_row_keeps_file_line_raw_text_rule_and_reason(shop: Shop) -> None:
    bad, unparsed = row(price="1,5"), row(note='5" pipe')
    shop.put(HEADER + row() + row(quantity="many") + bad + unparsed + row())
    shop.ingest()
    rows = shop.query(
        "select feed, file, line, raw_text, rule, reason from raw.quarantine order by line"
    )
    file = "shop/2026-01-05/sales.csv"
    assert rows == [
        (
            "sales",
            file,
            3,
            row(quantity="many").strip(),
            "type",
            "quantity is not written as a whole number",
        ),
        (
            "sales",
            file,
            4,
            bad.strip(),
            "field_count",
            "the line has more or fewer fields than the header",
        ),
        (
            "sales",
            file,
            5,
            unparsed.strip(),
            "stray_quote",
            "a quote stands where the format allows none",
        ),
    ]


def test_local_times_are_read_in_the_declared_zone_and_the_ambiguous_hour_by_rule(
    shop: Shop,
) -> None:
    local = row(sold_at="2025-10-26 02:30:00") + row(sold_at="2025-07-01 12:00:00")
    shop.put(HEADER + local)
    shop.ingest()
    shop.declare(ambiguous_hour="earlier")
    shop.put(HEADER + local + row(), "2026-01-06/sales.csv")
    shop.ingest()
    times = shop.query(
        "select (sold_at at time zone 'UTC')::text from raw.sales order by _delivered_on, _line"
    )
    assert [time for (time,) in times][:4] == [
        "2025-10-26 01:30:00",
        "2025-07-01 10:00:00",
        "2025-10-26 00:30:00",
        "2025-07-01 10:00:00",
    ]


def test_a_declared_format_decimal_mark_and_null_marker_are_obeyed(shop: Shop) -> None:
    shop.declare(
        {"due_on": ("date", {"format": "DD/MM/YYYY"})},
        delimiter=";",
        decimal=",",
        thousands=".",
        nulls=["", "NULL"],
    )
    sound = [
        row(price="1.234@56", due_on="04/01/2026", note="NULL"),
        row(price="1.23@5", due_on="04/01/2026"),
        row(price="1@5", due_on="2026-01-04"),
    ]
    content = (HEADER + "".join(sound)).replace(",", ";").replace("@", ",")
    shop.put(content)
    shop.ingest()
    assert shop.query("select price, due_on, note from raw.sales") == [
        (Decimal("1234.56"), date(2026, 1, 4), None)
    ]
    assert shop.rules() == {3: "type", 4: "type"}


SPELLED_TIMES = [
    "2026-01-05T10:14:02+01:00",
    "2026-01-05 10:14:02 +0100",
    "2026-01-05 09:14:02 UTC",
    "2026-01-05T09:14:02.1234567Z",
    "2026-01-05T09:14Z",
    "2026-01-05T09:14:02.123456789Z",
]


def test_one_instant_in_many_spellings_loads_where_they_are_declared(shop: Shop) -> None:
    formats = ["YYYY-MM-DDTHH24:MI[:SS][.F]TZ", "YYYY-MM-DD HH24:MI:SS TZ"]
    shop.declare({"sold_at": ("timestamptz", {"format": formats})})
    undeclared = row(sold_at="2026-01-05 10:14") + row(sold_at="2026-01-05T24:14Z")
    shop.put(HEADER + "".join(row(sold_at=time) for time in SPELLED_TIMES) + undeclared)
    shop.ingest()
    assert shop.rules() == {8: "type", 9: "impossible_date"}
    assert shop.query(
        "select distinct date_trunc('minute', sold_at at time zone 'UTC')::text from raw.sales"
    ) == [("2026-01-05 09:14:00",)]
    assert shop.query("select warnings from raw.deliveries") == [
        (["sold_at: cut to microseconds (2 values)"],)
    ]


def test_unpadded_days_and_twelve_hour_clocks_are_dated_rightly(shop: Shop) -> None:
    shop.declare({"sold_at": ("timestamptz", {"format": "D/M/YYYY H12:MI AM"})})
    times = [
        "9/1/2026 12:05 AM",
        "5/1/2026 1:05 pm",
        "30/2/2025 1:05 pm",
        "30/3/2025 2:30 am",
        "05/01/2026 13:05",
    ]
    shop.put(HEADER + "".join(row(sold_at=time) for time in times))
    shop.ingest()
    assert shop.rules() == {2: "future", 4: "impossible_date", 5: "impossible_date", 6: "type"}
    assert shop.query("select (sold_at at time zone 'UTC')::text from raw.sales") == [
        ("2026-01-05 12:05:00",)
    ]


@pytest.mark.parametrize(
    ("declared", "written", "bad"),
    [
        (
            " ",
            ["1 234,50", "1\u00a0234,50", "1\u202f234,50", "1\u2009234,50", "1\u2007234,50"],
            "12 34,50",
        ),
        ("\u00a0", ["1\u202f234,50", "1234,50"], "1\u00a0 234,50"),
        ("'", ["1'234,50", "1\u2019234,50"], "1''234,50"),
    ],
)
def test_marks_between_thousands_that_look_alike_are_alike(
    shop: Shop, declared: str, written: list[str], bad: str
) -> None:
    shop.declare(delimiter=";", decimal=",", thousands=declared)
    rows = [row(price="@").replace(",", ";").replace("@", value) for value in [*written, bad]]
    shop.put(HEADER.replace(",", ";") + "".join(rows))
    shop.ingest()
    assert shop.rules() == {len(written) + 2: "type"}
    assert shop.query("select distinct price from raw.sales") == [(Decimal("1234.50"),)]


def test_booleans_are_read_in_the_spellings_declared_and_no_other(shop: Shop) -> None:
    shop.declare({"is_paid": ("boolean", {"format": ["yes/no", "1/0"], "required": True})})
    values = ["yes", "No", "1", "0", "true", "y", ""]
    shop.put(HEADER + "".join(row(is_paid=value) for value in values))
    shop.ingest()
    assert shop.rules() == {6: "type", 7: "type", 8: "required"}
    assert shop.query("select is_paid from raw.sales order by _line") == [
        (True,),
        (False,),
        (True,),
        (False,),
    ]


def test_the_same_key_twice_is_kept_twice_for_staging_to_decide(shop: Shop) -> None:
    shop.put(HEADER + row(price="1.00") + row(price="2.00") + row(price="2.00"))
    assert shop.ingest()["rows_loaded"] == 3


# ---------- files


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        (HEADER + row() + row().rstrip("Z\n")[:-3], "no line end"),
        (HEADER.replace("sale_id", "id") + row(), "required column sale_id"),
        ((HEADER + row(note="caf\u00e9")).encode("latin-1"), "line 2 is not utf-8"),
        (HEADER.replace(",", ";") + row(), "single field"),
    ],
)
def test_a_refused_file_leaves_nothing_but_its_reason(
    shop: Shop, content: str | bytes, words: str
) -> None:
    shop.put(HEADER + row(), "2026-01-04/sales.csv")
    shop.put(content)
    result = shop.ingest()
    assert (result["loaded"], result["refused"]) == (1, 1)
    assert words in shop.reason()
    assert shop.query("select count(*) from raw.sales") == [(1,)]


def test_refused_files_are_not_read_again_every_night(shop: Shop) -> None:
    shop.put("")
    assert shop.ingest()["refused"] == 1
    assert shop.ingest()["refused"] == 0


def test_header_only_is_a_valid_zero_where_the_feed_allows_it(shop: Shop) -> None:
    shop.put(HEADER)
    assert shop.ingest()["loaded"] == 1
    assert shop.query("select status, rows_in from raw.deliveries") == [("loaded", 0)]
    shop.declare(empty="refused")
    shop.put(HEADER, "2026-01-06/sales.csv")
    assert shop.ingest()["refused"] == 1


def test_a_manifest_that_counts_other_rows_refuses_the_file(shop: Shop) -> None:
    file = shop.put(HEADER + row())
    manifest = file.with_name(file.name + ".manifest.json")
    manifest.write_text(json.dumps({"rows": 2}))
    assert shop.ingest()["refused"] == 1
    assert "its manifest says 2" in shop.reason()


def test_the_ledger_says_whose_rows_a_manifest_counted(shop: Shop) -> None:
    shop.put(HEADER + row())
    file = shop.put(HEADER, "2026-01-06/sales.csv")
    file.with_name(file.name + ".manifest.json").write_text(json.dumps({"rows": 0}))
    shop.ingest()
    counted = shop.query("select rows_in, has_row_count from raw.deliveries order by rows_in")
    assert counted == [(0, True), (1, False)]


def test_drift_and_missing_optional_columns_are_in_the_ledger(shop: Shop) -> None:
    header = HEADER.replace("note", "colour")
    shop.put(header + row())
    shop.ingest()
    assert shop.query("select drift, warnings from raw.deliveries") == [
        (
            ["colour"],
            ["optional column note is missing: null", "column colour is not declared: not loaded"],
        )
    ]


def test_a_column_that_many_do_not_have_is_missed_by_nobody(shop: Shop) -> None:
    shop.declare({"note": ("text", {"header": "optional"})})
    shop.put(HEADER.replace(",note", "") + row().replace(",fine", ""))
    shop.ingest()
    assert shop.query("select warnings from raw.deliveries") == [([],)]


def test_too_many_bad_rows_refuse_the_delivery_and_few_do_not(shop: Shop) -> None:
    shop.declare(quarantine_limit_pct=10)
    shop.put(HEADER + row() + row(price="x") * 4)
    assert shop.ingest()["loaded"] == 1, "four bad rows lie below the floor of five"
    shop.put(HEADER + row() * 45 + row(price="x") * 5, "2026-01-06/sales.csv")
    assert shop.ingest()["loaded"] == 1, "ten in a hundred are allowed"
    shop.put(HEADER + row() * 44 + row(price="x") * 5, "2026-01-07/sales.csv")
    assert shop.ingest()["refused"] == 1
    assert "5 of 49 rows are bad, more than 10%" in shop.reason()
    assert "price is not written as a plain number (5, first in line 46)" in shop.reason()


def test_a_refusal_names_the_most_frequent_reasons_each_with_its_first_line(shop: Shop) -> None:
    shop.declare(quarantine_limit_pct=10)
    bad = [row(price="x"), row(price="y"), row(quantity="z"), row(sale_id=""), row(sold_at="soon")]
    shop.put(HEADER + row() + "".join(bad))
    shop.ingest()
    told = shop.reason()
    assert "price is not written as a plain number (2, first in line 3)" in told
    assert "(1, first in line 5); " in told
    assert told.endswith("; and others. Correct the file or the declaration, then replay")


def test_a_complete_last_record_without_its_line_end_loads_with_a_warning(shop: Shop) -> None:
    shop.put((HEADER + row()).rstrip("\n"))
    assert shop.ingest()["rows_loaded"] == 1
    ((warnings,),) = shop.query("select warnings from raw.deliveries")
    assert warnings == ["its last line has no line end; the line is complete and loaded"]


def test_records_over_lines_are_counted_as_records_when_bad_shares_are(shop: Shop) -> None:
    shop.declare(multiline=True, quarantine_limit_pct=40, quarantine_floor_rows=1)
    comment = '"Broken.\nNobody\n\nanswers."'
    rows = [row(note=comment), row(note=comment, price="x"), row(note=comment)]
    shop.put(HEADER + "".join(rows))
    result = shop.ingest()
    assert (result["rows_loaded"], result["rows_quarantined"]) == (2, 1)
    assert shop.rules() == {6: "type"}
    assert shop.query("select distinct note from raw.sales") == [(comment.strip('"'),)]


def test_files_dated_after_the_night_wait(shop: Shop) -> None:
    shop.put(HEADER + row(), "2026-01-05/sales.csv")
    result = shop.ingest(date(2026, 1, 4))
    assert (result["loaded"], result["not_yet_due"]) == (0, 1)
    assert shop.ingest(date(2026, 1, 5))["loaded"] == 1


def test_a_link_out_of_the_landing_folder_is_refused(shop: Shop, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere.csv"
    outside.write_text(HEADER + row())
    shop.put("", "2026-01-05/other.txt").with_name("sales.csv").symlink_to(outside)
    assert shop.ingest()["refused"] == 1
    assert "link" in shop.reason()


@pytest.mark.timeout(60)
def test_a_pipe_is_refused_and_not_waited_for(shop: Shop) -> None:
    os.mkfifo(shop.put(HEADER + row()).with_name("sales.r2.csv"))
    result = shop.ingest()
    assert (result["loaded"], result["refused"]) == (1, 1)


# ---------- deliveries


def test_the_same_content_again_is_a_no_op_in_the_ledger(shop: Shop) -> None:
    content = HEADER + row() + row(price="x")
    shop.put(content)
    shop.ingest()
    shop.put(gzip.compress(content.encode()), "2026-01-05/sales.csv.gz")
    result = shop.ingest()
    assert (result["redelivered"], result["rows_redelivered"], result["rows_in"]) == (1, 2, 2)
    assert shop.query("select count(*) from raw.sales") == [(1,)]
    assert shop.ingest()["redelivered"] == 0


def test_two_copies_in_one_batch_load_once(shop: Shop) -> None:
    shop.put(HEADER + row())
    shop.put(gzip.compress((HEADER + row()).encode()), "2026-01-05/sales.csv.gz")
    result = shop.ingest()
    assert (result["loaded"], result["redelivered"]) == (1, 1)


def test_the_same_content_for_another_day_is_a_delivery_of_its_own(shop: Shop) -> None:
    shop.put(HEADER)
    shop.put(HEADER, "2026-01-06/sales.csv")
    assert shop.ingest()["loaded"] == 2


def places(shop: Shop) -> list[tuple]:
    """(revision, rewrite_no, price) of what is loaded, the one that counts last."""
    return shop.query(
        "select revision, rewrite_no, price from raw.deliveries as d"
        " inner join raw.sales as s on d.delivery_id = s._delivery_id"
        " where status = 'loaded' order by revision, rewrite_no, sha256"
    )


def test_a_file_replaced_in_place_counts_after_what_it_was_and_before_a_named_revision(
    shop: Shop,
) -> None:
    shop.put(HEADER + row(price="9.00"), "2026-01-05/sales.r1.csv")
    for price in ("1.00", "2.00", "1.00"):
        shop.put(HEADER + row(price=price))
        shop.ingest()
    assert places(shop) == [
        (0, 0, Decimal("1.00")),
        (0, 1, Decimal("2.00")),
        (0, 2, Decimal("1.00")),
        (1, 0, Decimal("9.00")),
    ]


def test_a_file_replaced_within_its_size_and_time_is_noticed(shop: Shop) -> None:
    file = shop.put(HEADER + row(price="1.00"))
    shop.ingest()
    before = file.stat()
    shop.put(HEADER + row(price="2.00"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    shop.ingest()
    assert [place[1:] for place in places(shop)] == [(0, Decimal("1.00")), (1, Decimal("2.00"))]


def test_a_later_revision_that_repeats_the_first_content_counts_last(shop: Shop) -> None:
    contents = {"": "1.00", ".r1": "2.00", ".r2": "1.00"}
    for order in permutations(contents):
        for revision in order:
            shop.put(HEADER + row(price=contents[revision]), f"2026-01-05/sales{revision}.csv")
            shop.ingest()
        assert [str(price) for _, _, price in places(shop)] == ["1.00", "2.00", "1.00"], order
        shop.empty()


def test_a_revision_may_be_named_by_a_manifest(shop: Shop) -> None:
    file = shop.put(HEADER + row(price="2.00"))
    file.with_name("sales.csv.manifest.json").write_text(json.dumps({"revision": 3, "rows": 1}))
    shop.put(HEADER + row(price="1.00"), "2026-01-05/sales.r2.csv")
    shop.ingest()
    assert [place[0] for place in places(shop)] == [2, 3]


def test_touching_a_file_changes_nothing(shop: Shop) -> None:
    file = shop.put(HEADER + row())
    shop.ingest()
    os.utime(file, ns=(1, 10**18))
    assert shop.ingest()["redelivered"] == 1


def test_many_days_load_in_one_batch_each_on_its_own(shop: Shop) -> None:
    for day in range(8, 29):
        content = HEADER + row(sale_id=f"s{day}")
        shop.put(content if day % 7 else content[:-5], f"2026-01-{day:02}/sales.csv")
    result = shop.ingest()
    assert (result["loaded"], result["refused"]) == (18, 3)
    assert shop.query(
        "select count(*) from raw.sales where sale_id = 's' || extract(day from _delivered_on)"
    ) == [(18,)]


def test_json_lines_and_parquet_meet_the_same_checks(shop: Shop) -> None:
    rows = [SOUND, SOUND | {"price": "12.345"}, SOUND | {"sale_id": None}]
    shop.declare(format="jsonl", path="{delivered_on}/sales.jsonl")
    shop.put("".join(json.dumps(r) + "\n" for r in rows), "2026-01-05/sales.jsonl")
    shop.ingest()
    as_json = shop.rules()
    shop.declare(format="parquet", path="{delivered_on}/sales.parquet")
    file = shop.put("", "2026-01-06/sales.parquet")
    pq.write_table(pa.Table.from_pylist(rows), file)
    shop.ingest()
    found = shop.query(
        "select q.line, q.rule, q.raw_text from raw.quarantine as q where file like '%parquet'"
        " order by line"
    )
    assert as_json == {2: "excess_decimals", 3: "required"}
    assert [(line - 0, rule) for line, rule, _ in found] == list(as_json.items())
    assert json.loads(found[0][2]) == rows[1]
    assert shop.query("select count(*) from raw.sales") == [(2,)]


# ---------- faults


def test_a_database_error_shows_its_sqlstate_and_no_value(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    with warehouse.connect(shop.settings, "admin") as connection:
        connection.execute(
            "alter table raw.sales add constraint quirk check (note <> 'jane@example.org')"
        )
    shop.put(HEADER + row(note="jane@example.org"))
    with caplog.at_level(logging.DEBUG), pytest.raises(LoadError) as error:
        shop.ingest()
    assert "SQLSTATE 23514" in str(error.value)
    assert "shop/2026-01-05/sales.csv" in str(error.value)
    assert error.value.__context__ is None, "a chained database error would print the row"
    assert "jane" not in str(error.value) + caplog.text
    assert shop.query("select count(*) from raw.deliveries") == [(0,)]


def test_a_value_that_only_the_engine_refuses_costs_its_own_file_alone(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = load.load_batch.__globals__["checks"]
    monkeypatch.setitem(
        load.load_batch.__globals__, "checks", lambda feed: type(blind(feed))(faults=())
    )
    for day in range(5, 10):
        content = HEADER + row(quantity="many" if day == 7 else "1")
        shop.put(content, f"2026-01-{day:02}/sales.csv")
    result = shop.ingest()
    assert (result["loaded"], result["refused"]) == (4, 1)
    assert "SQLSTATE 22P02" in shop.reason()


def test_one_file_that_cannot_be_read_does_not_end_the_load_of_others(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = shop.put(HEADER + row())
    shop.put(HEADER + row(), "2026-01-06/sales.csv")
    real = batch.survey

    def survey(file: Path, delivery: object) -> object:
        if file == bad:
            raise PermissionError(13, "Permission denied")
        return real(file, delivery)  # type: ignore[arg-type]

    monkeypatch.setattr(batch, "survey", survey)
    for _ in range(2):
        result = shop.ingest()
        assert "it cannot be read (Permission denied)" in shop.reason()
    assert result["loaded"] == 0
    assert shop.query("select status, count(*) from raw.deliveries group by 1 order by 1") == [
        ("loaded", 1),
        ("refused", 1),
    ]
    monkeypatch.undo()
    assert shop.ingest()["loaded"] == 1, "it is tried again by every run"


def test_a_bad_manifest_refuses_its_file_and_a_corrected_one_lets_it_in(shop: Shop) -> None:
    file = shop.put(HEADER + row())
    shop.put(HEADER + row(), "2026-01-06/sales.csv")
    manifest = file.with_name("sales.csv.manifest.json")
    manifest.write_text("{")
    result = shop.ingest()
    assert (result["loaded"], result["refused"]) == (1, 1)
    manifest.write_text('{"rows": 1}')
    assert shop.ingest()["loaded"] == 1


def test_a_file_still_being_written_is_left_for_the_next_run(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Shop(replace(shop.settings, settle_seconds=5))
    file = shop.put(HEADER + row())
    grown = HEADER + row() + row(sale_id="s2")
    monkeypatch.setattr(whole_files.time, "sleep", lambda _: file.write_text(grown))
    result = slow.ingest()
    assert (result["loaded"], result["still_being_written"]) == (0, 1)
    monkeypatch.setattr(whole_files.time, "sleep", lambda _: None)
    assert slow.ingest()["rows_loaded"] == 2


def test_a_warehouse_of_an_earlier_version_takes_its_files_for_known(shop: Shop) -> None:
    """Without places and without the shortcut: nothing is loaded or noted again."""
    shop.put(HEADER + row() + row(price="x"))
    shop.put("", "2026-01-06/sales.csv")
    shop.ingest()
    shop.execute("alter table raw.deliveries drop column rewrite_no cascade")
    shop.execute("drop table ops.seen_files")
    shop.execute(
        "create unique index deliveries_loaded_once on raw.deliveries"
        " (feed, delivered_on, sha256) where status = 'loaded'"
    )
    raw_tables.migrate(shop.settings)
    result = shop.ingest()
    assert (result["loaded"], result["redelivered"], result["refused"]) == (0, 0, 0)
    assert shop.query("select count(*) from raw.deliveries") == [(2,)]
    shop.put(HEADER + row(price="8.00"))
    assert shop.ingest()["loaded"] == 1
    assert [place[:2] for place in places(shop)] == [(0, 0), (0, 1)]


def test_a_file_that_grows_while_it_is_read_waits_for_the_next_night(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = shop.put(HEADER + row())
    real = load.load_batch

    def grow_first(*arguments: object) -> object:
        with file.open("a") as stream:
            stream.write(row(sale_id="s2"))
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(load, "load_batch", grow_first)
    assert shop.ingest()["loaded"] == 0
    monkeypatch.undo()
    assert shop.ingest()["rows_loaded"] == 2


def test_the_loader_cannot_change_or_delete_raw_rows(shop: Shop) -> None:
    shop.put(HEADER + row())
    shop.ingest()
    with warehouse.connect(shop.settings, "loader") as connection:
        for statement in ("delete from raw.sales", "update raw.sales set price = 0"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement)  # type: ignore[arg-type]


def test_two_loads_at_once_load_each_delivery_once(shop: Shop) -> None:
    for day in range(5, 25):
        shop.put(HEADER + row(sale_id=f"s{day}"), f"2026-01-{day:02}/sales.csv")
    barrier = Barrier(2)

    def run(_: int) -> object:
        barrier.wait()
        return ingest(shop.settings, "sales", AS_OF)["loaded"]

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(run, range(2))) == 20  # type: ignore[arg-type]
    shop.assert_balanced()
    assert shop.query("select count(*), count(distinct sale_id) from raw.sales") == [(20, 20)]


@pytest.mark.parametrize("place", ["load:before_commit", "load:after_commit"])
def test_a_load_killed_beside_its_commit_ends_like_an_undisturbed_one(
    shop: Shop, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.put(HEADER + row() + row(price="x"))
    shop.put("", "2026-01-06/sales.csv")
    monkeypatch.setenv("REGULARS_FAILPOINT", place)
    process = get_context("spawn").Process(target=ingest, args=(shop.settings, "sales", AS_OF))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    monkeypatch.delenv("REGULARS_FAILPOINT")
    shop.ingest()
    assert shop.query(
        "select path, status, rows_in, rows_loaded from raw.deliveries order by 1"
    ) == [
        ("shop/2026-01-05/sales.csv", "loaded", 2, 1),
        ("shop/2026-01-06/sales.csv", "refused", None, 0),
    ]
    assert shop.rules() == {3: "type"}


def test_the_order_of_arrival_changes_nothing_but_numbers(shop: Shop) -> None:
    files = {
        "2026-01-05/sales.csv": HEADER + row(price="1.00") + row(price="x"),
        "2026-01-05/sales.r1.csv": HEADER + row(price="2.00"),
        "2026-01-06/sales.csv": HEADER + row(price="2.00"),
        "2026-01-07/sales.csv": "",
    }
    states = []
    for names in (list(files), list(reversed(files))):
        for name in names:
            shop.put(files[name], name)
            shop.ingest()
        states.append(
            shop.query(
                "select d.delivered_on, d.revision, d.sha256, d.status, s._line, s.price"
                " from raw.deliveries as d left join raw.sales as s"
                " on d.delivery_id = s._delivery_id order by 1, 2, 3, 5"
            )
        )
        shop.empty()
    assert states[0] == states[1]
    assert len(states[0]) == 4


# ---------- quarantine


def test_replay_loads_what_a_corrected_declaration_allows(shop: Shop) -> None:
    shop.put(HEADER + row() + row(kind="loan") + row(price="x"))
    shop.ingest()
    counts = quarantine_queries.list_counts(shop.settings)
    assert {(c.rule, c.rows) for c in counts} == {("allowed", 1), ("type", 1)}
    assert replay.replay(shop.settings)["rows_replayed"] == 0
    shop.declare({"kind": ("text", {"allowed": ["sale", "gift", "loan"]})})
    assert replay.replay(shop.settings, "sales")["rows_replayed"] == 1
    shop.assert_balanced()
    assert shop.query("select _line, kind from raw.sales order by 1") == [(2, "sale"), (3, "loan")]
    assert shop.rules() == {4: "type"}
    assert replay.replay(shop.settings)["rows_replayed"] == 0
    (left,) = quarantine_queries.show(shop.settings, "sales")
    assert (left.line, left.raw_text) == (4, row(price="x").strip())


def test_replay_accepts_a_refused_file_once_the_threshold_is_corrected(shop: Shop) -> None:
    shop.declare(quarantine_limit_pct=1)
    shop.put(HEADER + row() * 5 + row(price="x") * 5)
    shop.ingest()
    assert replay.replay(shop.settings)["files_accepted"] == []
    assert shop.query("select count(*) from raw.deliveries") == [(1,)], "one refusal, one line"
    shop.declare(quarantine_limit_pct=60)
    assert replay.replay(shop.settings)["files_accepted"] == ["shop/2026-01-05/sales.csv"]
    shop.assert_balanced()
    assert shop.query("select count(*) from raw.sales") == [(5,)]


def test_replay_says_which_files_are_gone_or_changed(shop: Shop) -> None:
    shop.put(HEADER + row(kind="loan"))
    shop.ingest()
    shop.put(HEADER + row(kind="other"))
    assert replay.replay(shop.settings)["files_gone"] == ["shop/2026-01-05/sales.csv"]


def test_replay_of_an_unknown_feed_names_the_known_ones(shop: Shop) -> None:
    with pytest.raises(UnknownFeed, match=r"No feed loads raw\.purchases\. Declared: sales"):
        replay.replay(shop.settings, "purchases")
