"""Write a backup: the whole database as one snapshot, and the files of the live generation."""

from __future__ import annotations

import io
import json
import os
import tarfile
import tempfile
from pathlib import Path

from regulars.backup.client import BackupRefused, run
from regulars.private_files import make_missing
from regulars.settings import Settings
from regulars.warehouse import connect, live_generation

DUMP, FACTS = "database.dump", "backup.json"
FORM = 1  # of the file; a restore refuses one that it does not know


def backup(settings: Settings, file: Path | None = None) -> dict[str, object]:
    """Write the backup to `file`, or to the state folder under its night and generation.

    For its owner alone, and whole or not there. The caller holds the night lock, so that database
    and files are of one generation. Raises BackupRefused.
    """
    generation, as_of = _live(settings)
    target = file or settings.home / "backups" / f"regulars-{as_of}-{generation}.tar"
    make_missing(target.parent)
    facts = {"form": FORM, "generation": generation, "as_of": as_of, "database": settings.database}
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as work:  # 0700
        dump, packed = Path(work) / DUMP, Path(work) / "packed.tar"
        run(settings, "pg_dump", ["--format=custom", "--compress=6", f"--file={dump}"])
        descriptor = os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            _pack(settings, stream, dump, facts, generation)
            stream.flush()
            os.fsync(descriptor)
        packed.replace(target)
    return {**facts, "file": str(target), "bytes": target.stat().st_size}


def _pack(
    settings: Settings, stream: io.BufferedIOBase, dump: Path, facts: dict, generation: int
) -> None:
    with tarfile.open(fileobj=stream, mode="w") as archive:
        text = json.dumps(facts).encode()
        entry = tarfile.TarInfo(FACTS)
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
        archive.add(dump, DUMP)
        folder = settings.generations / str(generation)
        if folder.is_dir():
            archive.add(folder, f"generations/{generation}")


def _live(settings: Settings) -> tuple[int, str]:
    with connect(settings, "transformer") as connection:
        live = live_generation(connection)
    if live is None:
        raise BackupRefused(
            "No night is published yet: there is nothing that cannot be made again."
        )
    return live.generation, live.as_of.isoformat()
