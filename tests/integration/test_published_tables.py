"""Published tables follow their models: columns, keys, and rows that changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import psycopg
import pytest

from regulars import warehouse
from regulars.night import Night
from regulars.publication.merging import merge
from regulars.publication.migration import migrate_published
from regulars.publication.published_tables import PublishedTable
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


def test_what_is_written_whole_lies_in_the_order_of_its_key(warehouse_settings: Settings) -> None:
    publish(
        warehouse_settings, "select md5(n::text) as model, n from generate_series(1, 9) n", "model"
    )
    with warehouse.connect(warehouse_settings, "admin") as connection:
        found = connection.execute("select model from published.runs order by ctid").fetchall()
    assert found == sorted(found)


def test_a_key_that_the_model_has_twice_is_refused_though_readers_have_one_of_its_rows(
    warehouse_settings: Settings,
) -> None:
    publish(warehouse_settings, ONE_A_MODEL, "model")
    with pytest.raises(psycopg.errors.UniqueViolation):
        publish(warehouse_settings, f"{ONE_A_MODEL} union all select 'mbg', 5", "model")


def test_rows_of_before_that_have_nothing_in_the_key_go(warehouse_settings: Settings) -> None:
    publish(warehouse_settings, ONE_A_MODEL, "model")
    by_day = f"select t.*, date '2026-01-01' as fitted_on from ({ONE_A_MODEL}) as t"
    assert publish_counted(warehouse_settings, by_day, "model", "fitted_on")[1] == 4
    assert publish_counted(warehouse_settings, by_day, "model", "fitted_on")[1] == 0


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


def test_of_a_table_made_of_the_log_only_rows_of_who_has_an_entry_of_the_night_are_compared(
    warehouse_settings: Settings,
) -> None:
    history = replace(table("model"), written_for="model", log=("customer_states", "tonight"))
    build = "select 'C' || n as model, {} as fits from generate_series(1, 9) as n"
    with warehouse.connect(warehouse_settings, "admin") as connection:
        connection.execute("create schema marts")
        connection.execute(f"create table marts.runs as {build.format(1)}".encode())
        connection.execute("create table marts.tonight as select 'C3' as customer_id")
    migrate_published(warehouse_settings, NIGHT, [history])
    with warehouse.connect(warehouse_settings, "admin") as connection:
        merge(connection, NIGHT, history)
        for generation, as_of, customer in ((1, "2026-03-15", "C4"), (2, "2026-03-16", "C5")):
            connection.execute(
                "insert into decisions.publications (generation, as_of, run_id, input_digest,"
                " last_delivery_id, files_digest, library_versions)"
                " values (%s, %s, 'r', 'd', 0, 'f', '{}')",
                [generation, as_of],
            )
            connection.execute(
                "insert into decisions.customer_states (generation, as_of, customer_id, is_known,"
                " relationship_status) values (%s, %s, %s, true, 'trial')",
                [generation, as_of, customer],
            )
        connection.execute("update marts.runs set fits = 2")
        assert merge(connection, NIGHT, history, facts_are_published=True) == 4
        others = connection.execute("select model from published.runs where fits = 2 order by 1")
        assert others.fetchall() == [("C3",), ("C5",)], "tonight's, and those of an earlier run"
        assert merge(connection, NIGHT, history) == 18


def test_facts_are_found_by_whom_they_were_written_for(warehouse_settings: Settings) -> None:
    facts = replace(table("model"), written_for="fits")
    publish(warehouse_settings, ONE_A_MODEL, "model")
    migrate_published(warehouse_settings, NIGHT, [facts])
    with warehouse.connect(warehouse_settings, "admin") as connection:
        indexes = connection.execute(
            "select indexdef from pg_indexes where schemaname = 'published' and tablename = 'runs'"
        ).fetchall()
    assert [definition for (definition,) in indexes if definition.endswith("(fits)")]


def test_nobody_elses_facts_are_read_though_nothing_is_known_of_the_published_ones(
    warehouse_settings: Settings,
) -> None:
    """After a first night nobody has counted yet what was published."""
    facts = replace(table("model"), written_for="owner")
    query = "select n::text as model, 'C' || n / 3 as owner, n from generate_series(1, 30000) as n"
    with warehouse.connect(warehouse_settings, "admin") as connection:
        connection.execute("create schema marts")
        connection.execute(f"create table marts.runs as {query}".encode())
        connection.execute("analyze marts.runs")
    migrate_published(warehouse_settings, NIGHT, [facts])
    with warehouse.connect(warehouse_settings, "admin") as connection:
        connection.execute("alter table published.runs set (autovacuum_enabled = false)")
        merge(connection, NIGHT, facts)
    with warehouse.connect(warehouse_settings, "admin") as connection:
        connection.execute("insert into ops.unpublished_customers values ('C7'), ('C8')")
        connection.execute("update marts.runs set n = 0 where owner = 'C7'")
        assert merge(connection, NIGHT, facts, facts_are_published=True) == 6
        times_read_whole = connection.execute(
            "select seq_scan from pg_stat_xact_all_tables where relid = 'published.runs'::regclass"
        ).fetchone()
    assert times_read_whole == (0,)


SAID_ON = "select n::text as model, date '{}' as as_of, n as fits from generate_series(1, 9) as n"


def live(connection: psycopg.Connection, generation: int, as_of: date) -> None:
    """Publish a generation, apart from its tables."""
    connection.execute(
        "insert into published.generation (generation, as_of, run_id) values (%s, %s, 'r')",
        [generation, as_of],
    )


def test_what_moves_with_the_night_alone_is_read_and_not_written(
    warehouse_settings: Settings,
) -> None:
    """A table of before becomes a view: whoever reads it finds the same columns and rights, the day
    of the generation that they see, and rows that were not written again."""
    first, second = date(2026, 3, 16), date(2026, 3, 17)
    publish(warehouse_settings, SAID_ON.format(first), "model")
    with warehouse.connect(warehouse_settings, "admin") as connection:
        live(connection, 1, first)
        connection.execute("drop table marts.runs")
        connection.execute(f"create table marts.runs as {SAID_ON.format(second)}".encode())
    said = replace(table("model"), read={"as_of": "live.as_of"})
    query = "select * from published.runs where model = '3'"
    with warehouse.connect(warehouse_settings, "analyst") as before:
        before.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        before.execute("select * from published.generation")
        assert migrate_published(warehouse_settings, NIGHT, [said]) == []
        with warehouse.connect(warehouse_settings, "admin") as connection:
            assert merge(connection, NIGHT, said) == 0
            live(connection, 2, second)
        assert before.execute(query).fetchall() == [("3", first, 3)]
    with warehouse.connect(warehouse_settings, "analyst") as after:
        cursor = after.execute(query)
        assert [column.name for column in cursor.description or ()] == ["model", "as_of", "fits"]
        assert cursor.fetchall() == [("3", second, 3)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            after.execute("select * from stored.runs")


def test_a_view_that_says_the_same_is_left_to_who_reads_it(warehouse_settings: Settings) -> None:
    said = replace(table("model"), read={"as_of": "live.as_of"})
    publish(warehouse_settings, SAID_ON.format("2026-03-16"), "model")
    migrate_published(warehouse_settings, NIGHT, [said])
    impatient = replace(warehouse_settings, lock_timeout_seconds=1)
    with warehouse.connect(impatient, "analyst") as reader:
        reader.execute("select * from published.runs")
        assert migrate_published(impatient, NIGHT, [said]) == []
        later = replace(said, read={"as_of": "live.as_of + 1"})
        with pytest.raises(psycopg.errors.LockNotAvailable):
            migrate_published(impatient, NIGHT, [later])
    migrate_published(impatient, NIGHT, [later])
    with warehouse.connect(impatient, "admin") as connection:
        live(connection, 1, date(2026, 3, 16))
        days = connection.execute("select distinct as_of from published.runs").fetchall()
    assert days == [(date(2026, 3, 17),)]


def test_a_table_that_is_read_no_more_has_its_rows_and_readers_again(
    warehouse_settings: Settings,
) -> None:
    said = replace(table("model"), read={"as_of": "live.as_of"})
    publish(warehouse_settings, SAID_ON.format("2026-03-16"), "model")
    migrate_published(warehouse_settings, NIGHT, [said])
    migrate_published(warehouse_settings, NIGHT, [table("model")])
    with warehouse.connect(warehouse_settings, "admin") as connection:
        merge(connection, NIGHT, table("model"))
    with warehouse.connect(warehouse_settings, "analyst") as reader:
        rows = reader.execute("select model, as_of from published.runs").fetchall()
    assert len(rows) == 9
    assert {as_of for _, as_of in rows} == {date(2026, 3, 16)}


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
