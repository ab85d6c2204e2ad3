"""The promises of a night, on the sample company: again, whole, once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import psycopg
import pytest

from regulars import warehouse
from regulars.gates.check import GateFailed
from regulars.nights.lock import NightRefused, only_one
from regulars.nights.run import run_night, run_step
from regulars.nights.steps import STEPS
from regulars.publication.publish import link_current
from regulars.settings import PROJECT, Settings
from regulars.transform import TransformError
from tests import parsed
from tests.company import LAST_NIGHT, clone, difference, files_of, fingerprint
from tests.conftest import drop_database

BEFORE = LAST_NIGHT - timedelta(days=1)


@pytest.fixture
def copy(company: Settings, tmp_path: Path) -> Iterator[Settings]:
    settings = clone(company, parsed.COPY, tmp_path / "home")
    yield settings
    drop_database(settings)


def test_every_list_has_people_on_the_last_night(company: Settings) -> None:
    with warehouse.connect(company, "analyst") as connection:
        counts = dict(
            connection.execute(
                "select list_code, count(*) from published.list_members group by list_code"
            ).fetchall()
        )
    assert {"second_purchase", "save_our_best", "make_it_right"} <= set(counts)


def test_the_parameters_behind_the_scores_are_published_as_they_were_logged(
    company: Settings,
) -> None:
    with warehouse.connect(company, "transformer") as connection:
        published, logged = (
            connection.execute(
                f"select {day}, model, parameter, value from {table} where {day} = %s"
                ' order by model collate "C", parameter collate "C"',
                [LAST_NIGHT],
            ).fetchall()
            for table, day in (
                ("published.model_parameters", "fitted_on"),
                ("decisions.parameters", "as_of"),
            )
        )
    assert published == logged
    assert {model for _, model, *_ in published} >= {"gamma_gamma"}


@pytest.mark.parametrize(
    "built_in",
    [
        *("marts.fct_orders", "marts.fct_order_lines", "marts.fct_refunds"),
        *("marts.customer_purchase_summaries", "lists.list_exclusions"),
    ],
)
def test_what_people_read_is_what_was_built_whoever_was_compared(
    company: Settings, built_in: str
) -> None:
    """Facts of orders are compared for some customers alone; some columns are read, not written."""
    people_read = built_in.replace("marts.", "published.").replace("lists.", "published.")
    with warehouse.connect(company, "admin") as connection:
        built, published = (
            connection.execute(
                f"select md5(string_agg(t::text, '|' order by t::text)) from"
                f" (select * from {table}) as t".encode()
            ).fetchone()
            for table in (built_in, people_read)
        )
        standing = connection.execute(
            "select facts_are_published, (select count(*) from ops.unpublished_customers)"
            " from ops.builds where prefix = ''"
        ).fetchone()
    assert built == published
    assert standing == (True, 0)


def test_a_night_logs_only_who_stands_otherwise_than_before(company: Settings) -> None:
    with warehouse.connect(company, "transformer") as connection:
        logged = dict(
            connection.execute(
                "select as_of, count(*) from decisions.effective_customer_states group by as_of"
            ).fetchall()
        )
        people, spans = connection.execute(
            "select count(distinct customer_id), count(*) from published.customer_history"
        ).fetchone()
    assert logged[BEFORE] > 500
    assert 0 < logged[LAST_NIGHT] < logged[BEFORE] / 5
    assert logged[BEFORE] <= people
    assert spans == sum(logged.values())


@pytest.mark.slow  # tests/faults runs a published night again in every `make nights`
def test_running_a_night_again_changes_nothing(
    copy: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    tables, files = fingerprint(copy), files_of(copy.home / "current")
    results = run_night(copy, LAST_NIGHT)
    assert capfd.readouterr().err == ""  # Airflow shows it in red, on a task that went well
    assert results["publish"]["is_new"] is False
    assert difference(fingerprint(copy), tables) == []
    assert files_of(copy.home / "current") == files


@dataclass(frozen=True)
class Watched:
    """What readers saw of a night that was published over the one before: one who asked again and
    again in single statements, and one whose transaction stood open meanwhile."""

    polled: set[tuple]
    before: list
    after: list
    in_the_next_transaction: list


@pytest.fixture(scope="module")
def watched(
    company_unpublished: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    settings = clone(company_unpublished, "watched", tmp_path_factory.mktemp("watched") / "home")
    yield _publication(settings)
    drop_database(settings)


def _publication(settings: Settings) -> Watched:
    polled: set[tuple] = set()
    done = threading.Event()
    reader = threading.Thread(target=_poll, args=(settings, polled, done))
    with warehouse.connect(settings, "analyst") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        before = _nights_seen(connection)
        reader.start()
        try:
            run_step("publish", LAST_NIGHT, settings)
        finally:
            done.set()
            reader.join()
        after = _nights_seen(connection)
        connection.rollback()
        return Watched(polled, before, after, _nights_seen(connection))


def test_a_reader_sees_one_generation_or_the_next(watched: Watched) -> None:
    assert watched.polled == {(BEFORE,) * 5, (LAST_NIGHT,) * 5}


def test_a_transaction_of_many_statements_stays_in_its_generation(watched: Watched) -> None:
    """An analyst's REPEATABLE READ notebook, open across a publication, sees one night only."""
    assert watched.before == watched.after == [BEFORE] * 4
    assert watched.in_the_next_transaction == [LAST_NIGHT] * 4


def _nights_seen(connection: psycopg.Connection) -> list:
    statements = (
        "select as_of from published.generation order by generation desc limit 1",
        "select max(as_of) from published.list_members",
        "select max(as_of) from published.list_exclusions",
        "select max(as_of) from published.model_runs",
    )
    return [connection.execute(statement).fetchone()[0] for statement in statements]  # type: ignore[index]


def _poll(settings: Settings, seen: set[tuple], done: threading.Event) -> None:
    """as_of of the generation, and of the oldest and the newest row of who is on a list and of who
    was left out, in one statement."""
    with warehouse.connect(settings, "analyst", autocommit=True) as connection:
        while True:
            last_round = done.is_set()
            seen.add(
                connection.execute(
                    """
                    select
                        (select as_of from published.generation order by generation desc limit 1),
                        (select min(as_of) from published.list_members),
                        (select max(as_of) from published.list_members),
                        (select min(as_of) from published.list_exclusions),
                        (select max(as_of) from published.list_exclusions)
                    """
                ).fetchone()  # type: ignore[arg-type]
            )
            if last_round:
                return


def test_a_poisoned_delivery_leaves_yesterdays_lists_in_place(
    copy: Settings, tmp_path: Path
) -> None:
    """Every price a thousandfold: the raw gate stops, readers and files keep the last night."""
    poisoned = replace(copy, landing=tmp_path / "landing")
    _deliver_poison(copy.landing, poisoned.landing)
    files, published = files_of(copy.home / "current"), fingerprint(copy, ["published"])
    with pytest.raises(GateFailed, match=r"order_lines\.unit_price"):
        run_night(poisoned, LAST_NIGHT + timedelta(days=1))
    assert files_of(copy.home / "current") == files
    assert difference(fingerprint(copy, ["published"]), published) == []


def _deliver_poison(source: Path, target: Path) -> None:
    """The last three nights' orders once more under new numbers, prices times a thousand."""
    tomorrow = LAST_NIGHT + timedelta(days=1)
    folder = target / "house" / tomorrow.isoformat()
    folder.mkdir(parents=True)
    for feed in ("orders", "order_lines"):
        nights = [source / "house" / (LAST_NIGHT - timedelta(days=n)).isoformat() for n in range(9)]
        frame = pd.concat([pd.read_csv(n / f"{feed}.csv", dtype=str) for n in nights])
        frame = frame.drop_duplicates(["order_id", *(["line_no"] if "line_no" in frame else [])])
        frame["order_id"] = "N" + frame["order_id"]
        if "unit_price" in frame:
            prices = pd.to_numeric(frame["unit_price"], errors="coerce") * 1000
            frame["unit_price"] = prices.map("{:.2f}".format)
        frame.to_csv(folder / f"{feed}.csv", index=False)


def test_a_night_before_the_published_one_is_refused(company: Settings) -> None:
    with pytest.raises(NightRefused, match="regulars rebuild --as-of"):
        run_step("transform", BEFORE, company)


@pytest.mark.parametrize("step", [s for s in STEPS if STEPS[s].needs_tables])
def test_a_step_refuses_the_tables_of_another_night(company: Settings, step: str) -> None:
    """Between two steps the lock is free: a backfill may have built its own night meanwhile."""
    before = _decisions(company)
    with pytest.raises(TransformError, match=f"The tables hold the night of {LAST_NIGHT}"):
        run_step(step, LAST_NIGHT + timedelta(days=1), company)
    assert _decisions(company) == before


def _decisions(settings: Settings) -> list[tuple[str, int]]:
    tables = ("parameters", "champions", "list_members", "publications")
    with warehouse.connect(settings, "admin") as connection:
        return [
            (
                table,
                connection.execute(f"select count(*) from decisions.{table}".encode()).fetchone()[
                    0
                ],
            )
            for table in tables
        ]


def test_two_nights_at_once_are_refused(copy: Settings) -> None:
    with only_one(copy), pytest.raises(NightRefused, match="at work"):
        run_step("transform", LAST_NIGHT, replace(copy, lock_timeout_seconds=1))


def test_the_link_to_the_live_generation_is_repaired(copy: Settings) -> None:
    (copy.home / "current").unlink()
    assert link_current(copy) == copy.generations / "2"
    assert (copy.home / "current" / "report.html").exists()


def test_an_analyst_reads_what_a_column_means_in_the_database(company: Settings) -> None:
    with warehouse.connect(company, "analyst") as connection:
        silent = connection.execute(
            """
            select c.table_name || '.' || c.column_name
            from information_schema.columns as c
            where c.table_schema = 'published'
                and col_description(
                    format('published.%I', c.table_name)::regclass, c.ordinal_position
                ) is null
            order by 1
            """
        ).fetchall()
    assert silent == []


def test_an_analyst_reads_what_a_table_is_in_the_database(company: Settings) -> None:
    with warehouse.connect(company, "analyst") as connection:
        silent = connection.execute(
            """
            select c.relname
            from pg_class as c
            where c.relnamespace = 'published'::regnamespace and c.relkind in ('r', 'v')
                and obj_description(c.oid, 'pg_class') is null
            order by 1
            """
        ).fetchall()
    assert silent == []


def test_the_report_leads_to_what_every_table_and_column_means(company: Settings) -> None:
    current = company.home / "current"
    assert 'href="dbt_docs.html"' in (current / "report.html").read_text(encoding="utf-8")
    page = (current / "dbt_docs.html").read_text(encoding="utf-8")
    with warehouse.connect(company, "analyst") as connection:
        ((comment,),) = connection.execute(
            "select obj_description('published.customer_ownership'::regclass)"
        ).fetchall()
    assert comment[:60] in page
    assert "INLINE DATA" not in page
    assert str(PROJECT) not in page, "a folder of this machine"
    assert "getdbt.com/" not in page.partition('{"child_map"')[0]


def test_decisions_cannot_be_changed(company: Settings) -> None:
    with (
        warehouse.connect(company, "transformer") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("update decisions.episodes set arm = 'treat'")
