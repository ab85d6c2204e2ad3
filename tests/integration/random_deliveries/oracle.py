"""Who may not be on a marketing file, from whole deliveries, in plain Python."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

GOES_THROUGH = {"paid", "shipped", "delivered"}
NO = {"unsubscribed", "complained"}
LONG_AGO = datetime(1800, 1, 1, tzinfo=UTC)
Row = dict[str, str]
Counts = Callable[[str, date], bool]


class Oracle:
    """What the whole deliveries of a house say, up to a night.

    counts(feed, day) says whether a day's file was expected, or came, by that night.
    """

    def __init__(self, house: Path, night: date, counts: Counts) -> None:
        self._house, self._night, self._counts = house, night, counts

    def rows(self, feed: str) -> Iterator[Row]:
        for file in sorted(self._house.glob(f"*/{feed}.csv")):
            day = date.fromisoformat(file.parent.name)
            if day <= self._night and self._counts(feed, day):
                with file.open(encoding="utf-8", newline="") as lines:
                    yield from csv.DictReader(lines)

    def said_no(self, channel: str) -> set[str]:
        """Who may not be contacted for marketing on that channel, by their own word or for good."""
        left = {
            r["customer_id"]
            for r in self.rows("campaign_contacts")
            if r["outcome"] in NO and r["channel"] == channel
        }
        return left | self._withdrawn(channel) | self._gone()

    def bought_since(self, day: date) -> set[str]:
        """Whose order of that day or later goes through and is worth something."""
        worth: dict[str, float] = defaultdict(float)
        for row in self.rows("order_lines"):
            worth[row["order_id"]] += _worth(row)
        orders = _latest(self.rows("orders"), "order_id", "updated_at")
        return {
            order["customer_id"]
            for order in orders
            if order["status"] in GOES_THROUGH
            and order["order_type"] == "sale"
            and day <= _moment(order, "ordered_at").date() <= self._night
            and worth[order["order_id"]] > 0
        }

    def _withdrawn(self, channel: str) -> set[str]:
        words = (
            row
            for row in self.rows("consents")
            if row["channel"] == channel and row["purpose"] == "marketing"
        )
        return {
            word["customer_id"]
            for word in _latest(words, "customer_id", "changed_at")
            if word["is_granted"] != "true"
        }

    def _gone(self) -> set[str]:
        deaths = _latest(self.rows("deaths"), "customer_id", "reported_at")
        requests = _latest(self.rows("erasure_requests"), "request_id", "requested_at")
        return {row["customer_id"] for row in [*deaths, *requests] if row["is_withdrawn"] != "true"}


def _worth(line: Row) -> float:
    try:
        return int(line["quantity"]) * float(line["unit_price"]) - float(line["discount"] or 0)
    except ValueError:  # dirt of the sample company
        return 0.0


def _latest(rows: Iterator[Row], key: str, version: str) -> list[Row]:
    """The row that counts of each key; dirt counts for nothing."""
    found: dict[str, Row] = {}
    for row in rows:
        known = found.get(row[key])
        if known is None or _moment(row, version) >= _moment(known, version):
            found[row[key]] = row
    return list(found.values())


def _moment(row: Row, column: str) -> datetime:
    """Long ago, where it cannot be read."""
    try:
        moment = datetime.fromisoformat(row[column])
    except ValueError:
        return LONG_AGO
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
