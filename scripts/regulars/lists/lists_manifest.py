"""What lies in a generation's lists folder: one entry a list, with checksums."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from regulars.versions import of_libraries


@dataclass(frozen=True)
class FileEntry:
    """One file: name in the folder, data rows without the header, size and checksum."""

    name: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class TargetEntry:
    """One list for one target; names are relative to the folder of the lists.

    asked     columns beyond the target's own that the company asked for by name
    consents  granted by everybody in the file, where the target asks for any
    blanked   by heading, cells left empty because the tool would not have taken them
    withheld  why there is no file; null where there is one
    membership_days  after which the tool forgets them, unless a file has come since; 0: never
    """

    target: str
    target_name: str
    file_name: str
    columns: tuple[str, ...]
    asked: tuple[str, ...]
    consents: tuple[str, ...]
    files: tuple[FileEntry, ...]
    rejected: FileEntry
    blanked: Mapping[str, int]
    withheld: str | None
    membership_days: int = 0


@dataclass(frozen=True)
class ListEntry:
    """One list: its file, its rejected rows, which columns may stand in a message, and the files
    for targets in the company's order."""

    list_code: str
    list_version: int
    list_name: str
    list_class: str
    columns: tuple[str, ...]
    message_columns: tuple[str, ...]
    file: FileEntry
    rejected: FileEntry
    targets: tuple[TargetEntry, ...] = ()


def render(as_of: date, run_id: str, entries: list[ListEntry], withheld: Mapping[str, str]) -> str:
    """The manifest's text; equal entries give equal bytes. withheld: list -> why it has no file."""
    content = {
        "as_of": as_of.isoformat(),
        "run_id": run_id,
        "library_versions": of_libraries(),
        "lists": [asdict(entry) for entry in sorted(entries, key=lambda e: e.list_code)],
        "withheld": dict(sorted(withheld.items())),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
