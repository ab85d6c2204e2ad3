"""The embedded server: started, stopped, found again, asked for a password; and one by URL."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from regulars import warehouse
from regulars.feeds import raw_tables
from regulars.settings import PROJECT, Settings
from regulars.warehouse import embedded

ANALYSTS = 61234  # a group of people


@pytest.fixture(scope="module")
def own() -> Iterator[Settings]:
    """A server of this module's own, to stop and break."""
    home = Path(tempfile.mkdtemp(prefix="regulars-server-"))
    settings = Settings(project=PROJECT, home=home, landing=home / "landing")
    raw_tables.migrate(settings)
    yield settings
    warehouse.stop(settings)
    shutil.rmtree(home)


def test_a_stopped_server_comes_back_on_its_port_with_its_data(own: Settings) -> None:
    port = embedded.port(own)
    warehouse.stop(own)
    assert not embedded.is_running(own)
    with warehouse.connect(own, "loader") as connection:
        assert connection.execute("select count(*) from raw.deliveries").fetchone() == (0,)
    assert embedded.port(own) == port


def test_a_server_that_does_not_answer_is_no_first_night(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise psycopg.OperationalError("connection refused")

    monkeypatch.setattr(psycopg, "connect", refuses)
    with pytest.raises(warehouse.WarehouseError, match=r"^Cannot connect .* `regulars doctor`"):
        warehouse.connect(own, "loader")


def test_a_set_up_that_was_killed_is_done_again() -> None:
    home = Path(tempfile.mkdtemp(prefix="regulars-server-"))
    settings = Settings(project=PROJECT, home=home, landing=home / "landing")
    (settings.server_folder / "data" / "base").mkdir(parents=True)
    try:
        warehouse.start(settings)
        assert embedded.is_running(settings)
    finally:
        warehouse.stop(settings)
        shutil.rmtree(home)


@pytest.mark.skipif(os.geteuid() != 0, reason="folders are opened to the server's user by root")
@pytest.mark.parametrize(
    ("mode", "analysts", "opened"),
    [(0o750, True, 0o751), (0o700, False, 0o710), (0o755, True, 0o755)],
)
def test_a_folder_that_a_group_may_enter_stays_that_groups(
    tmp_path: Path, mode: int, analysts: bool, opened: int
) -> None:
    home = tmp_path / "home"
    settings = Settings(project=PROJECT, home=home, landing=home / "landing")
    settings.server_folder.mkdir(parents=True)
    os.chown(home, -1, ANALYSTS)
    home.chmod(mode)
    for _ in range(2):
        embedded._open_the_way(settings, settings.server_folder / "data")
        assert stat.S_IMODE(home.stat().st_mode) == opened
        assert (home.stat().st_gid == ANALYSTS) is analysts


def test_a_pid_file_left_by_a_crash_is_not_a_running_server(own: Settings, tmp_path: Path) -> None:
    dead = replace(own, server=tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "postmaster.pid").write_text("1\n")
    (tmp_path / "port").write_text("1")
    assert not embedded.is_running(dead)


def test_nobody_gets_in_without_a_password(own: Settings) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(
            host="127.0.0.1", port=embedded.port(own), user="postgres", dbname="postgres"
        )


def test_a_server_named_by_url_serves_every_role_and_keeps_its_options(own: Settings) -> None:
    address = warehouse.url(own, "admin") + "?sslmode=disable&connect_timeout=7"
    given = replace(own, warehouse_url=address, server=own.server_folder)
    assert raw_tables.migrate(given)["feeds"] > 0
    for role in ("loader", "transformer", "analyst", "marketing", "eraser"):
        assert "connect_timeout=7" in warehouse.url(given, role)
        with warehouse.connect(given, role) as connection:
            assert connection.info.dbname == own.database


def test_a_migration_hands_the_database_over_to_who_is_no_superuser(own: Settings) -> None:
    superuser = warehouse.url(own, "admin")
    given = replace(
        own, warehouse_url=superuser, server=own.server_folder, administrator_password="pw"
    )
    raw_tables.migrate(given)
    place = superuser.rpartition("@")[2]
    handed = replace(given, warehouse_url=f"postgresql://regulars_admin:pw@{place}")
    with warehouse.connect(handed, "admin") as connection:
        assert connection.info.parameter_status("is_superuser") == "off"
    for _ in range(2):  # what every night does first
        assert raw_tables.migrate(handed)["feeds"] > 0
    raw_tables.migrate(given)  # and the next version's migration
    for role in ("loader", "transformer", "analyst", "marketing", "eraser"):
        with warehouse.connect(handed, role, autocommit=True) as connection:
            row = connection.execute("show temp_file_limit").fetchone()
            assert row is not None
            assert row[0] != "-1"


def test_a_socket_folder_in_the_url_reaches_every_role(own: Settings) -> None:
    given = replace(own, warehouse_url="postgresql://me:pw@/regulars?host=/run/postgresql")
    parts = psycopg.conninfo.conninfo_to_dict(warehouse.url(given, "analyst"))
    assert (parts["host"], parts["user"], parts["dbname"]) == (
        "/run/postgresql",
        "analyst",
        "regulars",
    )
