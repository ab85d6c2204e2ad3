"""Who was erased, beside the database: keyed hashes of ids, so that a restore of an older backup
can repeat it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

from regulars.settings import Settings

BEGIN = b'{"keyed_hash": "'
FILE = "erased.jsonl"  # in the state folder; keep it with backups that are kept elsewhere


class ErasedListDamaged(RuntimeError):
    """A line of the list names somebody, and nobody can read whom; the message says which line."""


@dataclass(frozen=True)
class ErasedId:
    """An id of somebody who was erased, hashed under the warehouse's key; as_of is a date."""

    keyed_hash: str
    as_of: str
    by: str


def remember(settings: Settings, ids: Iterable[ErasedId]) -> None:
    """Add to the list; one that stands there twice counts once. What a kill left of a line goes
    first."""
    path = settings.home / FILE
    before = path.read_bytes() if path.is_file() else b""
    last = before[before.rfind(b"\n") + 1 :]
    if _is_cut(last):
        os.truncate(path, len(before) - len(last))
        last = b""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
        stream.write("\n" if last else "")
        stream.writelines(json.dumps(asdict(erased)) + "\n" for erased in ids)
        stream.flush()
        os.fsync(descriptor)


def remembered(settings: Settings) -> list[ErasedId]:
    """The list; empty where nobody was erased. What a kill left of the last line names nobody: the
    erasure that was writing it had not begun, and writes it again.

    Raises ErasedListDamaged for any other line that cannot be read.
    """
    path = settings.home / FILE
    if not path.is_file():
        return []
    *lines, last = path.read_bytes().split(b"\n")
    if last and not _is_cut(last):
        lines.append(last)
    return [_read(number, line) for number, line in enumerate(lines, start=1)]


def _is_cut(line: bytes) -> bool:
    """Whether it is the beginning of a record without its end."""
    begins = bool(line) and BEGIN[: len(line)] == line[: len(BEGIN)]
    return begins and not line.endswith(b"}")


def _read(number: int, line: bytes) -> ErasedId:
    try:
        erased = ErasedId(**json.loads(line))
        date.fromisoformat(erased.as_of)
    except (ValueError, TypeError):
        raise ErasedListDamaged(
            f"Line {number} of {FILE} cannot be read, so whom it names would not be erased again. "
            "Put a sound copy of the file there; if there is none, delete the line, and ask again "
            "for the erasures of that time."
        ) from None
    return erased
