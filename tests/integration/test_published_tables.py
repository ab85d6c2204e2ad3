"""Published tables follow their models: columns, keys, and rows that changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import psycopg
import pytest

from regulars import warehouse
from regulars.night import Night
from regulars.publication.published_tables import PublishedTable, merge, migrate_published
from regulars.settings import Settings

NIGHT = Night(date(2026, 3, 16))


def table(*primary_key: str) -> PublishedTable:
    return PublishedTable("marts", "runs", primary_key, "Runs.", {"model": "Its name."})


def publish(settings: Settings, model: str, *primary_key: str) -> list[str]:
    """Build marts.runs by `model`, then publish it. Returns the migrations announced."""
    return publish_counted(settings, model, *primary_key)[0]


def publish_counted(settings: Settings, model: str, *primary_key: str) -> tuple[list[str], int]:
    """The same, with the number of rows deleted and inserted."""
    with warehouse.connect(settings, "admin") as connection:
        connection.execute("create schema if not exists marts")
        connection.execute("drop table if exists marts.runs")
        connection.execute(f"create table marts.runs as {model}".encode())
    announced = migrate_published(settings, NIGHT, [table(*primary_key)])
    with warehouse.connect(settings, "admin") as connection:
        changed = merge(connection, NIGHT, table(*primary_key))
    return announced, changed


def rows(settings: Settings) -> list[tuple]:
    with warehouse.connect(settings, "admin") as connection:
        return connection.execute("select * from published.runs order by 1, 2").fetchall()


ONE_A_MODEL = "select * from (values ('mbg', 1), ('nbd', 2)) as t (model, fits)"
TWO_A_MODEL = """select * from (values ('mbg', 1, date '2026-01-01'), ('mbg', 3, '2026-02-01'),
    ('nbd', 2, '2026-01-01')) as t (model, fits, fitted_on)"""


def test_a_model_with_another_key_is_published_over_the_old_one(
    warehouse_settings: Settings,
) -> None:
    publish(warehouse_settings, ONE_A_MODEL, "model")
    announced = publish(warehouse_settings, TWO_A_MODEL, "model", "fitted_on")
    assert announced == [
        "published.runs.fitted_on added",
        "published.runs: its key is now model, fitted_on",
    ]
    assert [row[:2] for row in rows(warehouse_settings)] == [("mbg", 1), ("mbg", 3), ("nbd", 2)]


def test_a_key_that_rows_of_before_forbid_waits_for_the_next_night(
    warehouse_settings: Settings,
) -> None:
    publish(warehouse_settings, TWO_A_MODEL, "model", "fitted_on")
    assert publish(warehouse_settings, ONE_A_MODEL, "model") == [
        "published.runs.fitted_on dropped",
        "published.runs: its key will be, after this publication, model",
    ]
    assert rows(warehouse_settings) == [("mbg", 1), ("nbd", 2)]
    assert publish(warehouse_settings, ONE_A_MODEL, "model") == [
        "published.runs: its key is now model"
    ]
    assert publish(warehouse_settings, ONE_A_MODEL, "model") == []


def test_a_published_key_keeps_duplicates_out(warehouse_settings: Settings) -> None:
    publish(warehouse_settings, ONE_A_MODEL, "model")
    with pytest.raises(psycopg.errors.UniqueViolation):
        publish(warehouse_settings, TWO_A_MODEL, "model")


def numbered(expression: str) -> str:
    return f"select n::text as model, {expression} as fits from generate_series(1, 10) as n"


@pytest.mark.parametrize(
    ("later", "deleted_and_inserted"),
    [
        ("n", 0),
        ("case n when 3 then 0 else n end", 2),  # row by row
        ("case when n > 2 then 0 else n end", 20),  # most rows differ, so all are written
    ],
)
def test_published_equals_the_model_however_much_has_changed(
    warehouse_settings: Settings, later: str, deleted_and_inserted: int
) -> None:
    publish(warehouse_settings, numbered("n"), "model")
    changed = publish_counted(warehouse_settings, numbered(later), "model")[1]
    assert changed == deleted_and_inserted
    with warehouse.connect(warehouse_settings, "admin") as connection:
        wanted = connection.execute("select * from marts.runs order by 1, 2").fetchall()
    assert rows(warehouse_settings) == wanted
    assert publish_counted(warehouse_settings, numbered(later), "model")[1] == 0


def test_where_facts_are_published_only_rows_of_who_was_written_since_are_compared(
    warehouse_settings: Settings,
) -> None:
    facts = replace(table("model"), written_for="owner")
    owned = "select n::text as model, 'C' || {owner} as owner, {fits} as fits from {numbers}"

    def changed(owner: str, fits: str, *written: str) -> int:
        publish_of = owned.format(owner=owner, fits=fits, numbers="generate_series(1, 9) as n")
        with warehouse.connect(warehouse_settings, "admin") as connection:
            connection.execute("create schema if not exists marts")
            connection.execute("drop table if exists marts.runs")
            connection.execute(f"create table marts.runs as {publish_of}".encode())
            connection.execute("delete from ops.unpublished_customers")
            for customer in written:
                connection.execute("insert into ops.unpublished_customers values (%s)", [customer])
        migrate_published(warehouse_settings, NIGHT, [facts])
        with warehouse.connect(warehouse_settings, "admin") as connection:
            return merge(connection, NIGHT, facts, facts_are_published=bool(written))

    changed("n", "n")
    assert changed("n", "0", "C3", "C4") == 4
    assert [fits for *_, fits in rows(warehouse_settings)] == [1, 2, 0, 0, 5, 6, 7, 8, 9]
    moved = "case n when 5 then 6 else n end"
    assert changed(moved, "n * sign(abs(n - 3.5) - 1)", "C5", "C6") == 2  # from one to the other
    assert [row[1] for row in rows(warehouse_settings)][4:6] == ["C6", "C6"]
    assert changed(moved, "n") > 0  # not known to be published: all are compared
    assert [fits for *_, fits in rows(warehouse_settings)] == list(range(1, 10))


def test_facts_are_found_by_whom_they_were_written_for(warehouse_settings: Settings) -> None:
    facts = replace(table("model"), written_for="fits")
    publish(warehouse_settings, ONE_A_MODEL, "model")
    migrate_published(warehouse_settings, NIGHT, [facts])
    with warehouse.connect(warehouse_settings, "admin") as connection:
        indexes = connection.execute(
            "select indexdef from pg_indexes where schemaname = 'published' and tablename = 'runs'"
        ).fetchall()
    assert [definition for (definition,) in indexes if definition.endswith("(fits)")]


def test_a_list_table_loses_columns_although_marketing_reads_it_through_a_view(
    warehouse_settings: Settings,
) -> None:
    members = PublishedTable("lists", "list_members", ("customer_id",), "Members.", {})

    def migrated(columns: str) -> list[str]:
        with warehouse.connect(warehouse_settings, "admin") as connection:
            connection.execute("drop table if exists lists.list_members")
            connection.execute(f"create table lists.list_members as select {columns}".encode())
        return migrate_published(warehouse_settings, NIGHT, [members])

    migrated("'c1' as customer_id, 0.5 as p_second")
    assert migrated("'c1' as customer_id, '{}'::jsonb as details") == [
        "published.list_members.details added",
        "published.list_members.p_second dropped",
    ]
    with warehouse.connect(warehouse_settings, "marketing") as connection:
        cursor = connection.execute("select * from lists.tonight_members")
        assert [column.name for column in cursor.description or ()] == ["customer_id", "details"]


def test_a_column_change_gives_way_to_a_long_reader_and_is_made_once_they_have_ended(
    warehouse_settings: Settings,
) -> None:
    publish(warehouse_settings, ONE_A_MODEL, "model")
    before = rows(warehouse_settings)
    impatient = replace(warehouse_settings, lock_timeout_seconds=1)
    with warehouse.connect(impatient, "analyst") as reader:
        read = "select * from published.runs order by 1, 2"
        assert reader.execute(read).fetchall() == before
        with pytest.raises(psycopg.errors.LockNotAvailable) as stopped:
            publish(impatient, TWO_A_MODEL, "model", "fitted_on")
        assert "once they have ended, run the same command again" in warehouse.refusal(
            stopped.value
        )
        assert reader.execute(read).fetchall() == before
    assert "published.runs.fitted_on added" in publish(impatient, TWO_A_MODEL, "model", "fitted_on")


FITS_AS_TEXT = f"select model, fits::text as fits from ({ONE_A_MODEL}) as t"


def test_whoever_reads_from_before_a_column_has_another_type_finds_every_row(
    warehouse_settings: Settings,
) -> None:
    """PostgreSQL writes the rows anew, and a snapshot from before them would see an empty table."""
    publish(warehouse_settings, ONE_A_MODEL, "model")
    before = rows(warehouse_settings)
    impatient = replace(warehouse_settings, lock_timeout_seconds=1)
    with warehouse.connect(impatient, "analyst") as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("select * from published.generation")
        with pytest.raises(warehouse.WarehouseError, match="once they have ended"):
            publish(impatient, FITS_AS_TEXT, "model")
        assert reader.execute("select * from published.runs order by 1").fetchall() == before
    assert publish(impatient, FITS_AS_TEXT, "model") == ["published.runs.fits is now text"]


def test_every_published_number_has_the_digits_that_it_declares(company: Settings) -> None:
    """Without them one engine says 0 and another 0.00."""
    with warehouse.connect(company, "admin") as connection:
        digitless = connection.execute(
            """
            select table_name, column_name from information_schema.columns
            where table_schema = 'published' and data_type = 'numeric'
                and numeric_precision is null
            """
        ).fetchall()
    assert digitless == []
