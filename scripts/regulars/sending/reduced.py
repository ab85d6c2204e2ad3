"""What goes out of one list to one target: the published files without those who are left out,
and a manifest that names their generation.

A published generation never changes: files are copied, row by row, into a folder of their own.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from regulars import failpoints
from regulars.lists.files import describe, write_text
from regulars.lists.lists_manifest import FileEntry
from regulars.phrases import say
from regulars.private_files import make_folder, open_text
from regulars.sending import listed_people
from regulars.sending.generation_to_send import Live, SendingRefused
from regulars.targets.declaration import Target
from regulars.targets.validator import faults_of


@dataclass(frozen=True)
class Package:
    """Files that go out together, and their manifest, whose arrival says that all have arrived.

    left_out  people of the published files who are not in these
    withheld  why nothing goes out; null where something does
    """

    list_code: str
    name: str
    folder: Path
    files: tuple[FileEntry, ...]
    left_out: int
    withheld: str | None

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def manifest(self) -> Path:
        return self.folder / f"{self.name}.manifest.json"


def pack(
    published: Live,
    as_of: date,
    entry: Mapping[str, Any],
    target: Target,
    left_out: set[str],
    scratch: Path,
) -> Package:
    """Write the files of one list for one target, and their manifest, to scratch.

    Raises SendingRefused when the published files are not as they were published.
    """
    sent = next(sent_to for sent_to in entry["targets"] if sent_to["target"] == target.code)
    name, folder = str(sent["file_name"]), make_folder(scratch / target.code)
    code = str(entry["list_code"])
    why = sent["withheld"] or _why_not(published, entry, sent, as_of)
    if why:
        return Package(code, name, folder, (), 0, why)
    _check_files(published, [entry["file"], entry["rejected"], sent["rejected"], *sent["files"]])
    is_whole = not left_out
    files = tuple(
        _copied(published, sent, folder)
        if is_whole
        else _reduced(published, entry, sent, target, left_out, folder)
    )
    package = Package(code, name, folder, files, _rows(sent) - sum(f.rows for f in files), None)
    why = None if is_whole else _why_withheld(package, target, sent)
    if why:
        return Package(code, name, folder, (), package.left_out, why)
    write_text(package.manifest, _manifest(published, as_of, sent, package))
    failpoints.hit("deliver:reduced")
    return package


def _why_not(
    published: Live, entry: Mapping[str, Any], sent: Mapping[str, Any], as_of: date
) -> str | None:
    if why := why_stale(published, entry, as_of):
        return why
    return None if _rows(sent) else say("nobody is on it")


def why_stale(published: Live, entry: Mapping[str, Any], as_of: date) -> str | None:
    """A list is good for some days; later it says what is no longer so."""
    path = published.folder / entry["file"]["name"]
    if not path.is_file():
        return say("its files are kept no longer")
    with path.open(encoding="utf-8", newline="") as stream:
        until = max((row["valid_until"] for row in csv.DictReader(stream)), default=None)
    return say("valid until {day} only", day=until) if until and until < as_of.isoformat() else None


def _check_files(published: Live, entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        path = published.folder / entry["name"]
        if not path.is_file() or describe(path, entry["rows"]).sha256 != entry["sha256"]:
            raise SendingRefused(
                f"{entry['name']} of generation {published.generation} is not as it was published:"
                " nothing of it is delivered. Run the night again."
            )


def _rows(sent: Mapping[str, Any]) -> int:
    return sum(file["rows"] for file in sent["files"])


def _copied(published: Live, sent: Mapping[str, Any], folder: Path) -> Iterator[FileEntry]:
    for file in sent["files"]:
        path = folder / Path(file["name"]).name
        shutil.copyfile(published.folder / file["name"], path)
        yield describe(path, file["rows"])


def _reduced(
    published: Live,
    entry: Mapping[str, Any],
    sent: Mapping[str, Any],
    target: Target,
    left_out: set[str],
    folder: Path,
) -> Iterator[FileEntry]:
    """Every byte of the rows that stay is as it was published."""
    ids = listed_people.of_rows(published.folder, entry, sent, target)
    for file in sent["files"]:
        path = folder / Path(file["name"]).name
        with (
            open_text(path) as out,
            (published.folder / file["name"]).open(encoding="utf-8", newline="") as stream,
        ):
            rows = _records(stream, target.file.delimiter)
            out.write(next(rows))
            kept = 0
            for record in rows:
                customer_id = next(ids, None)
                if customer_id is None:
                    raise _astray(published, sent)
                if customer_id not in left_out:
                    out.write(record)
                    kept += 1
        yield describe(path, kept)
    if next(ids, None) is not None:
        raise _astray(published, sent)


def _astray(published: Live, sent: Mapping[str, Any]) -> SendingRefused:
    return SendingRefused(
        f"{sent['target']}/{sent['file_name']} of generation {published.generation} has other rows"
        " than its list: nobody can tell whose they are. Run the night again."
    )


def _records(stream: Any, delimiter: str) -> Iterator[str]:
    """The records of a CSV as they are written, line breaks in quotes included."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in stream:
            taken.append(line)
            yield line

    for _ in csv.reader(lines(), delimiter=delimiter, strict=True):
        yield "".join(taken)
        taken.clear()


def _why_withheld(package: Package, target: Target, sent: Mapping[str, Any]) -> str | None:
    if not package.rows:
        return say("nobody is left")
    if package.rows < target.file.at_least:
        return say(
            "{target} takes no fewer than {least} people; {rows} are left",
            target=target.name,
            least=target.file.at_least,
            rows=package.rows,
        )
    paths = [package.folder / file.name for file in package.files]
    return "; ".join(faults_of(target, paths, sent["asked"])) or None


def _manifest(published: Live, as_of: date, sent: Mapping[str, Any], package: Package) -> str:
    """Says nothing that the target may not know: an advertising file is named neutrally."""
    content = {
        "generation": published.generation,
        "as_of": published.as_of.isoformat(),
        "run_id": published.run_id,
        "noes_known_on": as_of.isoformat(),
        "name": package.name,
        "columns": sent["columns"],
        "consents": sent["consents"],
        "rows": package.rows,
        "left_out": package.left_out,
        "files": [asdict(file) for file in package.files],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
