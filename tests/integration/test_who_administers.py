"""What a night's services do as the administrator, done by the database's owner: no superuser. Only
a migration and a restore are a superuser's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from regulars import warehouse
from regulars.backup.backup import backup
from regulars.backup.restore import restore
from regulars.erasure.erase import erase
from regulars.erasure.receipt import receipts
from regulars.nights.lock import only_one
from regulars.nights.run import run_step
from regulars.settings import Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone, difference, fingerprint
from tests.server import drop_database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]
FIRST_STEP = "ingest_sales"  # it brings the schema up to date


@pytest.fixture
def superusers(company: Settings, tmp_path: Path) -> Iterator[Settings]:
    shutil.copytree(company.landing, tmp_path / "landing")
    copy = clone(company, parsed.COPY, tmp_path / "home")
    settings = replace(copy, landing=tmp_path / "landing", erasure_grace_days=0)
    yield replace(
        settings,
        warehouse_url=warehouse.url(settings, "admin"),
        server=settings.server_folder,
        administrator_password="pw",
    )
    drop_database(settings)


def _handed_over(superusers: Settings) -> Settings:
    run_step(FIRST_STEP, LAST_NIGHT, superusers)
    place = str(superusers.warehouse_url).rpartition("@")[2]
    return replace(superusers, warehouse_url=f"postgresql://regulars_admin:pw@{place}")


def test_nights_erasures_and_backups_need_no_superuser_nor_what_a_superuser_restored(
    superusers: Settings, tmp_path: Path
) -> None:
    owner = _handed_over(superusers)
    with warehouse.connect(owner, "admin") as connection:
        assert connection.info.parameter_status("is_superuser") == "off"
    run_step(FIRST_STEP, LAST_NIGHT, owner)
    run_step("publish", LAST_NIGHT, owner)
    tables = fingerprint(owner)
    with only_one(owner):
        backup(owner, tmp_path / "backup.tar")
        assert erase(owner, LAST_NIGHT)["people_erased"] >= 1
    assert {receipt.status for receipt in receipts(owner)} == {"closed"}
    restored = _in_database(superusers, "restored_by_superuser", tmp_path / "new")
    _make(superusers, "restored_by_superuser")
    try:
        restore(restored, tmp_path / "backup.tar")
        again = _in_database(owner, "restored_by_superuser", tmp_path / "new")
        assert difference(fingerprint(again), tables) == []
        for step in (FIRST_STEP, "ingest_service", "normalise_contacts"):
            run_step(step, LAST_NIGHT, again)
    finally:
        drop_database(replace(superusers, warehouse_url=None, database="restored_by_superuser"))


def _in_database(settings: Settings, database: str, home: Path) -> Settings:
    place = str(settings.warehouse_url).rpartition("/")[0]
    return replace(settings, home=home, warehouse_url=f"{place}/{database}")


def _make(superusers: Settings, database: str) -> None:
    with warehouse.connect(superusers, "admin", autocommit=True) as connection:
        connection.execute(f"create database {database}".encode())
