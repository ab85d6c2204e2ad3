"""Noes that could not be read, as their lines stand in quarantine: whom the last check takes them
to mean.

A reading of its own, and a narrower one than the lists': a line names an account by its id but for
case, spaces, punctuation, letters that look alike and zeros in front, or the address that somebody
is to be reached at, a number's country left out or not. A line that was replayed, or whose key a
later file of that day has, is corrected. Of a line whose text the retention has taken, only the
lists still know whom it means.
"""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
from psycopg import sql

from regulars.feeds import declarations
from regulars.feeds.model import Feed
from regulars.lists.raw_words import tables_of, visible
from regulars.look_alikes import LOOK_ALIKES
from regulars.national_numbers import CALLING_CODES, LONGEST, NO_NUMBER, SHORTEST
from regulars.night import Night
from regulars.settings import Settings

FAREWELLS = "farewells"  # what a feed guards in whose lines somebody may be dead
MOST_WORDS = 60  # of a line; a longer one is no row of these feeds
BETWEEN_WORDS = r"[\x01-\x1f\s,;|\"'{}\[\]:]+"
BETWEEN_CELLS = r"[\x01-\x1f,;|\"'{}\[\]]+"

# (delivery_id, line, is_farewell, form, word): each word of a line, and each cell of several.
WORDS = """
    select lines.delivery_id, lines.line, lines.is_farewell, {form}, lower(trim(words.word))
    from (
        select q.delivery_id, q.line, q.feed = any({farewells}) as is_farewell,
            normalize(q.raw_text, NFKC) as text
        from raw.quarantine as q
        inner join ({visible}) as visible on visible.delivery_id = q.delivery_id
        where q.feed = any({feeds})
    ) as lines
    cross join lateral (
        select regexp_split_to_table(lines.text, {between_cells})
        union
        select regexp_split_to_table(lines.text, {between_words})
    ) as words (word)
    where regexp_count(lines.text, {between_words}) < {most}
"""
# (delivery_id, line, form) of what makes up for lines of a delivery: of a replay the line, of a
# later file of that day the form of each key.
MADE_GOOD = """
    select later.delivery_id, case when later.is_replay then rows._line end,
        case when not later.is_replay then {form} end
    from (
        select distinct q.delivery_id, d.delivery_id as later_id,
            d.replay_of is not null as is_replay
        from raw.quarantine as q
        inner join raw.deliveries as first on first.delivery_id = q.delivery_id
        inner join raw.deliveries as d
            on d.feed = q.feed and (
                d.replay_of = q.delivery_id
                or (
                    d.replay_of is null and d.delivered_on = first.delivered_on
                    and (d.revision, d.rewrite_no) > (first.revision, first.rewrite_no)
                )
            )
        inner join ({visible}) as visible on visible.delivery_id = d.delivery_id
        where q.feed = {feed}
    ) as later
    inner join raw.{table} as rows on rows._delivery_id = later.later_id
"""
NO_WORDS = "select null::bigint, null::bigint, null::boolean, null::text, null::text where false"
NOTHING_MADE_GOOD = "select null::bigint, null::bigint, null::text where false"


def form(text: sql.Composable) -> sql.Composed:
    """SQL: what two spellings of one id share."""
    return sql.SQL(
        "translate(regexp_replace(regexp_replace(regexp_replace("
        "translate(lower(trim({letters})), 'o', '0'),"
        " '^([0-9]+)[.]0+$', '\\1'), '[^a-z0-9]+', '', 'g'),"
        " '(?<![0-9])0+(?=[0-9il])', '', 'g'), 'il', '11')"
    ).format(letters=_letters_as_meant(text))


def _letters_as_meant(text: sql.Composable) -> sql.Composed:
    """SQL: most texts have no letter to translate."""
    meant = sql.SQL("translate({}, {}, {})").format(
        text, sql.Literal(LOOK_ALIKES["written"]), sql.Literal(LOOK_ALIKES["meant"])
    )
    for letter, several in LOOK_ALIKES["several_in_one"]:
        meant = sql.SQL("replace({}, {}, {})").format(
            meant, sql.Literal(letter), sql.Literal(several)
        )
    return sql.SQL("case when octet_length({}) = length({}) then {} else {} end").format(
        text, text, text, meant
    )


def national_part(number: sql.Composable) -> sql.Composed:
    """SQL: of a number in normal form, without its country and zeros in front."""
    return sql.SQL("regexp_replace({}, {}, '')").format(
        number, sql.Literal(f"^[+]({CALLING_CODES})0*")
    )


def number_at_home(word: sql.Composable) -> sql.Composed:
    """SQL: the same of a word that is a number without its country; null of any other."""
    return sql.SQL(
        "case when {word} ~ {digits} and {word} !~ {no_number}"
        " then substring(regexp_replace({word}, '[^0-9]+', '', 'g') from {national}) end"
    ).format(
        word=word,
        digits=sql.Literal(f"^[ (]*(?!00)([0-9][ ()./-]*){{{SHORTEST},{LONGEST}}}$"),
        no_number=sql.Literal(f"^({NO_NUMBER})$"),
        national=sql.Literal("[1-9].*$"),
    )


def words(settings: Settings, night: Night) -> sql.Composed:
    """Rows of (delivery_id, line, is_farewell, form, word) of lines that forbid a contact."""
    feeds = _forbidding(settings)
    return sql.SQL(NO_WORDS + " union all " + WORDS).format(
        form=form(sql.SQL("words.word")),
        farewells=_names(feed for feed in feeds if FAREWELLS in feed.delivery.guards),
        feeds=_names(feeds),
        visible=visible(night),
        between_cells=sql.Literal(BETWEEN_CELLS),
        between_words=sql.Literal(BETWEEN_WORDS),
        most=sql.Literal(MOST_WORDS),
    )


def made_good(connection: psycopg.Connection, settings: Settings, night: Night) -> sql.Composed:
    """Rows of (delivery_id, line, form): a line that is corrected, or the form that says of which
    lines of that delivery it is."""
    feeds = _forbidding(settings)
    there = tables_of(connection, [feed.table for feed in feeds])
    return sql.SQL(" union all ").join(
        [
            sql.SQL(NOTHING_MADE_GOOD),
            *(_of_feed(feed, night) for feed in feeds if feed.table in there),
        ]
    )


def _of_feed(feed: Feed, night: Night) -> sql.Composed:
    key = sql.Identifier("rows", feed.delivery.key[0]) if feed.delivery.key else sql.SQL("null")
    return sql.SQL(MADE_GOOD).format(
        form=form(sql.SQL("cast({} as text)").format(key)),
        visible=visible(night),
        feed=sql.Literal(feed.table),
        table=sql.Identifier(feed.table),
    )


def _forbidding(settings: Settings) -> list[Feed]:
    feeds = declarations.load(settings.dbt_project, settings.systems)
    return [feed for feed in feeds if feed.delivery.forbids]


def _names(feeds: Iterable[Feed]) -> sql.Composed:
    return sql.SQL("{}::text[]").format(sql.Literal([feed.table for feed in feeds]))
