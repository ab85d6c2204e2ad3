"""Who was erased, beside the database: keyed hashes of ids, so that a restore of an older backup
can repeat it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from regulars.settings import Settings

FILE = "erased.jsonl"  # in the state folder; keep it with backups that are kept elsewhere


@dataclass(frozen=True)
class ErasedId:
    """An id of somebody who was erased, hashed under the warehouse's key; as_of is a date."""

    keyed_hash: str
    as_of: str
    by: str


def remember(settings: Settings, ids: Iterable[ErasedId]) -> None:
    """Add to the list; one that stands there twice counts once. What a kill left of a line is
    ended first."""
    path = settings.home / FILE
    before = path.read_bytes() if path.is_file() else b""
    is_cut = bool(before) and not before.endswith(b"\n")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
        stream.write("\n" if is_cut else "")
        stream.writelines(json.dumps(asdict(erased)) + "\n" for erased in ids)
        stream.flush()
        os.fsync(descriptor)


def remembered(settings: Settings) -> list[ErasedId]:
    """The list; empty where nobody was erased. A line that a kill cut names nobody: the erasure
    that was writing it had not begun, and writes it again."""
    path = settings.home / FILE
    if not path.is_file():
        return []
    return [erased for line in path.read_bytes().splitlines() if (erased := _read(line))]


def _read(line: bytes) -> ErasedId | None:
    try:
        return ErasedId(**json.loads(line))
    except (ValueError, TypeError):
        return None
