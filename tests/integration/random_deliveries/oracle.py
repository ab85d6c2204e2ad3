"""Who and which addresses may be on no marketing file, from whole deliveries, in plain Python."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from tests.integration.random_deliveries.planted import Member

GOES_THROUGH = {"paid", "shipped", "delivered"}
NO = {"unsubscribed", "complained"}
LONG_AGO = datetime(1800, 1, 1, tzinfo=UTC)
Row = dict[str, str]
Counts = Callable[[str, date], bool]


@dataclass(frozen=True)
class Forbidden:
    """people: ids that may not be on a list. addresses: that may not be written to from it.
    bought_on: who bought, and when last, where the list claims that they have not."""

    people: set[str]
    addresses: set[str]
    bought_on: dict[str, date]

    def holds(self, member: Member, night: date) -> bool:
        """Whoever bought may be on the list only where it says when their next order is expected,
        and that is no further ahead than the last one lies behind."""
        bought_on, expected_on = self.bought_on.get(member.customer_id), member.expected_on
        is_due_again = bought_on and expected_on and night - bought_on >= expected_on - night
        return member.customer_id in self.people or bool(bought_on and not is_due_again)


class Oracle:
    """What the whole deliveries of a house say, up to a night.

    counts(feed, day) says whether a day's file was expected, or came, by that night.
    """

    def __init__(self, house: Path, night: date, counts: Counts) -> None:
        self._house, self._night, self._counts = house, night, counts
        self._latest_customers: dict[str, Row] | None = None
        self._merged_pairs: list[set[str]] | None = None

    def rows(self, feed: str) -> Iterator[Row]:
        for file in sorted(self._house.glob(f"*/{feed}.csv")):
            day = date.fromisoformat(file.parent.name)
            if day <= self._night and self._counts(feed, day):
                with file.open(encoding="utf-8", newline="") as lines:
                    yield from csv.DictReader(lines)

    def forbidden(self, channel: str, since: date | None) -> Forbidden:
        """By a no on that channel, a death, a request to be erased; and by a purchase of that day
        or later, where the list claims that there was none. A person is every account that was
        merged with theirs; whoever else has an address of somebody who said no stands for it too.
        """
        silent = self._persons(self._said_no(channel))
        addresses = {self._address_of(who) for who in silent} - {""}
        alike = {who for who in self._customers() if self._address_of(who) in addresses}
        return Forbidden(silent | alike, addresses, self._bought_since(since) if since else {})

    def _customers(self) -> dict[str, Row]:
        if self._latest_customers is None:
            rows = _latest(self.rows("customers"), "customer_id", "updated_at")
            self._latest_customers = {row["customer_id"]: row for row in rows}
        return self._latest_customers

    def _address_of(self, who: str) -> str:
        customer = self._customers().get(who)
        return customer["email"].strip().lower() if customer else ""

    def _persons(self, accounts: set[str]) -> set[str]:
        """With every account that was merged with one of them, over however many others."""
        known = set(accounts)
        while more := {who for pair in self._merges() if pair & known for who in pair} - known:
            known |= more
        return known

    def _merges(self) -> list[set[str]]:
        if self._merged_pairs is None:
            words = (
                {**row, "pair": f"{row['old_customer_id']} {row['customer_id']}"}
                for row in self.rows("identities")
            )
            self._merged_pairs = [
                {word["old_customer_id"], word["customer_id"]}
                for word in _latest(words, "pair", "changed_at")
                if word["is_merged"] == "true"
            ]
        return self._merged_pairs

    def _said_no(self, channel: str) -> set[str]:
        """Who may not be contacted for marketing on that channel, by their own word or for good."""
        left = {
            r["customer_id"]
            for r in self.rows("campaign_contacts")
            if r["outcome"] in NO and r["channel"] == channel
        }
        return left | self._withdrawn(channel) | self._gone()

    def _bought_since(self, day: date) -> dict[str, date]:
        """Whose order of that day or later goes through and is worth something, and when last."""
        worth: dict[str, float] = defaultdict(float)
        for row in self.rows("order_lines"):
            worth[row["order_id"]] += _worth(row)
        last: dict[str, date] = {}
        for order in _latest(self.rows("orders"), "order_id", "updated_at"):
            ordered_on = _moment(order, "ordered_at").date()
            if (
                order["status"] in GOES_THROUGH
                and order["order_type"] == "sale"
                and day <= ordered_on <= self._night
                and worth[order["order_id"]] > 0
            ):
                for who in self._persons({order["customer_id"]}):
                    last[who] = max(ordered_on, last.get(who, ordered_on))
        return last

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
