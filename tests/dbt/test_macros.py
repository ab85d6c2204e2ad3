"""The values that the project's portable macros give, as dbt renders them, on PostgreSQL."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product

import psycopg
import pytest
from psycopg import sql

from regulars.lists import raw_lines
from regulars.lists.raw_merges import LONGEST_CHAIN
from regulars.project.list_words import shared_words
from regulars.settings import PROJECT
from tests.telling import Telling, every_sentence, example, facts_in, literal

# A cast is tried on a table's columns, and one row is no table: PostgreSQL works out the cast of a
# literal before it asks whether the literal can be read.
GIVEN = """
from (
    values
        ('12.5', 'twelve', '2026-02-30', '2026-10-25 01:30:00+00', '700101', '1700000000123'),
        (null, null, null, null, null, null)
) as given (number, word, no_day, instant, counter, milliseconds)
where given.number is not null
"""


def _instant(text: str) -> str:
    """As every engine writes it, of a text with its zone in quotes, or null."""
    return f"""\"cast({text} as \" ~ type_instant() ~ ')'"""


def _in_utc(minute: str) -> str:
    return _instant(f"'{minute}:00+00'")


def _business(earlier: str, later: str) -> str:
    """Of two instants in UTC; the company is in Amsterdam and answers 9 to 17, Monday to Friday."""
    return f"business_minutes_between({_in_utc(earlier)}, {_in_utc(later)})"


def _minutes(earlier: str, later: str) -> str:
    """Of two times of one day, in UTC."""
    instants = (_instant(f"'2026-03-15 {time}+00'") for time in (earlier, later))
    return f"minutes_between({', '.join(instants)})"


CASES: dict[str, tuple[str, object]] = {
    "parts of a second do not make a minute": (_minutes("10:00:00.9", "10:01:00.2"), 0),
    "nor do those that are over": (_minutes("10:00:00.2", "10:01:00.9"), 1),
    "minutes that are not over count when they lie behind": (_minutes("10:01:30", "10:00:00"), -2),
    "a version of milliseconds is a number": (
        "version_number('given.milliseconds')",
        Decimal(1_700_000_000_123),
    ),
    "a version that counts is no day": ("version_instant('given.counter')", None),
    "a version that is an instant is one": (
        "version_instant('given.instant')",
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ),
    "an instant is no number": ("version_number('given.instant')", None),
    "a town in capitals is the same": ("""town("'TR'", "' İZMİR '")""", "tr izmir"),
    "a letter is small whatever stands behind it": ("""lower_case("'ΠΆΤΡΑΣ'")""", "πάτρασ"),
    "a town is the same without its accents": ("""town("'GR'", "'ΠΆΤΡΑΣ'")""", "gr πατρασ"),
    "and by its last letter": ("""town("'GR'", "'Πάτρας'")""", "gr πατρασ"),
    "a street is the same without marks": ("""plain_street("'Šafaříkova 12'")""", "safarikova12"),
    "a mark may be a letter of its own": (
        """plain_street("'S\u030cAFAR\u030cI\u0301KOVA 12'")""",
        "safarikova12",
    ),
    "a stroke is a mark": ("""plain_street("'ul. Łódzka 5'")""", "ullodzka5"),
    "so is a dot, or that there is none": (
        """plain_street("'Işık Sk. İ 3'")""",  # noqa: RUF001 - Turkish
        "isikski3",
    ),
    "a hook and a tone are marks of one letter": ("""plain_street("'ĐƯỜNG Phố 1'")""", "duongpho1"),
    "a Greek street in capitals is the same": (
        """plain_street("'ΟΔΟΣ ΕΡΜΟΥ 5'")""",  # noqa: RUF001 - Greek
        "οδοσερμου5",  # noqa: RUF001 - Greek
    ),
    "as it is in small letters": (
        """plain_street("'Οδός Ερμού 5'")""",
        "οδοσερμου5",  # noqa: RUF001 - Greek
    ),
    "so is a Cyrillic one": (
        """plain_street("'УЛ. КИЇВСЬКА, 7'")""",
        "улкиівська7",  # noqa: RUF001 - Cyrillic
    ),
    "letters may be written out": (
        """plain_street("'GROẞE Œuvre Þing 1'")""",
        "grosseoeuvrething1",
    ),
    "capitals are those of codes": (
        """upper_case("'eurßı'")""",  # noqa: RUF001 - Turkish
        "EURßı",  # noqa: RUF001 - Turkish
    ),
    "a campaign begins behind spaces": (
        """list_of_campaign("'  save_our_best 7'")""",
        "save_our_best",
    ),
    "other blanks are a part of its name": (
        """list_of_campaign("'\u3000save_our_best 7'")""",
        None,
    ),
    "a literal is what was written": (
        r"""text_literal("C:\\new'\\temp")""",
        r"C:\new'\temp",
    ),
    "a ratio is not cut to whole numbers": ("ratio('7', '2', 2)", Decimal("3.50")),
    "a ratio rounds halves away from zero": ("ratio('-1', '8', 2)", Decimal("-0.13")),
    "a ratio is rounded once": ("ratio('1234564999', '10000000000', 6)", Decimal("0.123456")),
    "a ratio has six decimals unless told": ("ratio('2', '3')", Decimal("0.666667")),
    "contacts that weigh less than one of today weigh nothing": ("contact_pressure('89')", 0),
    "contacts weigh by the days left of them": ("contact_pressure('180')", 2),
    "contacts weigh so much and no more": ("contact_pressure('900')", 4),
    "a ratio has twenty at most": ("ratio('1', '3', 20)", Decimal("0." + "3" * 20)),
    "a ratio to zero is unknown": ("ratio('7', '0', 2)", None),
    "a ratio of the unknown is unknown": ("ratio('null', '2', 2)", None),
    "merges are followed as far by models as by the last check": (
        "longest_merge_chain()",
        LONGEST_CHAIN,
    ),
    "the first fifths have one more each": ("quintile('2', '7')", 1),
    "the last fifths have one less each": ("quintile('5', '7')", 3),
    "a fifth ends with the last of it": ("quintile('20', '25')", 4),
    "of fewer than five each is a fifth": ("quintile('3', '3')", 3),
    "days between dates count whole days": (
        """days_between("date '2026-02-27'", "date '2026-03-01'")""",
        2,
    ),
    "days between dates can be negative": (
        """days_between("date '2026-03-01'", "date '2026-02-27'")""",
        -2,
    ),
    "a leap day is a day": ("""days_between("date '2028-02-28'", "date '2028-03-01'")""", 2),
    "a leap year has 366 days": ("""days_between("date '2028-01-01'", "date '2029-01-01'")""", 366),
    "a leap day has its weekday": ("""weekday("date '2028-02-29'")""", 2),
    "the day after the last of a year is New Year": (
        """add_days("date '2027-12-31'", '1')""",
        date(2028, 1, 1),
    ),
    "a month after the end of January is the leap day": (
        """add_months("date '2028-01-31'", '1')""",
        date(2028, 2, 29),
    ),
    "a year after a leap day is the last of February": (
        """add_months("date '2028-02-29'", '12')""",
        date(2029, 2, 28),
    ),
    "months are counted over the end of a year": (
        """months_between("date '2027-12-15'", "date '2028-01-15'")""",
        1,
    ),
    "the last evening of a year may be New Year where the company is": (
        "local_date("
        "\"cast('2027-12-31 23:30:00+00' as \" ~ type_instant() ~ ')', 'Europe/Amsterdam')",
        date(2028, 1, 1),
    ),
    "the week starts on Monday": ("""weekday("date '2026-10-26'")""", 1),
    "the week ends on Sunday": ("""weekday("date '2026-11-01'")""", 7),
    "a safe cast keeps what it can read": (
        "safe_cast('given.number', 'numeric(5, 2)')",
        Decimal("12.50"),
    ),
    "a safe cast of anything else is unknown": ("safe_cast('given.word', 'integer')", None),
    "a safe cast knows the calendar": ("safe_cast('given.no_day', 'date')", None),
    "text is joined in order": ("""concat_text(["'a'", '1', "'b'"])""", "a1b"),
    "an unknown piece of text is left out": ("""concat_text(["'a'", 'null', "'b'"])""", "ab"),
    "local time in summer is two hours ahead": (
        """local_to_utc("'2026-07-01 12:00:00'", 'Europe/Amsterdam')""",
        datetime(2026, 7, 1, 10, 0, tzinfo=UTC),
    ),
    "the hour that happens twice is the second": (
        """local_to_utc("'2026-10-25 02:30:00'", 'Europe/Amsterdam')""",
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ),
    "the hour that does not exist moves forward": (
        """local_to_utc("'2026-03-29 02:30:00'", 'Europe/Amsterdam')""",
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    ),
    "the hour after the one that does not exist is itself": (
        """local_to_utc("'2026-03-29 03:30:00'", 'Europe/Amsterdam')""",
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    ),
    "half an hour that happens twice is the second, too": (
        """local_to_utc("'2026-04-05 01:45:00'", 'Australia/Lord_Howe')""",
        datetime(2026, 4, 4, 15, 15, tzinfo=UTC),
    ),
    "half an hour that does not exist moves forward": (
        """local_to_utc("'2026-10-04 02:15:00'", 'Australia/Lord_Howe')""",
        datetime(2026, 10, 3, 15, 45, tzinfo=UTC),
    ),
    "the hour after the one that happens twice is itself": (
        """local_to_utc("'2026-10-25 03:30:00'", 'Europe/Amsterdam')""",
        datetime(2026, 10, 25, 2, 30, tzinfo=UTC),
    ),
    "an instant has the company's date": (
        "local_date("
        "\"cast('2026-10-24 22:30:00+00' as \" ~ type_instant() ~ ')', 'Europe/Amsterdam')",
        date(2026, 10, 25),
    ),
    "business minutes go on after the weekend": (
        _business("2026-10-30 15:30", "2026-11-02 08:10"),
        40,
    ),
    "a weekend has no business minutes": (_business("2026-10-31 11:00", "2026-11-01 11:00"), 0),
    "before opening no business minute has passed": (
        _business("2026-11-02 05:00", "2026-11-02 07:59"),
        0,
    ),
    "business minutes go by the company's clock, also when it is set back": (
        _business("2026-10-23 14:00", "2026-10-26 09:00"),
        120,
    ),
    "a week has five business days": (_business("2026-11-02 08:00", "2026-11-09 08:00"), 2400),
    "the best of 200 people are one in a hundred": (
        "tier_of_place('2', '200')",
        "platinum",
    ),
    "a tier cuts at its share, rounded up": ("tier_of_place('101', '200')", "basic"),
    "a better tier counts at once": ("held_tier(\"'gold'\", \"'silver'\", 'null')", "gold"),
    "a tier is kept on the first night below it": (
        "held_tier(\"'silver'\", \"'gold'\", 'null')",
        "gold",
    ),
    "a tier is kept for 30 days": (
        """held_tier("'silver'", "'gold'", "date '2026-10-02'")""",
        "gold",
    ),
    "a tier is lost after 30 days below it": (
        """held_tier("'silver'", "'gold'", "date '2026-10-01'")""",
        "silver",
    ),
    "who had no tier has tonight's": ("held_tier(\"'silver'\", 'null', 'null')", "silver"),
    "the type of an instant knows the zone": (
        "safe_cast('given.instant', type_instant())",
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ),
}


def _surely_after(instant: str, earlier: str) -> str:
    return f"is_surely_after({_in_utc(instant)}, {_in_utc(earlier)})"


def _in_german(template: str) -> str:
    return f"""filled_in("{template}", words_de())"""


def _sentence(template: str, name: str = "a") -> str:
    return f"""sentence("'{name}'", {{'a': "{template}"}})"""


SENTENCES: dict[str, tuple[str, object]] = {
    "one is one day": (_sentence("it's been {1:days}"), "it's been 1 day"),
    "many are days": (_sentence("{41:days} now"), "41 days now"),
    "none are days too": (_sentence("{0:days}"), "0 days"),
    "no day ago is today": (_sentence("ordered {0:days_ago}"), "ordered today"),
    "one day ago is singular": (_sentence("{1:days_ago}"), "1 day ago"),
    "one time is once": (_sentence("{1:times}"), "once"),
    "a form may be empty for one": (_sentence("again{1:again}"), "again"),
    "of one time there is no first": (
        _sentence("{1:ordered_first} {4:days_ago}"),
        "has ordered once, 4 days ago",
    ),
    "of many times there is a first": (
        _sentence("{2:ordered_first} {4:days_ago}"),
        "has ordered 2 times, the first time 4 days ago",
    ),
    "below half a hundredth is few": (_sentence("{0.0049:in_100}"), "less than 1 in 100"),
    "half a hundredth is one": (_sentence("{0.005:in_100}"), "1 in 100"),
    "everybody is 100 in 100": (_sentence("{1.0:in_100}"), "100 in 100"),
    "nearly everybody is not everybody": (_sentence("{0.995:in_100}"), "more than 99 in 100"),
    "below half a hundredth of everybody is 99": (_sentence("{0.9949:in_100}"), "99 in 100"),
    "a minute is singular": (_sentence("{1:duration}"), "1 minute"),
    "below two hours are minutes": (_sentence("{119:duration}"), "119 minutes"),
    "from two hours on are hours": (_sentence("{120:duration}"), "2 hours"),
    "from two days on are days": (_sentence("{2880:duration}"), "2 days"),
    "a minute over what was promised is no promise kept": (
        _sentence("took {241:duration}; promised: {240:exact_duration}"),
        "took more than 4 hours; promised: 4 hours",
    ),
    "so it is with days": (
        _sentence("took {2881:duration}; promised: {2880:exact_duration}"),
        "took more than 2 days; promised: 2 days",
    ),
    "hours and a half were promised to the minute": (
        _sentence("took {160:duration}; promised: {150:exact_duration}"),
        "took more than 2 hours; promised: 150 minutes",
    ),
    "days and an hour are hours": (_sentence("{4380:exact_duration}"), "73 hours"),
    "a day is 24 hours": (_sentence("{1440:exact_duration}"), "24 hours"),
    "whole hours are not more than themselves": (_sentence("{300:duration}"), "5 hours"),
    "a day of the year has no leading zero": (
        _sentence("on {date '2026-03-03':date}"),
        "on 3 March",
    ),
    "a leap day is one, and a day of another year has its year": (
        _sentence("{date '2028-02-29':date}"),
        "29 February 2028",
    ),
    "a day of which nobody knows the year is not told": (
        _sentence("on {cast(null as date):date}"),
        None,
    ),
    "a code is said as a word": (_sentence("{'warranty_claim':case_kind}"), "warranty claim"),
    "a code without a word loses its underscores": (
        _sentence("{'lost_parcel':case_kind}"),
        "lost parcel",
    ),
    "a category is said in lower case": (_sentence("{'Coffee_Beans':plain}"), "coffee beans"),
    "a sentence with a hole is none": (_sentence("for {cast(null as integer):days}"), None),
    "in German one day ago is yesterday": (_in_german("{1:days_ago}"), "gestern"),
    "in German days ago are a dative": (_in_german("{2:days_ago}"), "vor 2 Tagen"),
    "in German no day ago is today": (_in_german("{0:days_ago}"), "heute"),
    "in German one day is singular": (_in_german("nach {1:of_days}"), "nach 1 Tag"),
    "in German days are a dative": (_in_german("nach {7:of_days}"), "nach 7 Tagen"),
    "in German one day ahead is tomorrow": (_in_german("{1:in_days}"), "morgen"),
    "in German one time is a word": (_in_german("{1:times} bestellt"), "einmal bestellt"),
    "in German many times are a number": (_in_german("{12:times}"), "12-mal"),
    "in German one point lapses": (_in_german("{1:points_lapse}"), "1 Punkt verfällt"),
    "in German points lapse": (_in_german("{50:points_lapse}"), "50 Punkte verfallen"),
    "in German one point is missing": (_in_german("{1:points_missing}"), "fehlt 1 Punkt"),
    "in German few are fewer than one": (_in_german("{0.001:in_100}"), "weniger als 1 von 100"),
    "in German a gap of a day is every day": (_in_german("{1:every_days}"), "jeden Tag"),
    "in German a form may be empty for one": (
        _in_german("musste{1:again} wieder geöffnet werden"),
        "musste wieder geöffnet werden",
    ),
    "in German of one case there is no first": (
        _in_german("ohne Antwort: {1:cases_unanswered} 3. März"),
        "ohne Antwort: 1 Vorgang, seit dem 3. März",
    ),
    "a decimal has a point": (_sentence("{12.50:decimal} EUR"), "12.50 EUR"),
    "in German a decimal has a comma": (_in_german("{12.50:decimal} EUR"), "12,50 EUR"),
    "a thousand is marked": (_sentence("{1000:points}"), "1,000 points"),
    "below a thousand nothing is": (_sentence("{999:points}"), "999 points"),
    "every thousand is marked": (_sentence("{1234567:number} EUR"), "1,234,567 EUR"),
    "so is one below nothing": (_sentence("{-1234:number} EUR"), "-1,234 EUR"),
    "a decimal's thousand is marked": (_sentence("{1234.50:decimal} EUR"), "1,234.50 EUR"),
    "a year has no mark": (_sentence("{date '2025-03-03':date}"), "3 March 2025"),
    "in German a thousand has a point": (_in_german("{12345:points}"), "12.345 Punkte"),
    "in German a decimal has both": (_in_german("{1234567.05:decimal} EUR"), "1.234.567,05 EUR"),
    "a language without a mark leaves it out": (
        """filled_in("{1234.50:decimal}", {'decimal_mark': ','})""",
        "1234,50",
    ),
    "in German hours are hours": (_in_german("{120:duration}"), "2 Stunden"),
    "in German a rest of an hour is more": (_in_german("{121:duration}"), "mehr als 2 Stunden"),
    "in German a date is written its own way": (
        _in_german("am {date '2026-03-03':date}"),
        "am 3. März",
    ),
    "in German too a day of another year has its year": (
        _in_german("am {date '2024-12-31':date}"),
        "am 31. Dezember 2024",
    ),
    "in German a code is said as a word": (
        _in_german("{'warranty_claim':case_kind}"),
        "Garantiefall",
    ),
    "a later instant is after": (_surely_after("2026-03-15 11:00", "2026-03-15 10:00"), True),
    "an earlier one is not": (_surely_after("2026-03-15 10:00", "2026-03-15 11:00"), False),
    "nor is one of a day of which no time is known": (
        _surely_after("2026-03-15 11:00", "2026-03-14 23:00"),
        False,
    ),
    "a day of which no time is known is after the one before": (
        _surely_after("2026-03-14 23:00", "2026-03-14 11:00"),
        True,
    ),
    "nobody knows of no instant": (
        f"is_surely_after({_instant('null')}, {_in_utc('2026-03-15 11:00')})",
        False,
    ),
    "words about a list have its numbers as they are tonight": (
        "filled_in(with_numbers('ends in {first} to {last:days}', {'first': 0, 'last': 1}),"
        " words_en())",
        "ends in 0 to 1 day",
    ),
    "an unknown name is no sentence": (_sentence("for {1:days}", name="b"), None),
    "an object keeps its types": (
        """json_object([['b', "'x'"], ['a', 'cast(0.25 as numeric(9, 6))'], ['c', 'true']])""",
        {"b": "x", "a": 0.25, "c": True},
    ),
}
LOOSE_IDS = {
    "C-00123": "c123",
    "ｃ００１２３": "c123",  # noqa: RUF001 - full-width
    "С123": "c123",  # noqa: RUF001 - its first letter is Cyrillic
    "C-OOl23": "c123",
    "c①²٣": "c123",
    "𝖢-𝟎𝟎𝟏𝟐𝟑": "c123",  # noqa: RUF001 - mathematical
    "Ⅻ-ﬁ-ĳ": "x11f11j",
    "Straße Ç⑫③": "strassec123",
    "STRASSE Ç½③": "strassec123",
    "Ǆ-ǅ-dž-dz": "dzdzdzdz",
    "J\u00fcrgen-Zo\u00eb": "jurgenz0e",
    "Ju\u0308rgen-Zoe\u0308": "jurgenz0e",
    "Łódź-Ø⒎-Æneas": "10dz7aeneas",
    "Kilo 1O7": "k11107",
    "rail-007": "ra117",
    "Mc O''0Hara 7": "mc0hara7",  # in SQL
    "77.0": "77",
    "77.0\n": "770",
    "0i0l5": "115",
    "0I0I0I0I5": "11115",
    "İ7": "17",
    "0077.000": "77",
    "C7.0": "c70",
    "7.05": "705",
    "007-0070.000": "70070000",
    "x0y00z000": "x0y0z0",
    "00": "0",
    "": "",
    "客户": "",
}
CASES |= SENTENCES | {
    f"the loose id of {given!r} is {loose!r}": (f"loose_id(\"'{given}'\")", loose)
    for given, loose in LOOSE_IDS.items()
}


@pytest.fixture
def values(render: Callable[[str], str], admin: psycopg.Connection) -> dict[str, object]:
    """What each case's macro gives; all in one query, because dbt takes seconds to start."""
    columns = ",\n".join(f"{{{{ {call} }}}}" for call, _ in CASES.values())
    query = render(f"select {columns} {GIVEN}")
    row = admin.execute(query.encode()).fetchone()
    assert row is not None
    return dict(zip(CASES, row, strict=True))


def test_every_macro_gives_the_value_it_promises(values: dict[str, object]) -> None:
    wrong = {
        claim: (values[claim], expected)
        for claim, (_, expected) in CASES.items()
        if values[claim] != expected
    }
    assert wrong == {}


def test_the_last_check_reads_an_id_as_the_models_do(admin: psycopg.Connection) -> None:
    forms = [raw_lines.form(sql.Literal(given.replace("''", "'"))) for given in LOOSE_IDS]
    row = admin.execute(sql.SQL("select {}").format(sql.SQL(", ").join(forms))).fetchone()
    assert row is not None
    assert dict(zip(LOOSE_IDS, row, strict=True)) == LOOSE_IDS


def test_whatever_unicode_writes_out_in_plain_letters_is_like_those(
    admin: psycopg.Connection,
) -> None:
    everything = [chr(n) for n in range(0x80, sys.maxunicode + 1)]
    written_out = {
        letter: plain
        for letter in everything
        if (plain := "".join(filter(str.isalnum, unicodedata.normalize("NFKD", letter))))
        and plain.isascii()
    }
    assert sum(len(plain) > 1 for plain in written_out.values()) > 200
    different = sql.SQL(
        "select letter, plain from unnest(%s::text[], %s::text[]) as written (letter, plain)"
        " where {} <> {}"
    ).format(*(raw_lines.form(sql.SQL(name)) for name in ("letter", "plain")))
    assert admin.execute(different, [[*written_out], [*written_out.values()]]).fetchall() == []


NIGHT = date(2026, 10, 31)  # of `render`
COUNTS = (0, 1, 2, 1234567)
"""The counts at which grammar is most often wrong, and one of several marks; 0 days are today."""


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_sentence_of_every_list_is_told_alike_a_second_time(
    render: Callable[[str], str], admin: psycopg.Connection, language: str
) -> None:
    """What dbt makes of all sentences, beside what tests/telling.py makes of them."""
    telling = Telling(shared_words(PROJECT / "dbt_project", language), NIGHT)
    said, told, asked = {}, {}, []
    for (name, template), count in product(every_sentence(language).items(), COUNTS):
        facts = {fact: example(telling, fact, form, count) for fact, form in facts_in(template)}
        told[f"{name} {count}"] = telling.told(template, facts)
        row = ", ".join(f"{literal(value)} as {fact}" for fact, value in facts.items()) or "1 as n"
        asked.append(
            f"select '{name} {count}',"
            f" {{{{ filled_in({json.dumps(template)}, words_{language}()) }}}}"
            f" from (select {row}) as facts"
        )
    said = dict(admin.execute(render(" union all ".join(asked)).encode()).fetchall())
    assert len(said) > 500
    assert {name: (said[name], told[name]) for name in told if said[name] != told[name]} == {}


AGGREGATES = """
select
    {{ average('numbers.n', 4) }},
    {{ average('case when numbers.n > 5 then numbers.n end', 4) }}
from (values (1), (2), (2), (null)) as numbers (n)
"""
PRODUCTS = """
select {{ running_product('steps.kept', 'steps.n asc nulls last') }}
from (values (1, 0.9), (2, 0.8), (3, 1.0), (4, 0.5), (5, 0.0), (6, 0.7)) as steps (n, kept)
order by steps.n asc nulls last
"""


def test_an_average_leaves_the_unknown_out_and_keeps_its_decimals(
    render: Callable[[str], str], admin: psycopg.Connection
) -> None:
    query = render(AGGREGATES)
    assert admin.execute(query.encode()).fetchone() == (Decimal("1.6667"), None)


def test_a_running_product_multiplies_and_stays_zero_after_a_zero(
    render: Callable[[str], str], admin: psycopg.Connection
) -> None:
    query = render(PRODUCTS)
    found = [round(value, 12) for (value,) in admin.execute(query.encode())]
    assert found == [Decimal(text) for text in ("0.9", "0.72", "0.72", "0.36", "0", "0")]


def test_every_version_of_a_row_is_no_answer_and_what_to_use_is_said(
    render: Callable[[str], str],
) -> None:
    """By names that the wiring's check of the text cannot see through, too."""
    template = "{% set feed = 'orders' %}{{ visible_rows('house', feed) }}"
    with pytest.raises(AssertionError, match="the feed is load: upsert, use current_version"):
        render(template)
