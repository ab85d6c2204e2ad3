"""A person who stands in every feed, under words that nothing else contains."""

from __future__ import annotations

import csv
import gzip
import io
import json
import mmap
import os
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from regulars.feeds import declarations
from regulars.feeds.model import Column, Feed
from regulars.settings import PROJECT

ID, OLD_ID = "QCanary-77", "QCanary-OLD"
STALE_ID = "Stale-77"  # not one of the words: nobody knows whose it was
EMAIL, PHONE = "Quelle.Canary@mailbox.example", "+31 20 555 0177"
NORMAL_PHONE = "+31205550177"
NAME = "Quellecanary"
REQUEST = "REQ-QC-1"
WORDS = (ID, OLD_ID, EMAIL, PHONE, NORMAL_PHONE, NAME)
PERSONAL = {"email": EMAIL, "phone": PHONE, "name": NAME, "free_text": f"{NAME} says hello"}


def plant(landing: Path, night: date) -> list[str]:
    """Add rows of theirs to every feed that says whose a row is, and what hangs on an order of
    theirs; returns the feeds. One line of theirs cannot be read, and one file is packed."""
    feeds = declarations.load(PROJECT / "dbt_project", ("house",))
    planted = []
    for feed in feeds:
        if feed.customer_columns or feed.name in ("order_lines", "refunds"):
            _append(landing, feed, night)
            planted.append(feed.table)
    with _file(landing, feeds_named(feeds, "consents"), night).open("a") as stream:
        stream.write(f"{ID},email,marketing,false,the day before {EMAIL},shop\n")
    packed = _file(landing, feeds_named(feeds, "loyalty"), night)
    packed.with_name(packed.name + ".gz").write_bytes(gzip.compress(packed.read_bytes()))
    packed.unlink()
    return planted


def plant_in_tools(landing: Path, systems: tuple[str, ...], night: date) -> dict[str, int]:
    """The same in files of other systems: a row under their id, one by their address alone where a
    tool may know no more, and one under an id that nobody has. Returns feed -> rows."""
    planted = {}
    for feed in declarations.load(PROJECT / "dbt_project", systems):
        if feed.customer_columns or feed.address_columns:
            file = _file(landing, feed, night)
            file.parent.mkdir(parents=True, exist_ok=True)
            named = _row(feed, night)
            unnamed = named | {column.header: "" for column in feed.customer_columns}
            stale = named | {column.header: STALE_ID for column in feed.customer_columns}
            rows = [named, unnamed] if feed.address_columns else [named]
            rows += [stale] if feed.is_of_a_tool else []
            file.write_text(_as_json(rows) if feed.delivery.format == "jsonl" else _as_csv(rows))
            planted[feed.table] = len(rows)
    return planted


def _row(feed: Feed, night: date) -> dict[str, str]:
    return {column.header: _value(feed, column, "", night) for column in feed.columns}


def _as_json(rows: list[dict[str, str]]) -> str:
    return "".join(json.dumps({n: v or None for n, v in row.items()}) + "\n" for row in rows)


def _as_csv(rows: list[dict[str, str]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def feeds_named(feeds: tuple[Feed, ...], name: str) -> Feed:
    return next(feed for feed in feeds if feed.name == name)


def files_naming(folder: Path, words: tuple[str, ...] = WORDS) -> list[str]:
    """Files below a folder in whose bytes one of the words stands, in any case."""
    pattern = re.compile("|".join(re.escape(word) for word in words).encode(), re.IGNORECASE)
    return sorted(
        str(file.relative_to(folder)) for file in _files(folder) if _contains(file, pattern)
    )


def _files(folder: Path) -> Iterator[Path]:
    for above, _, names in os.walk(folder):
        for name in names:
            file = Path(above, name)
            if file.is_file() and not file.is_symlink() and file.stat().st_size:
                yield file


def _contains(file: Path, pattern: re.Pattern[bytes]) -> bool:
    if file.suffix == ".gz":
        return pattern.search(gzip.decompress(file.read_bytes())) is not None
    if file.suffix == ".zip":
        with zipfile.ZipFile(file) as archive:
            return any(pattern.search(archive.read(name)) for name in archive.namelist())
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as m:
        return pattern.search(m) is not None  # type: ignore[arg-type]


def _file(landing: Path, feed: Feed, night: date) -> Path:
    path = feed.delivery.path.replace("{delivered_on}", night.isoformat())
    return landing / feed.system / path.replace("{.revision}", "")


def _append(landing: Path, feed: Feed, night: date) -> None:
    file = _file(landing, feed, night)
    header, template = _like(landing, feed)
    if not file.exists():
        file.write_text(",".join(header) + "\n")
    row = [
        _value(feed, feed_column(feed, name), old, night)
        for name, old in zip(header, template, strict=True)
    ]
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(row)
    with file.open("a") as stream:
        stream.write(buffer.getvalue())


def feed_column(feed: Feed, header: str) -> Column:
    return next(column for column in feed.columns if column.header == header)


def _like(landing: Path, feed: Feed) -> tuple[list[str], list[str]]:
    """Header, and a row of the feed to be like; nothing where it never had one."""
    name = feed.delivery.path.split("/")[-1].replace("{.revision}", "")
    header = [column.header for column in feed.columns]
    for file in sorted(landing.glob(f"{feed.system}/*/{name}"), reverse=True):
        rows = list(csv.reader(io.StringIO(file.read_text())))
        if len(rows) > 1:
            return rows[0], rows[-1]
        header = rows[0]
    return header, [""] * len(header)


def _value(feed: Feed, column: Column, old: str, night: date) -> str:
    if column.is_customer:
        return OLD_ID if column.name.startswith("old_") else ID
    if column.allowed:
        return old or column.allowed[0]
    if column.name == "order_id":
        return "QC-ORDER"
    if column.name in ("is_withdrawn", "is_granted", "is_merged", "is_staff"):
        return str(column.name in ("is_granted", "is_merged")).lower()
    if column.kind == "timestamptz" and (column.required or column.name == feed.delivery.version):
        return f"{night}T09:00:00+01:00"
    if column.name in feed.delivery.key and column.kind == "text":
        return REQUEST if feed.name == "erasure_requests" else f"QC-{feed.name}"
    if column.personal in PERSONAL:
        return PERSONAL[column.personal]
    if not old and column.required:
        return column.allowed[0] if column.allowed else "1"
    return old
