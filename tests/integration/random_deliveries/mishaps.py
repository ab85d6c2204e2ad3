"""What can happen to a delivery on its way, drawn at random."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

KINDS = ("dropped", "delayed", "cut", "short", "header_only", "renamed")
BAD_NIGHT = 0.6  # chance of a mishap to some feed of a night
HEALED = 0.8  # chance that the whole file comes after all, a night or two later


@dataclass(frozen=True)
class Mishap:
    """What happens to one file. healed_on: when the whole file comes after all, if ever."""

    feed: str
    day: date
    kind: str
    healed_on: date | None

    def is_felt_on(self, night: date) -> bool:
        """Whether the feed's word of that day is still lacking."""
        return self.day <= night and (self.healed_on is None or night < self.healed_on)

    @property
    def has_come(self) -> bool:
        """Whether a file was there on its day, in whatever state."""
        return self.kind not in ("dropped", "delayed")


def draw(random: Random, nights: list[date], feeds: dict[date, list[str]]) -> list[Mishap]:
    """Mishaps of these nights. feeds: what should be delivered on each."""
    found = []
    for day in nights:
        for feed in random.sample(feeds[day], 2):
            if random.random() < BAD_NIGHT / 2:
                found.append(_mishap(random, feed, day))
    return found


def _mishap(random: Random, feed: str, day: date) -> Mishap:
    kind = random.choice(KINDS)
    is_healed = kind == "delayed" or random.random() < HEALED
    healed_on = day + timedelta(days=random.choice((1, 1, 2))) if is_healed else None
    return Mishap(feed, day, kind, healed_on)


def damaged(
    random: Random, kind: str, content: bytes, guarding: set[str], *, must_have_rows: bool
) -> Iterator[tuple[str, bytes]]:
    """(ending of the name, content) of what lies there in the place of the file.

    guarding: the columns without which a file is refused; another one that comes under a new name
    is null and a warning. A header alone is believed where empty days occur, so there a manifest
    says better.
    """
    lines = content.splitlines(keepends=True)
    if len(lines) < 2:
        kind = "renamed"  # nothing to cut off
    if kind == "cut":
        yield "", _cut(random, lines)
    elif kind == "short":
        yield ".manifest.json", manifest(len(lines) - 1)
        yield "", b"".join(lines[: random.randrange(1, len(lines))])
    elif kind == "header_only":
        if not must_have_rows:
            yield ".manifest.json", manifest(len(lines) - 1)
        yield "", lines[0]
    elif kind == "renamed":
        yield "", _renamed(random, lines, guarding)


def _cut(random: Random, lines: list[bytes]) -> bytes:
    """Up to somewhere within a record."""
    last = random.randrange(1, len(lines))
    return b"".join(lines[:last]) + lines[last][: random.randrange(1, len(lines[last]))]


def whole(content: bytes) -> Iterator[tuple[str, bytes]]:
    """As it should be: a sender whose day was quiet counts its rows."""
    if content.count(b"\n") == 1:
        yield ".manifest.json", manifest(0)
    yield "", content


def _renamed(random: Random, lines: list[bytes], guarding: set[str]) -> bytes:
    names = next(csv.reader([lines[0].decode()]))
    lost = random.choice([place for place, name in enumerate(names) if name in guarding])
    names[lost] = "renamed"
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(names)
    return header.getvalue().encode() + b"".join(lines[1:])


def manifest(rows: int) -> bytes:
    return json.dumps({"rows": rows}).encode()
