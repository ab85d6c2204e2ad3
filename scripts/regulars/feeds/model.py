"""What a feed is, once its declaration has been read and found sound."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from regulars.feeds.dates import varies

NUMERIC = re.compile(r"numeric\((\d{1,4}),\s*(\d{1,4})\)")
RHYTHMS = ("daily", "weekly", "monthly", "on_change", "once")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PLAIN_TYPES = ("text", "integer", "bigint", "date", "timestamp", "timestamptz", "boolean")


@dataclass(frozen=True)
class Column:
    """One declared column.

    name       column of raw.<feed>
    header     its name in the file
    data_type  text, integer, bigint, numeric(p,s), date, timestamp, timestamptz or boolean
    required   the column and every value must be there
    is_header_required  the column must be there, its values need not
    is_header_optional  many have no such column: its absence is not worth a warning
    minimum, maximum  bounds as text, inclusive (numbers and dates)
    allowed    the only values that may occur
    above_zero_for  (column, values) of a number: not below zero in rows where the other column has
                    one of them, not above zero in all others
    formats    of dates and times, such as DD/MM/YYYY (none is ISO 8601); of booleans, yes/no
    is_future_allowed  may lie more than a day after the delivery's date
    is_month   of a date: the first of its month, as which the month stands in a key
    personal   email, phone, name, date or free_text; None is not personal
    is_code    a short code: never free text, so that it may be published
    is_long    of a text: may be longer than an index takes; no key and no count is by it
    is_customer  whose row it is: an erasure of that customer removes the row
    is_pseudonymised  an id that is loaded under a keyed pseudonym (feeds.pseudonyms)
    """

    name: str
    header: str
    data_type: str
    required: bool = False
    minimum: str | None = None
    maximum: str | None = None
    allowed: tuple[str, ...] = ()
    above_zero_for: tuple[str, tuple[str, ...]] | None = None
    formats: tuple[str, ...] = ()
    is_future_allowed: bool = False
    is_month: bool = False
    personal: str | None = None
    is_code: bool = False
    is_long: bool = False
    is_customer: bool = False
    is_pseudonymised: bool = False
    is_header_required: bool = False
    is_header_optional: bool = False

    @property
    def kind(self) -> str:
        """data_type without precision."""
        return self.data_type.split("(")[0]

    @property
    def date_format(self) -> str | None:
        """The format that the engine reads: one of fixed width."""
        is_dated = self.kind != "boolean" and self.formats
        return self.formats[0] if is_dated and not self.is_spelled else None

    @property
    def is_spelled(self) -> bool:
        """Whether its dates vary in width, or in format: they are read before the engine."""
        return self.kind != "boolean" and (
            len(self.formats) > 1 or any(varies(form) for form in self.formats)
        )

    @property
    def scale(self) -> int:
        """Digits after the point that a numeric(p,s) column keeps."""
        match = NUMERIC.fullmatch(self.data_type)
        return int(match[2]) if match else 0


@dataclass(frozen=True)
class Delivery:
    """How a feed is delivered. Sizes in bytes; the limits stop a file that is a bomb.

    expected         daily, weekly, monthly, weekdays such as ("mon", "thu"), on_change or once
    complete_by      a delivery with a row of these values has all of them; earlier ones are gone
    late_after_days  days of grace after an expected day
    since            first day from which it is expected; None is the system's first delivery
    multiplied       columns whose product is an amount of money
    guards           what nobody knows while it is missing: of dbt's variable `guards`
    forbids          its rows can forbid a contact: what cannot be read of it holds back whom it
                     may mean
    books            its rows stay when a customer is erased, under a pseudonym
    shrink_limit_pct a snapshot that loses a larger share of its rows stops the night
    doubt_below_pct  of the other feeds: a file with at most this share of its usual rows is in
                     doubt; 0 is never
    follows_lists    its rows follow from what marketing lists sent: rightly a header alone after
                     days on which they sent nothing
    """

    path: str
    format: str = "csv"
    delimiter: str = ","
    encoding: str = "utf-8"
    nulls: tuple[str, ...] = ("",)
    decimal: str = "."
    thousands: str = ""
    multiline: bool = False
    final_newline: str = "optional"
    load: str = "append"
    key: tuple[str, ...] = ()
    version: str | None = None
    complete_by: tuple[str, ...] = ()
    index: tuple[str, ...] = ()
    multiplied: tuple[str, ...] = ()
    expected: str | tuple[str, ...] = "daily"
    late_after_days: int = 0
    since: str | None = None
    guards: tuple[str, ...] = ()
    forbids: bool = False
    books: bool = False
    shrink_limit_pct: float = 20.0
    doubt_below_pct: float = 50.0
    follows_lists: bool = False
    empty: str = "allowed"
    ambiguous_hour: str = "later"
    quarantine_limit_pct: float = 5.0
    quarantine_floor_rows: int = 5
    max_bytes: int = 20 * 2**30
    max_ratio: int = 200
    max_field_bytes: int = 2**17


@dataclass(frozen=True)
class Feed:
    """A declared feed: system.name, loaded to raw.<table>.

    id_places  of a tool's feed: (table, column) where an id stands only if somebody has it; the
               tool may write under one that nobody has (any more), and know the address
    """

    system: str
    name: str
    table: str
    group: str
    columns: tuple[Column, ...]
    delivery: Delivery
    timezone: str | None = None
    description: str = field(default="", compare=False)
    id_places: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @property
    def has_pseudonyms(self) -> bool:
        """Whether an id in its files is another in its table."""
        return any(column.is_pseudonymised for column in self.columns)

    @property
    def is_of_a_tool(self) -> bool:
        """Whether its rows are of an id or, where nobody has that, of an address."""
        return bool(self.delivery.forbids and self.customer_columns and self.address_columns)

    @property
    def label(self) -> str:
        return f"{self.system}.{self.name}"

    @property
    def customer_columns(self) -> tuple[Column, ...]:
        """Those that say whose row it is."""
        return tuple(column for column in self.columns if column.is_customer)

    @property
    def address_columns(self) -> tuple[Column, ...]:
        """Those that say it where no customer is named: a tool may know the address alone."""
        return tuple(column for column in self.columns if column.personal in ("email", "phone"))

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)
