"""What a delivery is on its way into raw, stage by stage: read, identified, parsed, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from regulars.feeds.count import Survey
from regulars.feeds.discover import Arrival
from regulars.feeds.ledger import Place
from regulars.feeds.parser import Parser

UNPLACED = Place(0, 0)  # of files that were not read


@dataclass(frozen=True)
class Read:
    """Its bytes were read once. `ordinal` is its number within the batch."""

    ordinal: int
    arrival: Arrival
    survey: Survey


@dataclass(frozen=True)
class Identified:
    """Content that the ledger does not know, with its place among the deliveries of its day."""

    read: Read
    place: Place

    @property
    def ordinal(self) -> int:
        return self.read.ordinal

    @property
    def arrival(self) -> Arrival:
        return self.read.arrival


@dataclass(frozen=True)
class Repeated:
    """Content that the ledger knows (original None), or an earlier file of this batch has."""

    read: Read
    place: Place
    original: int | None = None


@dataclass(frozen=True)
class Parsed:
    """Its rows lie in the table of arriving rows."""

    identified: Identified
    parser: Parser

    @property
    def ordinal(self) -> int:
        return self.identified.ordinal

    @property
    def arrival(self) -> Arrival:
        return self.identified.arrival

    @property
    def records(self) -> int:
        return self.identified.read.survey.records


@dataclass(frozen=True)
class Checked:
    """Its bad rows are counted, by number of the fault, and few enough: it will be loaded.

    rows_erased    rows of people who were erased: neither loaded nor quarantined
    delivery_id    under which rows_straight of its rows are in raw already
    """

    parsed: Parsed
    faults: Mapping[int, int]
    rows_erased: int = 0
    delivery_id: int | None = None
    rows_straight: int = 0

    @property
    def ordinal(self) -> int:
        return self.parsed.ordinal

    @property
    def arrival(self) -> Arrival:
        return self.parsed.arrival

    @property
    def rows_quarantined(self) -> int:
        return sum(self.faults.values())


@dataclass(frozen=True)
class Refused:
    """Refused as a whole, and why. is_lasting: reading the same bytes again changes nothing."""

    ordinal: int
    arrival: Arrival
    reason: str
    sha256: str = ""
    place: Place = UNPLACED
    is_lasting: bool = True


@dataclass(frozen=True)
class Rewritten:
    """As an erasure left it: known, and no delivery."""

    ordinal: int
    arrival: Arrival


@dataclass(frozen=True)
class Changing:
    """Written to while it was read: left for the next run."""

    ordinal: int
