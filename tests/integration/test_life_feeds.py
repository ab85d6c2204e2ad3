"""The feeds of a life after the sale, loaded by real nights: whole and typed."""

from __future__ import annotations

import pytest

from regulars import warehouse
from regulars.sample_company.delivered_files import ON_CHANGE
from regulars.settings import Settings

LIFE = sorted(ON_CHANGE - {"products"})


@pytest.mark.parametrize("feed", LIFE)
def test_every_delivered_row_is_loaded(company: Settings, feed: str) -> None:
    with warehouse.connect(company, "admin") as connection:
        ledger = connection.execute(
            "select count(*), sum(rows_in), sum(rows_loaded), sum(rows_quarantined)"
            " from raw.deliveries where feed = %s and status = 'loaded'",
            [feed],
        ).fetchone()
        held = connection.execute(f"select count(*) from raw.{feed}".encode()).fetchone()
    assert ledger is not None
    assert held is not None
    files, rows_in, loaded, quarantined = ledger
    assert files > 0
    assert (loaded, quarantined) == (rows_in, 0)
    assert held[0] == rows_in


def test_units_and_points_arrive_with_their_types(company: Settings) -> None:
    with warehouse.connect(company, "admin") as connection:
        (balances,) = connection.execute(
            "select count(*) from (select sum(points) as balance from raw.loyalty"
            " group by customer_id having sum(points) < 0) as x"
        ).fetchone()  # type: ignore[misc]
        (due,) = connection.execute(
            "select count(*) from raw.units where next_service_due_on > bought_on"
        ).fetchone()  # type: ignore[misc]
    assert balances == 0
    assert due > 10


def test_nobody_who_died_or_asked_to_be_erased_is_on_a_list_and_each_is_left_out_by_name(
    company: Settings,
) -> None:
    with warehouse.connect(company, "admin") as connection:
        gone = dict(
            connection.execute(
                "select customer_id, 'deceased' from raw.deaths group by 1"
                " having not (array_agg(is_withdrawn order by reported_at desc))[1]"
                " union all select customer_id, 'erased' from raw.erasure_requests"
            ).fetchall()
        )
        listed = connection.execute("select customer_id from pii.list_file_rows").fetchall()
        said = connection.execute(
            "select customer_id, reason_code from lists.list_exclusions where customer_id = any(%s)"
            " or reason_code in ('deceased', 'erased')",
            [list(gone)],
        ).fetchall()
    assert {"deceased", "erased"} <= {code for _, code in said}
    assert {(who, gone.get(who)) for who, _ in said} == set(said)
    assert not gone.keys() & {who for (who,) in listed}
