"""A person in the files of the state folder: list files are rewritten, what was never published and
backups are deleted; anything else that names them is counted and left to be told.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import mmap
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from regulars.erasure.delivered_lines import records_of
from regulars.erasure.person import Person
from regulars.erasure.possibly_named import Words, found, lowered
from regulars.erasure.receipt import Line
from regulars.erasure.together import Told
from regulars.feeds.streams import BLOCK
from regulars.lists.files import describe, write_text
from regulars.settings import Settings

BACKUPS = "backups"
PACKED = "deliveries"  # what is packed for a target or a download, by somebody at work or killed
LEFT = "left: they cannot be deleted"
NAMING = "files left that name them"
UNREADABLE = "files and folders left: they cannot be read"
FILES_LEFT = "files left: they cannot be read or rewritten"
MANIFESTS_LEFT = "manifests left: they cannot be read or rewritten"
GONE = "same address as somebody who was erased"
ABOUT_ANOTHER = re.compile('same address as customer ([^,"]+), who ranks higher')


def clean(settings: Settings, people: Mapping[int, Person], *, is_dry: bool) -> Iterator[Told]:
    """Yields what was done, and for whose erasure: each file is read once for all. Safe to repeat:
    what was cleaned names nobody any more."""
    if not people:
        return
    yield from _clean_lists(settings, people, is_dry=is_dry)
    delete = partial(_delete, people, is_dry=is_dry)
    unfinished = settings.generations.glob(".*.tmp")
    yield from delete("generations", "unfinished folders deleted", unfinished)
    lake = settings.lake.iterdir() if settings.lake.is_dir() else ()
    yield from delete("lake", "folders deleted", lake)
    packed = (settings.home / PACKED).glob("*")
    yield from delete("deliveries", "packed folders and files deleted", packed)
    backups = (path for path in (settings.home / BACKUPS).glob("*") if path.is_file())
    yield from delete("backups", "files deleted", backups)


def _clean_lists(
    settings: Settings, people: Mapping[int, Person], *, is_dry: bool
) -> Iterator[Told]:
    """One file that cannot be read or rewritten stands in nobody's way: it is left, and counted."""
    sought = Sought(people)
    left = 0
    for file in _list_files(settings):
        try:
            removed = _without(file, sought, is_dry=is_dry)
        except OSError:
            left += 1
            continue
        for one, rows in removed.items():
            yield one, Line("list files", "lines removed", rows)
    yield from _to_all(people, Line("list files", FILES_LEFT, left, is_left=True))
    if not is_dry:
        manifests = [file for file in _files(settings) if file.match("lists/manifest.json")]
        wrong = sum(not _is_corrected(file) for file in manifests)
        yield from _to_all(people, Line("list files", MANIFESTS_LEFT, wrong, is_left=True))


def _to_all(people: Mapping[int, Person], line: Line) -> Iterator[Told]:
    return ((one, line) for one in people)


def _is_corrected(manifest: Path) -> bool:
    """False for one that cannot be read: nobody knows what it says of which file."""
    try:
        _correct_manifest(manifest.parent)
    except (OSError, ValueError, LookupError, TypeError):
        return False
    return True


def _delete(
    people: Mapping[int, Person], place: str, what: str, paths: Iterable[Path], *, is_dry: bool
) -> Iterator[Told]:
    """Counts what is gone, or would be, for the first of them; and apart from it what is left, for
    all: another user's, or what somebody is writing to."""
    waiting = sorted(paths)
    left = 0 if is_dry else sum(not _is_gone(path) for path in waiting)
    yield next(iter(people)), Line(place, what, len(waiting) - left)
    if left:
        yield from _to_all(people, Line(place, LEFT, left, is_left=True))


def _is_gone(path: Path) -> bool:
    """Deletes as much of it as can be."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
    return not os.path.lexists(path)


def still_naming(settings: Settings, people: Mapping[int, Person]) -> dict[int, list[Line]]:
    """Files of the state folder whose text names each, the database's and the deliveries left out;
    each file is read once for all. A packed file (zip, gzip, Parquet) is not looked into: those
    that Regulars makes are deleted, or counted where they are left."""
    words = {one: lowered(person.telling_words, "utf-8") for one, person in people.items()}
    mentions = {
        one: re.compile(person.mention.pattern.encode(), re.IGNORECASE)
        for one, person in people.items()
    }
    errors: list[OSError] = []
    naming: Counter[int] = Counter()
    for file in _files(settings, errors.append):
        try:
            possible = _possible_in(file, words)
            naming.update(one for one in possible if _names(file, mentions[one]))
        except OSError as error:
            errors.append(error)
    # what went away meanwhile was a download that is done with
    unreadable = sum(not isinstance(error, FileNotFoundError) for error in errors)
    left = [Line("state folder", UNREADABLE, unreadable, is_left=True)] if unreadable else []
    return {one: [Line("state folder", NAMING, naming[one], is_left=True), *left] for one in people}


def _possible_in(file: Path, words: Words) -> set[int]:
    with file.open("rb") as stream:
        return found(iter(partial(stream.read, BLOCK), b""), words)


def _list_files(settings: Settings) -> list[Path]:
    """List files of every generation, and of nights that were rebuilt below the state folder."""
    return sorted(
        file
        for file in _files(settings)
        if file.suffix == ".csv" and "lists" in file.relative_to(settings.home).parts
    )


def _files(
    settings: Settings, on_unreadable: Callable[[OSError], object] | None = None
) -> Iterator[Path]:
    apart = {settings.server_folder, settings.landing}  # looked through by others
    for folder, folders, names in os.walk(settings.home, onerror=on_unreadable):
        folders[:] = [name for name in folders if Path(folder, name) not in apart]
        for name in names:
            file = Path(folder, name)
            if file.is_file() and not file.is_symlink():
                yield file


def _names(file: Path, pattern: re.Pattern[bytes]) -> bool:
    with file.open("rb") as stream:
        if os.fstat(stream.fileno()).st_size == 0:
            return False
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return pattern.search(content) is not None  # type: ignore[arg-type]


class Sought:
    """People who are looked for in list files, by every word that may stand there for them."""

    def __init__(self, people: Mapping[int, Person]) -> None:
        self.people = people
        self.hashes = {one: _hashes(person) for one, person in people.items()}
        self._words = {
            one: {
                written.lower()
                for word in person.ids | person.addresses | self.hashes[one]
                if word
                for written in (word, word.replace('"', '""'))  # a cell doubles a quotation mark
            }
            for one, person in people.items()
        }

    def possible_in(self, text: str, among: Iterable[int]) -> list[int]:
        """Whom a text may name: who has a word there, or anybody where words may be escaped."""
        if "\\" in text:
            return list(among)
        low = text.lower()
        return [one for one in among if any(word in low for word in self._words[one])]


def _without(file: Path, sought: Sought, *, is_dry: bool) -> Counter[int]:
    """Rewrite a list file without their rows, every other byte as it was; in rows of others,
    without their id: rejected ones, and those of who shares a household of theirs. Returns how many
    rows were whose; one of several, the first one's."""
    content = file.read_bytes().decode("utf-8", "surrogateescape")
    removed: Counter[int] = Counter()
    possible = sought.possible_in(content, sought.people)
    if not possible:
        return removed
    header, *records = ["\n".join(record) for record in records_of(content.split("\n"))]
    delimiter = max(",;\t|", key=header.count)
    names = _cells(header.lstrip("\ufeff").rstrip("\r"), delimiter)
    kept = [header]
    for record in records:
        about = record
        for one in sought.possible_in(record, possible):
            about = _without_id(about, names, delimiter, sought.people[one])
            if _is_theirs(about, names, delimiter, sought.people[one], sought.hashes[one]):
                removed[one] += 1
                break
        else:
            kept.append(about)
    if not is_dry and kept != [header, *records]:
        write_text(file, "\n".join(kept).encode("utf-8", "surrogateescape").decode())
    return removed


def _without_id(record: str, names: list[str], delimiter: str, person: Person) -> str:
    """The same where it names them only as whose address or household somebody else shares."""
    named = ABOUT_ANOTHER.search(record)
    if named and named[1] in person.ids:
        return record.replace(named[0], GONE)
    if not {"customer_id", "household_id"} <= set(names):
        return record
    cells = _cells(record, delimiter)
    row = dict(zip(names, cells, strict=False))
    if row.get("household_id") not in person.ids or row.get("customer_id") in (None, *person.ids):
        return record
    shared, own = (f"{delimiter}{row[name]}{delimiter}" for name in ("household_id", "customer_id"))
    return record.replace(shared, own, 1)


def _is_theirs(
    record: str, names: list[str], delimiter: str, person: Person, hashes: frozenset[str]
) -> bool:
    """By the column customer_id, where the file has one; by what stands in the row elsewhere, an
    address as a hash included, as ad platforms take it."""
    cells = _cells(record, delimiter)
    row = dict(zip(names, cells, strict=False))
    if row.get("customer_id") in person.ids:
        return True
    return person.is_named_in(record) or any(cell.lower() in hashes for cell in cells)


def _cells(record: str, delimiter: str) -> list[str]:
    """None of what is no record, such as a cell longer than any: its words are judged alone."""
    try:
        return next(csv.reader(io.StringIO(record), delimiter=delimiter), [])
    except csv.Error:
        return []


def _hashes(person: Person) -> frozenset[str]:
    """Their addresses as ad platforms ask for them: SHA-256 of each form of writing."""
    forms = set()
    for address in person.addresses:
        forms |= {address, address.lower(), re.sub(r"[^0-9+]", "", address)}
        forms.add(re.sub(r"[^0-9]", "", address))
    return frozenset(hashlib.sha256(form.encode()).hexdigest() for form in forms if form)


def _correct_manifest(folder: Path) -> None:
    """Rows, sizes and checksums of the files as they are now."""
    path = folder / "manifest.json"
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8")
    content = json.loads(text)
    for entry in (
        file_entry for list_entry in content["lists"] for file_entry in entries_of(list_entry)
    ):
        file = folder / entry["name"]
        if not file.is_file():
            continue  # swept: it was valid no longer
        lines = file.read_bytes().decode("utf-8", "surrogateescape").rstrip("\n").split("\n")
        described = describe(file, sum(1 for _ in records_of(lines)) - 1)
        entry.update(rows=described.rows, bytes=described.bytes, sha256=described.sha256)
    corrected = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    if corrected != text:
        write_text(path, corrected)


def names_of(folder: Path) -> list[str]:
    """Files of the lists in a folder by its manifest, relative to it; none without one."""
    path = folder / "manifest.json"
    lists = json.loads(path.read_text(encoding="utf-8"))["lists"] if path.is_file() else ()
    return [entry["name"] for one_list in lists for entry in entries_of(one_list)]


def entries_of(one_list: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What a manifest says of each file of a list, those for targets included."""
    yield from (one_list["file"], one_list["rejected"])
    for target in one_list.get("targets", ()):
        yield from (*target["files"], target["rejected"])
