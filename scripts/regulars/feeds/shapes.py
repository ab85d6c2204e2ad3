"""The checks a row must pass, as one SQL expression that gives its first fault.

A value first matches its declared *shape* (LIKE and translate, no regular expressions), only then
its type: `pg_input_is_valid` alone would accept 'now', 'infinity', 'NaN' or '0x1F', and a cast
would round 12.345 into numeric(12,2).

Expressions are over `t`, the table of fields as text, and `d`, the delivery's `latest_on`: the
end of the last day that is not yet the future. They hold declared literals only, never a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from string import ascii_letters, digits

from regulars.carried import CARRIED_DIGITS
from regulars.feeds import pseudonyms
from regulars.feeds.dates import iso_expression, shape
from regulars.feeds.marks import ALIKE, PLAIN
from regulars.feeds.model import Column, Feed

END_OF_DAY = "~"  # sorts after any time of that day
EARLIEST, LATEST = "1800-01-01", "2200-01-01"
_ZONES = ("Z", "-99:99", "-9999", "-99")  # a plus is read as a minus
_FRACTIONS = ("", *("." + "9" * n for n in range(1, 7)))
_CODE_CHARACTERS = ascii_letters + digits + "_-."
NUMBER_MARKS = " +-()./"  # what stands between the digits of a telephone number
LEAST_PHONE_DIGITS = 7
AT_ALIKE = "\uff20\ufe6b"  # full-width and small forms of @
_DOT_ALIKE = "\uff0e\u3002\uff61"  # mail servers take these for a dot
CODE_LENGTH = 40  # characters: longer is a sentence
LONGEST_BYTES = 320  # an e-mail address has no more, and an index takes eight such columns


@dataclass(frozen=True)
class Fault:
    """A reason to quarantine a row: the condition (SQL), the rule's name, the words."""

    condition: str
    rule: str
    reason: str


@dataclass(frozen=True)
class Checks:
    """What the loader runs for a feed."""

    faults: tuple[Fault, ...]

    @property
    def first_fault(self) -> str:
        """SQL: number of the first fault of a row, null when it has none."""
        if not self.faults:
            return "null::integer"
        whens = "\n".join(f"when {f.condition} then {n}" for n, f in enumerate(self.faults))
        return f"case\n{whens}\nend"


def checks(feed: Feed) -> Checks:
    """All value checks of a feed, column by column in declared order."""
    of_columns = [fault for column in feed.columns for fault in _faults(feed, column)]
    return Checks((*of_columns, *_product_faults(feed), *_sign_faults(feed)))


def typed(feed: Feed, column: Column) -> str:
    """SQL: the value of a column in its type, for rows without a fault."""
    value = cell(feed, column)
    if column.kind == "text":
        return value
    if column.kind == "timestamptz" and feed.delivery.ambiguous_hour == "earlier":
        return _earlier(feed, value)
    return f"{value}::{column.data_type}"


def cell(feed: Feed, column: Column) -> str:
    """SQL: the value as text, null markers gone, numbers and dates in their plain notation, an id
    under its pseudonym where that is declared."""
    value = given(feed, column)
    if column.is_pseudonymised:
        return pseudonyms.in_sql(value)
    if column.kind in ("integer", "bigint", "numeric"):
        delivery = feed.delivery
        if delivery.thousands:
            value = f"replace({value}, {_literal(_mark(delivery.thousands))}, '')"
        if delivery.decimal != ".":
            value = f"replace({value}, {_literal(delivery.decimal)}, '.')"
    if column.date_format:
        value = iso_expression(value, column.date_format)
    if column.kind == "boolean" and column.formats:
        true = [form.lower().split("/")[0] for form in column.formats]
        value = f"case when {value} is not null then (lower({value}) in ({_list(true)}))::text end"
    return value


def given(feed: Feed, column: Column) -> str:
    """SQL: the value as it stands in the file, null where a null marker stands; of marks between
    thousands that look alike the plain one."""
    value = f't."{column.name}"'
    alike = ALIKE.get(_mark(feed.delivery.thousands), "")
    if alike and column.kind in ("integer", "bigint", "numeric"):
        plain = _mark(feed.delivery.thousands) * len(alike)
        value = f"translate({value}, {_literal(alike)}, {_literal(plain)})"
    markers = [marker for marker in feed.delivery.nulls if marker != ""]
    if not markers:
        return value
    return f"case when {value} in ({_list(markers)}) then null else {value} end"


def _faults(feed: Feed, column: Column) -> Iterator[Fault]:
    name, value = column.name, given(feed, column)
    if column.required or name in feed.delivery.key:
        yield Fault(f"{value} is null", "required", f"{name} is required and has no value")
    wrong = _wrong_shape(feed, column)
    if wrong:
        yield Fault(wrong, "type", f"{name} is not written as {_words(column)}")
    value = cell(feed, column)
    if column.kind in ("integer", "bigint", "numeric"):
        yield from _number_faults(column, value)
    if column.kind in ("date", "timestamp", "timestamptz"):
        yield from _date_faults(feed, column, value)
    if column.allowed:
        yield Fault(
            f"{value} not in ({_list(column.allowed)})",
            "allowed",
            f"{name} is none of the allowed values",
        )
    if column.is_code:
        yield Fault(
            f"translate({value}, {_literal(_CODE_CHARACTERS)}, '') <> ''"
            f" or length({value}) > {CODE_LENGTH}",
            "code",
            f"{name} is no code of letters, digits, _, - and .",
        )
    if has_an_end(feed, column):
        yield Fault(
            f"octet_length({given(feed, column)}) > {LONGEST_BYTES}",
            "too_long",
            f"{name} has more than {LONGEST_BYTES} bytes and is not declared to be long",
        )
    # Where an id only forbids, it may be written as it likes: it is matched loosely, never shown.
    if is_published_id(feed, column):
        yield from _personal_ids(feed, column, given(feed, column))


def has_an_end(feed: Feed, column: Column) -> bool:
    """Whether a text may be no longer than an index takes: any that a key or an index could come to
    hold, so all but what people write, which is personal, and what is declared to be long."""
    if column.kind != "text" or column.allowed or column.is_code:
        return False
    is_written = column.is_long or column.personal in ("name", "free_text")
    return not is_written or _is_id(feed, column) or column.name in feed.delivery.index


def _is_id(feed: Feed, column: Column) -> bool:
    """Whether it says which row it is, whose, or which other one it belongs to."""
    is_named_so = column.name == "id" or column.name.endswith("_id")
    return column.is_customer or column.name in feed.delivery.key or is_named_so


def is_published_id(feed: Feed, column: Column) -> bool:
    """Whether it is an id in a text that readers may see."""
    is_free = column.kind == "text" and not (column.allowed or column.is_code or column.personal)
    is_shown = not (feed.delivery.forbids or column.is_pseudonymised)
    return _is_id(feed, column) and is_free and is_shown


def _personal_ids(feed: Feed, column: Column, value: str) -> Iterator[Fault]:
    """Ids are published; addresses are not."""
    name = column.name
    yield Fault(
        f"translate({value}, {_literal(AT_ALIKE + _DOT_ALIKE)}, '@@...') like '%_@_%._%'",
        "personal_id",
        f"{name} is an e-mail address: an id is a number or code of its own",
    )
    if not column.is_customer:
        return
    for phone in (other for other in feed.columns if other.personal == "phone"):
        number, own = _national(value), _national(given(feed, phone))
        yield Fault(
            f"length({number}) >= {LEAST_PHONE_DIGITS}"
            f" and length({own}) >= {LEAST_PHONE_DIGITS}"
            f" and (right({own}, length({number})) = {number}"
            f" or right({number}, length({own})) = {own})",
            "personal_id",
            f"{name} is the customer's own telephone number: give each a number of their own",
        )


def _national(value: str) -> str:
    """SQL: a telephone number's digits, without the zeros or the plus before them."""
    return f"ltrim(translate({value}, {_literal(NUMBER_MARKS)}, ''), '0')"


def _wrong_shape(feed: Feed, column: Column) -> str | None:
    value = given(feed, column)
    if column.date_format:
        return f"{_digits_as_9(value)} <> {_literal(shape(column.date_format))}"
    if column.kind in ("integer", "bigint"):
        return _wrong_number(feed, value, ("", "-"))
    if column.kind == "numeric":
        return _wrong_number(
            feed, value, ("", "-", feed.delivery.decimal, "-" + feed.delivery.decimal)
        )
    if column.kind == "boolean":
        if column.formats:
            spellings = [word for form in column.formats for word in form.lower().split("/")]
            return f"lower({value}) not in ({_list(spellings)})"
        return f"{value} not in ('true', 'false')"
    if column.kind == "date":
        return f"{_digits_as_9(value)} <> '9999-99-99'"
    if column.kind in ("timestamp", "timestamptz"):
        shapes = _list(_timestamp_shapes(column.kind == "timestamptz", feed.timezone is not None))
        return f"translate({value}, '0123456789 +', '9999999999T-') not in ({shapes})"
    return None


def _wrong_number(feed: Feed, value: str, marks: tuple[str, ...]) -> str:
    """Digits and, once each, the declared marks; where they stand is for the type to judge."""
    thousands = _mark(feed.delivery.thousands)
    if not thousands:
        return f"translate({value}, '0123456789', '') not in ({_list(marks)})"
    group, point = f"[{thousands}]", f"[{feed.delivery.decimal}]"
    fraction = rf"({point}\d+)?" if feed.delivery.decimal in marks else ""
    pattern = rf"^-?(\d{{1,3}}({group}\d{{3}})*|\d+){fraction}$"
    return f"{value} !~ {_literal(pattern)}"  # rare enough for a regular expression


def _mark(thousands: str) -> str:
    return PLAIN.get(thousands, thousands)


def _timestamp_shapes(with_zone: bool, zone_declared: bool) -> list[str]:
    """Shapes with T between date and time and every plus as a minus."""
    zones = _ZONES if with_zone else ()
    if not with_zone or zone_declared:
        zones = ("", *zones)
    return ["9999-99-99T99:99:99" + f + z for f, z in product(_FRACTIONS, zones)]


def _number_faults(column: Column, value: str) -> Iterator[Fault]:
    name = column.name
    valid = f"pg_input_is_valid({value}, '{column.data_type}')"
    if column.kind == "numeric":
        # Numbers that fit by their length need no second look.
        whole = int(column.data_type[8:].split(",")[0]) - column.scale
        yield Fault(
            f"length({value}) > {max(whole, 1)} and not {valid}",
            "type",
            f"{name} does not fit {column.data_type}",
        )
        yield Fault(f"{value} in ('', '-', '.', '-.')", "type", f"{name} is no number")
        yield Fault(
            f"right({value}, 1) = '-' or {value} like '_%-%'", "type", f"{name} is no number"
        )
        longer = "_" * (column.scale + 1)
        yield Fault(
            f"{value} like '%.{longer}%' and "
            f"length(rtrim(split_part({value}, '.', 2), '0')) > {column.scale}",
            "excess_decimals",
            f"{name} has more than {column.scale} decimals",
        )
        if whole > CARRIED_DIGITS:
            yield Fault(
                _is_too_large([value]),
                "too_large",
                f"{name} has more than {CARRIED_DIGITS} digits before the point",
            )
    else:
        yield Fault(f"not {valid}", "type", f"{name} is no {column.data_type}")
    if column.minimum is not None:
        sign = f"{value} like '-%' and " if float(column.minimum) == 0 else ""
        yield Fault(
            f"{sign}{value}::numeric < {column.minimum}",
            "min",
            f"{name} is below {column.minimum}",
        )
    if column.maximum is not None:
        yield Fault(
            f"{value}::numeric > {column.maximum}", "max", f"{name} is above {column.maximum}"
        )


def _is_too_large(factors: Sequence[str]) -> str:
    """SQL: whether a product of numbers as text has more digits than are carried; what is short
    enough is not multiplied."""
    length = " + ".join(f"length({factor})" for factor in factors)
    product = " * ".join(f"{factor}::numeric" for factor in factors)
    return f"{length} > {CARRIED_DIGITS} and abs({product}) >= 1e{CARRIED_DIGITS}"


def _product_faults(feed: Feed) -> Iterator[Fault]:
    """An amount that the staging reckons from two columns of a row."""
    names = feed.delivery.multiplied
    if names:
        yield Fault(
            _is_too_large([cell(feed, feed.column(name)) for name in names]),
            "too_large",
            f"{' times '.join(names)} has more than {CARRIED_DIGITS} digits before the point",
        )


def _sign_faults(feed: Feed) -> Iterator[Fault]:
    """Numbers of the wrong sign for what another column of the row says."""
    for column in feed.columns:
        if column.above_zero_for is None:
            continue
        name, values = column.above_zero_for
        number = f"{cell(feed, column)}::numeric"
        is_one = f"coalesce({cell(feed, feed.column(name))} in ({_list(values)}), false)"
        words = " or ".join(values)
        yield Fault(
            f"{number} < 0 and {is_one}", "sign", f"{column.name} is below zero, {name} is {words}"
        )
        yield Fault(
            f"{number} > 0 and not {is_one}",
            "sign",
            f"{column.name} is above zero, {name} is not {words}",
        )


def _date_faults(feed: Feed, column: Column, value: str) -> Iterator[Fault]:
    name, day = column.name, f'{value} collate "C"'  # ISO: text sorts as time does
    yield Fault(
        f"not pg_input_is_valid({value}, '{column.kind}')",
        "impossible_date",
        f"{name} is no day or time of the calendar",
    )
    if column.kind != "date":
        yield Fault(
            f"substr({value}, 12, 2) = '24' or substr({value}, 18, 2) = '60'",
            "impossible_date",
            f"{name} says 24:00 or second 60: the engine would read another minute",
        )
    yield Fault(
        f"{day} < '{EARLIEST}' or {day} > '{LATEST}'",
        "impossible_date",
        f"{name} lies outside {EARLIEST} to {LATEST}",
    )
    if column.kind == "timestamptz" and feed.timezone:
        yield Fault(
            f"{_lacks_zone(value)} and {value}::timestamptz::timestamp <> {value}::timestamp",
            "impossible_date",
            f"{name} falls into the hour the clocks skip in {feed.timezone}",
        )
    if column.minimum is not None:
        yield Fault(f"{day} < '{column.minimum}'", "min", f"{name} is before {column.minimum}")
    if column.maximum is not None:
        last = column.maximum + END_OF_DAY
        yield Fault(f"{day} > '{last}'", "max", f"{name} is after {column.maximum}")
    if column.is_month:
        yield Fault(f"right({value}, 3) <> '-01'", "month", f"{name} is no first day of a month")
    if not column.is_future_allowed:
        yield Fault(
            f"{day} > d.latest_on",
            "future",  # latest_on ends like END_OF_DAY
            f"{name} lies more than a day after the delivery's date",
        )


def _lacks_zone(value: str) -> str:
    """Local time: the declared zone applies. 25 characters are a time with +hh:mm."""
    return (
        f"(octet_length({value}) <> 25 or {value} like '{'_' * 19}.%')"
        f" and translate(substr({value}, 11), ' T:.0123456789', '') = ''"
    )


def _earlier(feed: Feed, value: str) -> str:
    """PostgreSQL reads an ambiguous local hour as the later one; the feed says the earlier."""
    late = f"{value}::timestamptz"
    early = f"({late} - interval '1 hour')"
    return (
        f"case when {_lacks_zone(value)} and {early}::timestamp = {value}::timestamp"
        f" then {early} else {late} end"
    )


def _digits_as_9(value: str) -> str:
    return f"translate({value}, '0123456789', '9999999999')"


def _words(column: Column) -> str:
    if column.formats:
        return " or ".join(column.formats)
    return {
        "boolean": "true or false",
        "date": "YYYY-MM-DD",
        "numeric": "a plain number",
        "integer": "a whole number",
        "bigint": "a whole number",
        "timestamp": "YYYY-MM-DD HH:MM:SS without a zone",
        "timestamptz": "YYYY-MM-DD HH:MM:SS with an offset (or a declared zone)",
    }[column.kind]


def _literal(text: str) -> str:
    quoted = "'" + text.replace("'", "''") + "'"
    return quoted if "\\" not in text else "E" + quoted.replace("\\", "\\\\")


def _list(texts: object) -> str:
    return ", ".join(_literal(text) for text in texts)  # type: ignore[attr-defined]
