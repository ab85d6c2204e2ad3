"""Nightly runs, a backfill and a backup that begin at the same moment, end to end."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from regulars import warehouse
from regulars.backup.restore import restore
from regulars.settings import Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone, difference, files_of, fingerprint
from tests.faults.quiet import Quiet
from tests.server import drop_database

# Costs four minutes: three nights and a restore.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]
DAY = LAST_NIGHT.isoformat()
AT_ONCE = (
    ("night", "--as-of", DAY),
    ("night", "--as-of", DAY),
    ("backfill", "--from", DAY, "--to", DAY),
    ("warehouse", "backup"),
)
# What a run may say that had to give way. Anything else is a fault.
GIVES_WAY = ("Another night is at work", "is published;", "another night")
BUILT = ("marts", "scores", "lists", "published", "pii", "intermediate", "staging", "raw")


def test_nights_that_begin_together_give_way_or_agree(quiet: Quiet, tmp_path: Path) -> None:
    settings = clone(quiet.before, parsed.COPY, tmp_path / "home")
    try:
        ended = _all_at_once(settings, tmp_path)
        assert 0 in {code for code, _ in ended}
        for code, said in ended:
            assert code == 0 or any(words in said for words in GIVES_WAY), said
            assert "Traceback" not in said
        assert difference(fingerprint(settings, BUILT), _of(quiet, BUILT)) == []
        assert files_of(settings.home / "current") == quiet.files
        assert _generations(settings) == [1, 2]
        _assert_whole(next((settings.home / "backups").glob("*.tar")), settings, quiet)
    finally:
        drop_database(settings)


def _assert_whole(backup: Path, settings: Settings, quiet: Quiet) -> None:
    """What was taken between two steps of a night is one night or the other, with its files."""
    restored = replace(settings, database="restored", home=settings.home.parent / "restored")
    try:
        restore(restored, backup)
        tables = fingerprint(restored, ("published",))
        found = (tables, files_of(restored.home / "current"))
        before = (
            fingerprint(quiet.before, ("published",)),
            files_of(quiet.before.home / "current"),
        )
        assert found in (before, (_of(quiet, ("published",)), quiet.files))
    finally:
        drop_database(restored)


def _all_at_once(settings: Settings, folder: Path) -> list[tuple[int, str]]:
    """(exit code, words) of each command; they wait for each other at the lock of the steps."""
    environment = {**os.environ, **settings.to_env(), "REGULARS_LOCK_TIMEOUT_SECONDS": "600"}
    command = str(Path(sys.executable).with_name("regulars"))
    logs = [folder / f"{number}.log" for number in range(len(AT_ONCE))]
    started = [
        subprocess.Popen(
            [command, *arguments],
            env=environment,
            stdout=log.open("w"),
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        for arguments, log in zip(AT_ONCE, logs, strict=True)
    ]
    return [(one.wait(), log.read_text()) for one, log in zip(started, logs, strict=True)]


def _of(quiet: Quiet, schemas: tuple[str, ...]) -> dict[str, str]:
    return {name: md5 for name, md5 in quiet.tables.items() if name.split(".")[0] in schemas}


def _generations(settings: Settings) -> list[int]:
    with warehouse.connect(settings, "admin") as connection:
        rows = connection.execute("select generation from published.generation order by 1")
        return [number for (number,) in rows]
