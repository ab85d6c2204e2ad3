"""A backup: one file, from which a warehouse comes back as it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from psycopg import sql

from regulars import warehouse
from regulars.backup.backup import backup
from regulars.backup.client import BackupRefused
from regulars.backup.restore import restore
from regulars.erasure.erase import erase
from regulars.erasure.receipt import receipts
from regulars.nights.lock import only_one
from regulars.nights.run import run_night
from regulars.settings import Settings
from tests.canary import files_naming
from tests.company import LAST_NIGHT, clone, difference, files_of, fingerprint
from tests.conftest import drop_database

pytestmark = pytest.mark.nights


@dataclass(frozen=True)
class Restored:
    """The company, its backup, and what a restore made of that elsewhere."""

    file: Path
    settings: Settings


@pytest.fixture(scope="module")
def restored(company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restored]:
    folder = tmp_path_factory.mktemp("restored")
    file = folder / "backup.tar"
    with only_one(company):
        backup(company, file)
    settings = replace(company, database="restored", home=folder / "home")
    restore(settings, file)
    yield Restored(file, settings)
    drop_database(settings)


def test_a_restored_warehouse_equals_the_one_that_was_backed_up(
    company: Settings, restored: Restored
) -> None:
    assert difference(fingerprint(restored.settings), fingerprint(company)) == []
    assert files_of(restored.settings.home / "current") == files_of(company.home / "current")


def test_a_backup_is_one_file_for_its_owner_alone(restored: Restored) -> None:
    assert [path.name for path in restored.file.parent.iterdir() if path.is_file()] == [
        restored.file.name
    ]
    assert restored.file.stat().st_mode & 0o077 == 0


def test_a_warehouse_that_has_published_is_not_restored_over(restored: Restored) -> None:
    with pytest.raises(BackupRefused, match="has published the night"):
        restore(restored.settings, restored.file)


def test_a_file_that_is_no_backup_changes_nothing(make_settings: Callable, tmp_path: Path) -> None:
    settings = make_settings("no_backup")
    file = tmp_path / "notes.tar"
    file.write_text("no archive at all")
    try:
        with pytest.raises(BackupRefused, match="no backup of a warehouse"):
            restore(settings, file)
    finally:
        drop_database(settings)


def test_who_was_erased_since_the_backup_is_erased_again(
    company: Settings, restored: Restored, tmp_path: Path
) -> None:
    """The list of hashes beside the database says who."""
    erasing = replace(
        clone(company, "erased_since", tmp_path / "home"),
        landing=tmp_path / "landing",
        erasure_grace_days=0,
    )
    words = _words_of_who_asked(erasing)
    with only_one(erasing):
        people = erase(erasing, LAST_NIGHT)["people_erased"]
    again = replace(erasing, database="restored_since")
    result = restore(again, restored.file)
    try:
        assert people >= 1
        assert result["erased_again"] >= people
        assert {receipt.status for receipt in receipts(again)} == {"closed"}
        assert files_naming(again.home, words) == []
        assert _tables_naming(again, words) == []
        assert _tables_naming(company, words), "nobody was there to be erased"
    finally:
        drop_database(erasing)
        drop_database(again)


def _words_of_who_asked(settings: Settings) -> tuple[str, ...]:
    """Their ids, and their addresses as they were delivered."""
    with warehouse.connect(settings, "admin") as connection:
        rows = connection.execute(
            "select r.customer_id, c.email, c.phone from pii.standing_erasure_requests as r"
            " inner join raw.customers as c on c.customer_id = r.customer_id"
        ).fetchall()
    return tuple(sorted({word for row in rows for word in row if word}))


def _tables_naming(settings: Settings, words: tuple[str, ...]) -> list[str]:
    """Tables in a row of which one of the words stands; other people's shared numbers left out."""
    with warehouse.connect(settings, "admin") as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables where table_schema ="
            " any('{raw,pii,marts,lists,published,decisions}') and table_type = 'BASE TABLE'"
        ).fetchall()
        pattern = "|".join(f"\\m{re.escape(word)}\\M" for word in words if word[0].isalpha())
        return [
            f"{schema}.{table}"
            for schema, table in tables
            if connection.execute(
                sql.SQL("select 1 from {} as t where t::text ~ %s limit 1").format(
                    sql.Identifier(schema, table)
                ),
                [pattern],
            ).fetchone()
        ]


@pytest.mark.usefixtures("without_docs")
def test_a_restored_night_run_again_as_a_whole_changes_nothing(
    company: Settings, restored: Restored
) -> None:
    done = run_night(restored.settings, LAST_NIGHT)
    assert done["ingest_sales"]["loaded"] == done["ingest_service"]["loaded"] == 0
    assert done["publish"]["is_new"] is False
    assert difference(fingerprint(restored.settings), fingerprint(company)) == []
    assert files_of(restored.settings.home / "current") == files_of(company.home / "current")
