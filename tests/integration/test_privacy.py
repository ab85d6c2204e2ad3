"""Personal data lives in raw, in pii and in list files, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from psycopg import sql

from regulars import warehouse
from regulars.settings import Settings

ALLOWED_SCHEMAS = ("raw", "pii", "pg_catalog", "information_schema")


@pytest.fixture(scope="module")
def addresses(company: Settings) -> list[str]:
    """Every e-mail address and phone number that was delivered."""
    with warehouse.connect(company, "admin") as connection:
        rows = connection.execute("select original from pii.normal_forms").fetchall()
    assert len(rows) > 100
    return [original for (original,) in rows]


@pytest.fixture(scope="module")
def names(company: Settings) -> list[str]:
    """Family names of some customers, whose letters stand for nothing else."""
    with warehouse.connect(company, "admin") as connection:
        rows = connection.execute(
            "select distinct last_name from raw.customers"
            " where last_name ~ '^[[:alpha:]]{7,}$' order by 1"
        ).fetchall()
    assert len(rows) > 10
    return [name for (name,) in rows[:40]]


def test_no_table_outside_raw_and_pii_holds_an_address_or_a_name(
    company: Settings, addresses: list[str], names: list[str]
) -> None:
    """Of some people, each by e-mail address, telephone number and family name."""
    numbers = [one for one in addresses if "@" not in one]
    words = [*[one for one in addresses if "@" in one][:40], *numbers[:40], *names]
    assert len(words) > 80
    pattern = "|".join(re.escape(word) for word in words)
    leaks = []
    with warehouse.connect(company, "admin") as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema <> all(%s)",
            [list(ALLOWED_SCHEMAS)],
        ).fetchall()
        for schema, table in tables:
            found = connection.execute(
                sql.SQL("select count(*) from {} as t where t::text ~ %s").format(
                    sql.Identifier(schema, table)
                ),
                [pattern],
            ).fetchone()
            if found and found[0]:
                leaks.append(f"{schema}.{table}: {found[0]} rows")
    assert len(tables) > 40
    assert leaks == []


def test_no_file_but_a_list_holds_an_address_or_a_name(
    company: Settings, addresses: list[str], names: list[str]
) -> None:
    files = [path for path in company.home.rglob("*") if path.is_file() and not _may_hold(path)]
    assert {"report.html", "manifest.json"} <= {path.name for path in files}
    numbers = [one for one in addresses if "@" not in one][:40]
    words = {*addresses, *names}
    leaks = [
        str(path.relative_to(company.home))
        for path in files
        for text in [path.read_text(encoding="utf-8", errors="ignore")]
        if words & _words_of(text) or any(number in text for number in numbers)
    ]
    assert leaks == []


def test_what_holds_an_address_is_its_owners_alone_whatever_the_mask_of_the_process(
    company: Settings, addresses: list[str]
) -> None:
    """The company was built under a mask that closes nothing."""
    home = company.home
    holding = [file for file in home.rglob("*") if file.is_file() and _holds(file, addresses)]
    assert len(holding) > 5
    above = {folder for file in holding for folder in file.parents if folder.is_relative_to(home)}
    modes = {path: path.stat().st_mode & 0o777 for path in (*holding, *above)}
    wrong = {
        str(path): oct(mode)
        for path, mode in modes.items()
        if mode != (0o700 if path in above else 0o600)
    }
    assert wrong == {}


def test_passwords_and_the_databases_own_files_are_closed_to_everybody_else(
    company: Settings,
) -> None:
    server = company.server_folder
    assert server.stat().st_mode & 0o007 == 0
    assert (server / "data").stat().st_mode & 0o777 == 0o700
    assert (server / "credentials.json").stat().st_mode & 0o777 == 0o600


def _words_of(text: str) -> set[str]:
    return {word.strip(".'-") for word in re.findall(r"[\w.+'@-]+", text)}


def _holds(file: Path, addresses: list[str]) -> bool:
    return not _words_of(file.read_text(encoding="utf-8", errors="ignore")).isdisjoint(addresses)


def _may_hold(path: Path) -> bool:
    """Deliveries as they came, the simulator's own truth, and list files."""
    return bool({"landing", "truth", "lists"} & set(path.parts[-6:-1])) and path.suffix != ".json"
