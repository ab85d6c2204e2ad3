"""Whom an erasure removes: ids and addresses of a person, and how a text is known to name them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import psycopg
from psycopg import sql

from regulars.erasure.receipt import key_of
from regulars.feeds.model import Feed
from regulars.lists import raw_merges
from regulars.lists.normal_forms import PERHAPS_OF_IT

SHORTEST_WORD = 6  # a shorter id of digits alone could be any number in a line
# Before an address: not in the middle of another one, as `b@x.org` is in `a.b@x.org`.
WITHIN_AN_ADDRESS = r"(?<![0-9A-Za-z][.+_'-])"
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)  # of JSON
KINDS = {"email": "email", "phone": "phone"}  # personal columns that are addresses

# The merge of each account that stands, by the rule of docs/data-flow.md (Who is who).
MERGES = """
    with words as ({words}),
    {standing}
    select one, other from standing where one = any(%(ids)s) or other = any(%(ids)s)
"""


@dataclass(frozen=True)
class Person:
    """One person under every exact id that is theirs tonight.

    ids        customer ids, as delivered
    addresses  their e-mail addresses and phone numbers, as delivered, in normal form and as a no
               that may mean them writes them, without those that somebody else has as well
    suppressed (kind, word) that is never written to again; shared addresses are not part of it
    linked     column -> keys of their rows, for rows that name the key and no customer
    strangers  ids that a tool has beside an address of theirs and that nobody has
    key        the warehouse's, by which files have ids that are loaded under pseudonyms
    """

    ids: frozenset[str]
    addresses: frozenset[str] = frozenset()
    suppressed: frozenset[tuple[str, str]] = frozenset()
    linked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    strangers: frozenset[str] = frozenset()
    key: bytes = field(default=b"", repr=False)

    def identifiers(self) -> set[tuple[str, str]]:
        """(kind, identifier) as in pii.erasure_identifiers; `of_identifiers` reads them."""
        return {
            *(("id", word) for word in self.ids),
            *(("stranger", word) for word in self.strangers),
            *(("address", word) for word in self.addresses),
            *((f"never:{kind}", word) for kind, word in self.suppressed),
            *((f"key:{column}", word) for column, keys in self.linked.items() for word in keys),
        }

    @property
    def telling_words(self) -> list[str]:
        """Addresses, and ids that are no mere number; the longest first."""
        ids = {word for word in self.ids if not word.isdigit() or len(word) >= SHORTEST_WORD}
        return sorted((ids | self.addresses) - {""}, key=lambda word: (-len(word), word))

    @cached_property
    def mention(self) -> re.Pattern[str]:
        """A text that names them, by a telling word of its own."""
        return re.compile(self._mention(re.escape), re.IGNORECASE)

    @property
    def mention_in_postgres(self) -> str:
        """The same for PostgreSQL's `~*`."""
        return self._mention(lambda word: "".join(c if c.isalnum() else f"\\{c}" for c in word))

    def _mention(self, escaped: Callable[[str], str]) -> str:
        words = "|".join(
            (WITHIN_AN_ADDRESS if "@" in word else "") + escaped(word)
            for word in self.telling_words
        )
        return rf"(?<![0-9A-Za-z])(?:{words or '(?!)'})(?![0-9A-Za-z])"

    def is_named_in(self, text: str) -> bool:
        """By what it says, also where it is JSON, sound or broken, and escapes it."""
        if self.mention.search(text):
            return True
        return "\\" in text and bool(self.mention.search(ESCAPE.sub(_unescaped, text)))


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        return chr(int(escape[1], 16))
    return escape[2] if escape[2] in '"\\/' else " "  # a line end, a tab


def all_of(people: Iterable[Person]) -> Person:
    """All of them as one: under every id, address and key of theirs."""
    people = list(people)
    linked: dict[str, frozenset[str]] = defaultdict(frozenset)
    for person in people:
        for column, keys in person.linked.items():
            linked[column] |= keys
    return Person(
        frozenset[str]().union(*(person.ids for person in people)),
        frozenset[str]().union(*(person.addresses for person in people)),
        frozenset[tuple[str, str]]().union(*(person.suppressed for person in people)),
        dict(linked),
        frozenset[str]().union(*(person.strangers for person in people)),
        next((person.key for person in people), b""),
    )


def of_identifiers(identifiers: Iterable[tuple[str, str]], key: bytes) -> Person:
    """The person that an erasure which was interrupted was about; key: the warehouse's."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for kind, word in identifiers:
        kinds[kind].add(word)
    return Person(
        frozenset(kinds["id"]),
        frozenset(kinds["address"]),
        frozenset(
            (kind.removeprefix("never:"), word)
            for kind, mine in kinds.items()
            if kind.startswith("never:")
            for word in mine
        ),
        {
            kind.removeprefix("key:"): frozenset(mine)
            for kind, mine in kinds.items()
            if kind.startswith("key:")
        },
        frozenset(kinds["stranger"]),
        key,
    )


def find(connection: psycopg.Connection, feeds: Iterable[Feed], customer_id: str) -> Person:
    """The person behind an exact id, with the accounts that are merged with it tonight."""
    feeds = list(feeds)
    ids = _merged_with(connection, feeds, customer_id)
    originals = _with_other_spellings(connection, _addresses(connection, feeds, ids))
    said = _as_said(connection, _normal_forms(connection, originals))
    strangers = _strangers(connection, feeds, ids, said | {word for _, word in originals})
    shared = _shared(connection, feeds, ids | strangers, originals)
    own = originals - _with_other_spellings(connection, shared)
    normal = _normal_forms(connection, own)
    return Person(
        frozenset(ids),
        frozenset(word for _, word in own | normal) | _as_said(connection, normal),
        frozenset({("id", word) for word in ids} | normal),
        _linked(connection, feeds, ids),
        frozenset(strangers),
        key_of(connection),
    )


def _merged_with(connection: psycopg.Connection, feeds: list[Feed], customer_id: str) -> set[str]:
    """Exact ids that the feed `identities` calls the same person tonight."""
    ids = {customer_id}
    identities = [feed for feed in feeds if feed.name == "identities"]
    while identities:
        merged = {
            account
            for feed in identities
            for pair in connection.execute(
                sql.SQL(MERGES).format(
                    words=raw_merges.words(feed.table, str(feed.delivery.version)),
                    standing=sql.SQL(raw_merges.STANDING),
                ),
                {"ids": sorted(ids)},
            )
            for account in pair
        }
        if merged <= ids:
            return ids
        ids |= merged
    return ids


def _addresses(
    connection: psycopg.Connection, feeds: list[Feed], ids: set[str]
) -> set[tuple[str, str]]:
    """(kind, original) of every address in the rows of these ids."""
    addresses: set[tuple[str, str]] = set()
    for feed in feeds:
        mine = _is_theirs(feed)
        for column in feed.columns:
            if mine is None or column.personal not in KINDS:
                continue
            query = sql.SQL("select distinct {0} from {1} where {0} is not null and {2}").format(
                sql.Identifier(column.name), sql.Identifier("raw", feed.table), mine
            )
            rows = connection.execute(query, {"ids": sorted(ids)})
            addresses |= {(KINDS[column.personal], row[0]) for row in rows}
    return addresses


def _strangers(
    connection: psycopg.Connection, feeds: list[Feed], ids: set[str], addresses: set[str]
) -> set[str]:
    """Ids beside one of these addresses in a tool's feed that are nobody's."""
    beside: set[str] = set()
    for feed in (feed for feed in feeds if feed.id_places):
        for owner, address in product(feed.customer_columns, feed.address_columns):
            query = sql.SQL(
                "select distinct {0}::text from {1} where {0} is not null and {2} = any(%s)"
            )
            rows = connection.execute(
                query.format(
                    sql.Identifier(owner.name),
                    sql.Identifier("raw", feed.table),
                    sql.Identifier(address.name),
                ),
                [sorted(addresses)],
            )
            beside |= {said for (said,) in rows} - ids
    places = {place for feed in feeds for place in feed.id_places} if beside else set()
    for table, column in sorted(places):
        query = sql.SQL("select distinct {0}::text from {1} where {0}::text = any(%s)")
        found = query.format(sql.Identifier(column), sql.Identifier("raw", table))
        beside -= {had for (had,) in connection.execute(found, [sorted(beside)])}
    return beside


def _shared(
    connection: psycopg.Connection,
    feeds: list[Feed],
    ids: set[str],
    originals: set[tuple[str, str]],
) -> set[tuple[str, str]]:
    """Those of the addresses that somebody else was delivered with: they stay theirs."""
    shared: set[tuple[str, str]] = set()
    for feed in feeds:
        mine = _is_theirs(feed)
        for column in feed.columns:
            if mine is None or column.personal not in KINDS:
                continue
            kind = KINDS[column.personal]
            query = sql.SQL(
                "select distinct {0} from {1} where {0} = any(%(words)s) and not ({2})"
            ).format(sql.Identifier(column.name), sql.Identifier("raw", feed.table), mine)
            words = [word for of_kind, word in originals if of_kind == kind]
            rows = connection.execute(query, {"ids": sorted(ids), "words": words})
            shared |= {(kind, row[0]) for row in rows}
    return shared


def _normal_forms(
    connection: psycopg.Connection, originals: set[tuple[str, str]]
) -> set[tuple[str, str]]:
    return {
        (kind, normal)
        for kind, normal in connection.execute(
            """
            select distinct f.kind, f.normal
            from pii.normal_forms as f
            inner join unnest(%s::text[], %s::text[]) as w (kind, original)
                on f.kind = w.kind and f.original = w.original
            where f.normal is not null and f.country <> 'said'
            """,
            [[kind for kind, _ in originals], [word for _, word in originals]],
        )
    }


def _with_other_spellings(
    connection: psycopg.Connection, originals: set[tuple[str, str]]
) -> set[tuple[str, str]]:
    """The same addresses however anybody has written them: `Jan@x.org` is `jan@x.org`."""
    normal = _normal_forms(connection, originals)
    rows = connection.execute(
        """
        select distinct f.kind, f.original
        from pii.normal_forms as f
        inner join unnest(%s::text[], %s::text[]) as n (kind, normal)
            on f.kind = n.kind and f.normal = n.normal
        where f.country <> 'said'
        """,
        [[kind for kind, _ in normal], [word for _, word in normal]],
    )
    return originals | {(kind, word) for kind, word in rows}


def _as_said(connection: psycopg.Connection, normal: set[tuple[str, str]]) -> set[str]:
    """What noes that may mean one of these addresses have in its place: `Jan <JAN@x.org>`; not what
    is somebody else's address as it stands, as `o'neil@x.org` is beside theirs, `neil@x.org`."""
    rows = connection.execute(
        """
        select distinct f.original
        from pii.normal_forms as f
        inner join unnest(%(kinds)s::text[], %(words)s::text[]) as n (kind, normal)
            on f.kind = n.kind and f.normal = n.normal
        where f.country = 'said' and not exists (
            select 1 from pii.normal_forms as whole
            where whole.kind = f.kind and whole.original = f.original and whole.country = 'said'
                and whole.normal = lower(f.original)
                and ltrim(whole.normal, %(perhaps)s) <> all(%(words)s)
        )
        """,
        {
            "kinds": [kind for kind, _ in normal],
            "words": [word for _, word in normal],
            "perhaps": PERHAPS_OF_IT,
        },
    )
    return {original for (original,) in rows}


def _linked(
    connection: psycopg.Connection, feeds: list[Feed], ids: set[str]
) -> dict[str, frozenset[str]]:
    """Keys of their rows that rows of other feeds may name instead of the customer."""
    linked = {}
    for feed in feeds:
        mine, key = _is_theirs(feed), feed.delivery.key
        if mine is None or feed.delivery.books or len(key) != 1:
            continue
        others = [f for f in feeds if f is not feed and f.customer_columns]
        if feed.column(key[0]).is_customer or not any(_has(other, key[0]) for other in others):
            continue
        query = sql.SQL("select distinct {}::text from {} where {}").format(
            sql.Identifier(key[0]), sql.Identifier("raw", feed.table), mine
        )
        linked[key[0]] = frozenset(r[0] for r in connection.execute(query, {"ids": sorted(ids)}))
    return linked


def _has(feed: Feed, name: str) -> bool:
    return any(column.name == name for column in feed.columns)


def _is_theirs(feed: Feed) -> sql.Composed | None:
    """Condition on a feed's rows, with the parameter ids; None where no row is anybody's."""
    columns = [sql.Identifier(column.name) for column in feed.customer_columns]
    if not columns:
        return None
    return sql.SQL(" or ").join(sql.SQL("{} = any(%(ids)s)").format(name) for name in columns)
