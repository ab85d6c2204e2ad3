"""What the lists really sent: read from the night's files, remembered in a log beside the truth."""

from __future__ import annotations

import csv
import hashlib
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

# Whoever is on a list of another class is advertised to by others, or left in peace.
CONTACTED_CLASSES = {"marketing", "service"}


class ListsUnreadable(RuntimeError):
    """The night's list files are not what their manifest says."""


@dataclass(frozen=True)
class Sent:
    """One entry per person and list: code of the list (into lists), customer, night of the lists,
    and whether somebody calls instead of writing.

    Nights are 0-based from the company's first; the contact is made on the day after.
    """

    lists: tuple[str, ...]
    list_code: np.ndarray
    customer: np.ndarray
    night: np.ndarray
    is_call: np.ndarray

    @classmethod
    def of(cls, rows: Iterable[tuple[str, int, int, bool]]) -> Sent:
        """From (list code, customer, night, is a call), in any order, each once."""
        entries = sorted(set(rows))
        lists = tuple(sorted({code for code, *_ in entries}))
        place = {code: i for i, code in enumerate(lists)}
        columns = [(place[code], who, night, call) for code, who, night, call in entries]
        lists_, customer, night, call = np.array(columns, dtype=np.int64).reshape(-1, 4).T
        return cls(lists, lists_, customer, night, call.astype(bool))

    @property
    def list_key(self) -> np.ndarray:
        """A number for each entry's list that stays when other lists come up."""
        keys = np.array([key_of(code) for code in self.lists], dtype=np.int64)
        return keys[self.list_code]


def key_of(list_code: str) -> int:
    """A number for a list, the same everywhere."""
    return zlib.crc32(list_code.encode())


def read_lists(folder: Path) -> tuple[date, list[tuple[str, str, bool]]]:
    """(as_of, (list code, customer_id, is a call) of everybody in a file) of one night's lists.

    Only who stands in the file of a list that contacts people is contacted: hold-outs and rejected
    rows are in none. Raises ListsUnreadable when a file is missing or is not the one that the
    manifest describes.
    """
    manifest = json.loads(_content(folder / "manifest.json"))
    contacts: list[tuple[str, str, bool]] = []
    for entry in manifest["lists"]:
        path = folder / entry["file"]["name"]
        content = _content(path)
        if hashlib.sha256(content).hexdigest() != entry["file"]["sha256"]:
            raise ListsUnreadable(f"{path} is not the file that its manifest describes.")
        if entry["list_class"] not in CONTACTED_CLASSES:
            continue
        is_call = entry["list_class"] == "service"
        rows = csv.DictReader(content.decode().splitlines())
        contacts += [(entry["list_code"], row["customer_id"], is_call) for row in rows]
    return date.fromisoformat(manifest["as_of"]), contacts


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ListsUnreadable(f"{path} is missing: run the night first.") from None


def customer_place(customer_id: str) -> int:
    """Place of C0000042 among the company's people, 41; -1 for an id the company never gave."""
    number = customer_id.removeprefix("C")
    return int(number) - 1 if number.isascii() and number.isdigit() else -1
