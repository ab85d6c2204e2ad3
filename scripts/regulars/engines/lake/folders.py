"""The lake's folders: its owner's alone, each file whole or not there at all.

sources/warehouse.txt                    of which warehouse all this is
sources/<schema>/<table>-<digest>/       what was mirrored, kept from night to night
<night>-<digest>/<layer>.json            which attempt at a layer succeeded, and what it built
<night>-<digest>/<layer>/<attempt>/      what one session wrote
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO

from regulars.engines.dbt_results import TransformError, with_advice
from regulars.night import Night
from regulars.private_files import make_missing, open_bytes
from regulars.settings import Settings

SOURCES = "sources"
OWNER = "warehouse.txt"
TRIED = ".tried"  # written to see whether anything can be
READ = "[!._]*"  # names of the files in a table's folder that engines read


def of_night(settings: Settings, night: Night) -> Path:
    """lake/<night>-<digest>: of what the night may see and of what it is built by."""
    seen = json.dumps([settings.engine, night.prefix, night.last_delivery_id])
    digest = hashlib.sha256(seen.encode()).hexdigest()[:12]
    return settings.lake.absolute() / f"{night.as_of}-{digest}"


def claim(lake: Path, warehouse: str) -> None:
    """Make a lake that is nobody's that of a warehouse. Raises TransformError where it cannot be
    written, and for another's, whose deliveries have the same numbers."""
    owner = lake / SOURCES / OWNER
    try:
        if not owner.exists():
            make_missing(owner.parent)
            write_whole(owner, warehouse)
        is_ours = owner.read_text() == warehouse
        if is_ours:
            write_whole(owner.with_name(TRIED), "")
    except OSError as error:
        raise TransformError(_not_written(lake, error)) from None
    if not is_ours:
        raise TransformError(
            f"The lake {lake} is that of another warehouse: give each one its own (REGULARS_LAKE). "
            "If this one was restored from that one's backup, delete the lake: it is written again."
        )


def _not_written(lake: Path, error: OSError) -> str:
    return with_advice(
        f"The lake {lake} cannot be written: {error.strerror} ({error.filename}). REGULARS_LAKE "
        "names a folder, or where one is to be made, that the account of the night may write to."
    )


@contextmanager
def whole_file(file: Path) -> Iterator[IO[bytes]]:
    """A stream for a file that appears under its name when all of it is on disk. Engines read a
    whole folder; a name that begins with a dot is none of theirs."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    with open_bytes(unfinished) as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(file)


def write_whole(file: Path, text: str) -> None:
    with whole_file(file) as stream:
        stream.write(text.encode())


def sweep(lake: Path, published: date | None) -> int:
    """Delete what nobody reads any more: nights but the published one, and unfinished files.

    The caller holds the night lock and has begun no layer. Returns how many went.
    """
    nights = [
        path
        for path in (lake.iterdir() if lake.is_dir() else ())
        if path.name != SOURCES and not path.name.startswith(f"{published}-")
    ]
    unfinished = list((lake / SOURCES).rglob(".*.unfinished"))
    for path in nights:
        shutil.rmtree(path)
    for path in unfinished:
        path.unlink()
    return len(nights) + len(unfinished)
