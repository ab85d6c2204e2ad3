"""Bring a warehouse back from a backup; what was erased since is erased again."""

from __future__ import annotations

import json
import shutil
import tarfile
import tempfile
from pathlib import Path

from psycopg import sql

from regulars.backup.backup import DUMP, FACTS, FORM
from regulars.backup.client import BackupRefused, run
from regulars.erasure.again import erase_again
from regulars.erasure.erased_list import remembered
from regulars.feeds import raw_tables
from regulars.private_files import make_folder, make_missing
from regulars.publication.publish import link_current
from regulars.settings import Settings
from regulars.warehouse import connect, live_generation

OURS = """
    select nspname from pg_namespace
    where nspname not like 'pg%' and nspname not in ('information_schema', 'public')
    order by 1
"""


def restore(settings: Settings, file: Path) -> dict[str, object]:
    """Fill an empty warehouse from `file`. Returns the night and generation that are live again,
    and how many people were erased since the backup was made.

    Raises BackupRefused for a warehouse that has published: restore beside it, and compare;
    ErasedListDamaged where nobody can say who was erased since. One
    transaction: a restore that was killed leaves what was there, and may be run again.
    """
    raw_tables.migrate(settings)  # roles, and a database to look into
    _refuse_published(settings)
    remembered(settings)  # before anybody is back: whom it names must be known
    make_missing(settings.home)
    with tempfile.TemporaryDirectory(dir=settings.home, prefix=".restore-") as work:  # 0700
        facts = _unpack(file, Path(work))
        _drop_schemas(settings)
        run(
            settings,
            "pg_restore",
            ["--exit-on-error", "--single-transaction", str(Path(work) / DUMP)],
        )
        _put_generation(settings, Path(work), str(facts["generation"]))
    raw_tables.migrate(settings)  # what this version of the code adds
    erased = erase_again(settings)
    link_current(settings)
    return {"as_of": facts["as_of"], "generation": facts["generation"], "erased_again": erased}


def _refuse_published(settings: Settings) -> None:
    with connect(settings, "admin") as connection:
        live = live_generation(connection)
    if live:
        raise BackupRefused(
            f"This warehouse has published the night of {live.as_of}: a restore would undo what "
            "was sent since the backup. Restore into another database or state folder "
            "(REGULARS_DATABASE, REGULARS_HOME)."
        )


def _unpack(file: Path, work: Path) -> dict[str, object]:
    """Only what a backup holds, and never outside `work`."""
    try:
        with tarfile.open(file, "r") as archive:
            archive.extractall(work, filter="data")
        facts: dict[str, object] = json.loads((work / FACTS).read_text(encoding="utf-8"))
    except (tarfile.TarError, OSError, ValueError):
        raise BackupRefused(f"{file} is no backup of a warehouse, or not whole.") from None
    if facts.get("form") != FORM or not (work / DUMP).is_file():
        raise BackupRefused(f"{file} was made by another version: use that one to restore it.")
    return facts


def _drop_schemas(settings: Settings) -> None:
    """What the migration made is in the dump as well."""
    with connect(settings, "admin") as connection:
        for (name,) in connection.execute(OURS).fetchall():
            connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(name)))


def _put_generation(settings: Settings, work: Path, generation: str) -> None:
    source, target = work / "generations" / generation, settings.generations / generation
    if not source.is_dir():
        return
    make_folder(settings.generations)
    shutil.rmtree(target, ignore_errors=True)
    lists = source / "lists"
    for folder in (source, lists, *lists.rglob("*")):
        if folder.is_dir():
            make_folder(folder)  # unpacking made it as wide as the process's mask lets it be
    source.rename(target)
