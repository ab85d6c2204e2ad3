"""What is kept for how long: each kind goes after its days, and nothing that a rebuild needs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from regulars import warehouse
from regulars.erasure.retention import sweep
from regulars.nights import leftovers
from regulars.nights.rebuild import rebuild
from regulars.nights.run import run_step
from regulars.settings import Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone
from tests.conftest import drop_database

OF_NOES = """
    from pii.quarantined_terms as t
    inner join raw.quarantine as q on t.delivery_id = q.delivery_id and t.line = q.line
    where q.feed in ('consents', 'campaign_contacts', 'deaths', 'erasure_requests')
"""
LINES = f"select distinct t.delivery_id, t.line {OF_NOES} order by 1, 2".encode()
KINDS_OF_NOES = f"select distinct t.kind {OF_NOES}".encode()
NOTHING = {"generations": None, "list_files": None, "quarantine": None, "landing": None}


@pytest.fixture(scope="module")
def old(company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("old")
    shutil.copytree(company.landing, folder / "landing")
    settings = replace(
        clone(company, "old", folder / "home"), landing=folder / "landing", retention_days=NOTHING
    )
    yield settings
    drop_database(settings)


def test_what_has_no_days_is_kept(old: Settings) -> None:
    assert sweep(old, LAST_NIGHT + timedelta(days=9_999)) == {}


def test_list_files_go_once_nobody_in_them_may_be_written_to_and_the_manifest_stays(
    old: Settings,
) -> None:
    settings = replace(old, retention_days={**NOTHING, "list_files": 30})
    lists = old.generations / "2" / "lists"
    assert sweep(settings, LAST_NIGHT + timedelta(days=20)) == {"list_files_swept": 0}
    assert list(lists.rglob("*.csv"))
    assert sweep(settings, LAST_NIGHT + timedelta(days=400))["list_files_swept"] > 3
    left = [file.read_text(encoding="utf-8") for file in lists.rglob("*.csv")]
    assert all(text.count("\n") <= 1 for text in left), "a file with people in it is left"
    assert (lists / "manifest.json").exists()


def test_the_raw_text_of_quarantine_goes_and_who_is_held_stays_held(old: Settings) -> None:
    settings = replace(old, retention_days={**NOTHING, "quarantine": 0})
    with warehouse.connect(old, "admin", autocommit=True) as connection:
        lines = connection.execute(LINES).fetchall()
        kept = connection.execute("select count(raw_text) from raw.quarantine").fetchone()
        # as of a line that came since the night looked
        connection.execute(
            "delete from pii.quarantined_terms where delivery_id ="
            " (select min(delivery_id) from raw.quarantine where raw_text is not null)"
        )
        swept = sweep(settings, LAST_NIGHT + timedelta(days=1))["raw_texts_swept"]
        rest = connection.execute("select count(raw_text) from raw.quarantine").fetchone()
        assert connection.execute(LINES).fetchall() == lines
        kinds = connection.execute(KINDS_OF_NOES).fetchall()
    assert kinds == [("keyed",)], "what stood in somebody's no can still be read"
    assert (kept, rest) == ((swept,), (0,))
    assert swept > 0


def test_of_a_line_that_forbids_nothing_ids_are_left_with_which_it_is_known_whom_it_is_about(
    old: Settings,
) -> None:
    with warehouse.connect(old, "admin") as connection:
        row = connection.execute(
            "select c.customer_id, o.order_id from raw.customers as c"
            " inner join raw.orders as o using (customer_id) limit 1"
        ).fetchone()
        assert row is not None
        text = f"{row[0].lower()},{row[1]},Quellecanary,Quelle.Canary@mailbox.example,+31205550177"
        connection.execute(
            "insert into raw.quarantine (delivery_id, feed, file, line, rule, reason, raw_text)"
            " select min(delivery_id), 'orders', 'x', 99999, 'type', 'x', %s from raw.deliveries",
            [text],
        )
    settings = replace(old, retention_days={**NOTHING, "quarantine": 0})
    assert sweep(settings, LAST_NIGHT + timedelta(days=1)) == {"raw_texts_swept": 1}
    with warehouse.connect(old, "admin") as connection:
        left = connection.execute(
            "select kind, term from pii.quarantined_terms where line = 99999"
            " and kind <> 'key' order by 1, 2"
        ).fetchall()
    assert left == [("cell", word) for word in sorted((row[0].lower(), row[1]))]


def test_old_generations_go_and_the_live_one_stays(old: Settings) -> None:
    settings = replace(old, retention_days={**NOTHING, "generations": 1})
    assert sweep(settings, LAST_NIGHT + timedelta(days=99)) == {"generations_swept": 1}
    assert sorted(path.name for path in old.generations.iterdir()) == ["2"]


def test_a_delivered_file_goes_once_all_of_it_is_in_the_warehouse(old: Settings) -> None:
    settings = replace(old, retention_days={**NOTHING, "landing": 30})
    last = LAST_NIGHT - timedelta(days=30)
    with warehouse.connect(old, "admin") as connection:
        rows = connection.execute(
            "select file from raw.quarantine where replayed_at is null"
            " union select path from raw.deliveries where status = 'refused'"
            " union select path from raw.deliveries where delivered_on >= %s",
            [last],
        )
        needed = {path for (path,) in rows}
    before = {str(file.relative_to(old.landing)) for file in old.landing.glob("house/*/*.csv*")}
    swept = sweep(settings, LAST_NIGHT)["landing_files_swept"]
    left = {str(file.relative_to(old.landing)) for file in old.landing.glob("house/*/*.csv*")}
    assert swept > 100
    assert before & needed <= left
    assert {path for path in left - needed if not path.endswith(".json")} == set()


def test_what_a_killed_run_left_is_gone_at_the_next_start(old: Settings, tmp_path: Path) -> None:
    for name in ("generations/.run.tmp", "backups/.backup-x", ".restore-y"):
        (old.home / name).mkdir(parents=True)
        (old.home / name / "half.csv").write_text("somebody@example.com")
    (old.landing / "house" / ".orders.csv.erasing.tmp").write_text("somebody@example.com")
    assert leftovers.sweep(old) == 4
    assert leftovers.sweep(old) == 0


@pytest.mark.slow  # half a minute: a night is rebuilt
@pytest.mark.timeout(0)
def test_a_night_is_rebuilt_byte_for_byte_after_all_that_has_days_was_swept(
    company: Settings, tmp_path: Path
) -> None:
    """By the night's last step, much later, with every kind past its days."""
    shutil.copytree(company.landing, tmp_path / "landing")
    settings = replace(
        clone(company, parsed.COPY, tmp_path / "home"),
        landing=tmp_path / "landing",
        retention_days=dict.fromkeys(NOTHING, 0),
    )
    try:
        swept = run_step("erase", LAST_NIGHT + timedelta(days=500), settings)
        kinds = ("generations_swept", "list_files_swept", "raw_texts_swept", "landing_files_swept")
        assert all(swept[kind] for kind in kinds), swept
        rebuilt = rebuild(settings, LAST_NIGHT, tmp_path / "out")
        assert (rebuilt["is_identical"], rebuilt["rows_from"]) == (True, "deliveries")
    finally:
        drop_database(settings)
