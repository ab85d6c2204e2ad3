"""Each kind of bad row and what becomes of it: the catalogue that `dirt` plants from.

A mishap changes the cells of a real row (a dict by column name). Most are *twins*: a broken
copy beside the true row, so that whoever refuses the copy loses nothing. A few alter the true
row itself, in ways that must be accepted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

Cells = dict[str, str]
QUARANTINED, LOADED, HELD, ORPHAN, REPEATED, REFUSED, IGNORED = (
    "quarantined",
    "loaded",
    "held",
    "orphan",
    "repeated",
    "refused",
    "ignored",
)
# The rule that each kind of bad value breaks, as the quarantine names it.
RULES = {
    "decimal_comma": "type",
    "not_a_number": "type",
    "underscore_number": "type",
    "hexadecimal": "type",
    "too_large": "type",
    "other_date_format": "type",
    "word_for_a_date": "type",
    "not_a_boolean": "type",
    "too_many_decimals": "excess_decimals",
    "negative": "min",
    "out_of_range": "max",
    "impossible_date": "impossible_date",
    "future_date": "future",
    "unknown_value": "allowed",
    "missing_required": "required",
    "control_character": "control_characters",
    "refunds.impossible_date": "type",  # a date alone, where a time belongs
}


@dataclass(frozen=True)
class Mishap:
    """One kind of bad row in one feed.

    expected: what the warehouse must do with the planted row: quarantined, loaded, held (kept
    out of value), orphan (loaded under an unknown parent), repeated (loaded, adds nothing).
    change: new cells from a row's cells and a running number.
    is_twin: the changed row is added after the true one, which stays; else it replaces it.
    """

    kind: str
    feed: str
    expected: str
    change: Callable[[Cells, int], Cells]
    is_twin: bool = True

    @property
    def reason(self) -> str:
        """The rule it is quarantined for; empty where it is not."""
        if self.expected != QUARANTINED:
            return ""
        return RULES.get(f"{self.feed}.{self.kind}") or RULES[self.kind]


def _put(column: str, value: str) -> Callable[[Cells, int], Cells]:
    return lambda cells, number: {**cells, column: value}


def _append(column: str, ending: str) -> Callable[[Cells, int], Cells]:
    return lambda cells, number: {**cells, column: cells[column] + ending}


def _bad(feed: str, kind: str, column: str, value: str) -> Mishap:
    return Mishap(kind, feed, QUARANTINED, _put(column, value))


def _older_twin(cells: Cells, number: int) -> Cells:
    before = datetime.fromisoformat(cells["updated_at"]) - timedelta(hours=1)
    return {**cells, "shipping_cost": "99.99", "updated_at": before.isoformat()}


def _orphan_order(cells: Cells, number: int) -> Cells:
    return {**cells, "order_id": f"O99{number:06d}", "customer_id": f"C99{number:05d}"}


def _orphan_line(cells: Cells, number: int) -> Cells:
    return {**cells, "order_id": f"O98{number:06d}"}


def _above_sale(cells: Cells, number: int) -> Cells:
    return {**cells, "refund_id": f"R99{number:05d}", "amount": "99999.00"}


def _without_order(cells: Cells, number: int) -> Cells:
    return {**cells, "refund_id": f"R98{number:05d}", "order_id": "", "line_no": ""}


def _resolved_early(cells: Cells, number: int) -> Cells:
    """A help desk that writes down when it means to be done."""
    planned = datetime.fromisoformat(cells["updated_at"]) + timedelta(hours=20)
    return {**cells, "resolved_at": planned.isoformat()}


_FORMULAS = ("=1+1", "+31 later", "@home", "-Anna", '=HYPERLINK("http://example.com")')


def _formula_name(cells: Cells, number: int) -> Cells:
    return {**cells, "first_name": _FORMULAS[number % len(_FORMULAS)]}


def _formula_comment(cells: Cells, number: int) -> Cells:
    return {**cells, "comment": ("=5 stars", "-10 for the box", "+1", "@team thanks")[number % 4]}


MISHAPS: tuple[Mishap, ...] = (
    _bad("customers", "impossible_date", "birth_date", "1987-02-30"),
    _bad("customers", "future_date", "birth_date", "2093-01-01"),
    _bad("customers", "other_date_format", "birth_date", "7/3/1987"),
    _bad("customers", "unknown_value", "preferred_channel", "fax"),
    _bad("customers", "missing_required", "customer_id", ""),
    _bad("customers", "not_a_boolean", "is_staff", "perhaps"),
    Mishap("control_character", "customers", QUARANTINED, _append("last_name", "\x07")),
    Mishap("formula_cell", "customers", LOADED, _formula_name, is_twin=False),
    _bad("orders", "decimal_comma", "shipping_cost", "1.234,56"),
    _bad("orders", "not_a_number", "payment_fee", "NaN"),
    _bad("orders", "impossible_date", "ordered_at", "2025-02-30T10:00:00+01:00"),
    _bad("orders", "future_date", "ordered_at", "2093-05-01T10:00:00+02:00"),
    _bad("orders", "word_for_a_date", "ordered_at", "now"),
    _bad("orders", "unknown_value", "status", "despatched"),
    _bad("orders", "missing_required", "order_id", ""),
    Mishap("control_character", "orders", QUARANTINED, _append("customer_id", "\x1b")),
    Mishap("duplicate_key", "orders", LOADED, _older_twin),
    Mishap("orphan", "orders", ORPHAN, _orphan_order),
    _bad("order_lines", "decimal_comma", "unit_price", "1.234,56"),
    _bad("order_lines", "underscore_number", "quantity", "1_000"),
    _bad("order_lines", "hexadecimal", "quantity", "0x1F"),
    _bad("order_lines", "negative", "quantity", "-1"),
    _bad("order_lines", "too_many_decimals", "unit_price", "12.345"),
    _bad("order_lines", "too_large", "quantity", "9007199254740993"),
    _bad("order_lines", "missing_required", "product_id", ""),
    Mishap("exact_duplicate", "order_lines", REPEATED, lambda cells, number: cells),
    Mishap("orphan", "order_lines", ORPHAN, _orphan_line),
    _bad("refunds", "decimal_comma", "amount", "1.234,56"),
    _bad("refunds", "not_a_number", "amount", "infinity"),
    _bad("refunds", "impossible_date", "refunded_at", "0000-00-00"),
    _bad("refunds", "missing_required", "amount", ""),
    Mishap("above_sale", "refunds", HELD, _above_sale),
    Mishap("without_order", "refunds", HELD, _without_order),
    _bad("cases", "unknown_value", "kind", "request"),
    _bad("cases", "impossible_date", "opened_at", "2025-13-01T10:00:00+01:00"),
    _bad("cases", "missing_required", "opened_at", ""),
    Mishap("control_character", "cases", QUARANTINED, _append("subject", "\x00")),
    Mishap("resolved_early", "cases", LOADED, _resolved_early, is_twin=False),
    _bad("surveys", "unknown_value", "kind", "mood"),
    _bad("surveys", "not_a_number", "score", "four"),
    _bad("surveys", "out_of_range", "score", "11"),
    Mishap("formula_cell", "surveys", LOADED, _formula_comment, is_twin=False),
    _bad("consents", "unknown_value", "channel", "sms"),
    _bad("consents", "not_a_boolean", "is_granted", "perhaps"),
    _bad("consents", "missing_required", "changed_at", ""),
    _bad("campaign_contacts", "unknown_value", "outcome", "lost"),
    _bad("campaign_contacts", "future_date", "sent_at", "2093-05-01T10:00:00+02:00"),
    _bad("campaign_contacts", "missing_required", "customer_id", ""),
)


def _line_of_orphan(cells: Cells, number: int) -> Cells:
    return {**cells, "order_id": f"O99{number:06d}", "line_no": "1"}


# Follows each planted orphan order, with its number: an order of nobody still has something in it.
LINE_OF_ORPHAN = Mishap("line_of_orphan", "order_lines", ORPHAN, _line_of_orphan)


def mishaps_of(feed: str) -> tuple[Mishap, ...]:
    """Every kind of bad row a feed can have."""
    return tuple(mishap for mishap in MISHAPS if mishap.feed == feed)
