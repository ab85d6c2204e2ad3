"""Several people who are looked for in one reading of each table, and whose a row is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import psycopg
from psycopg import sql

from regulars.erasure.person import Person, all_of
from regulars.erasure.receipt import Line

AT_ONCE = 50  # the server reads a pattern of so many people's words
WILD = re.compile(r"[%_\\]")  # what stands for other letters in `like`
Condition = Callable[[Person], sql.Composed]  # SQL: whether a row is a person's
Told = tuple[int, Line]  # whose receipt it belongs to


@dataclass(frozen=True)
class Together:
    """People by their erasures, and each one's pseudonym; a row of several is the first one's."""

    people: Mapping[int, Person]
    pseudonyms: Mapping[int, str]

    @cached_property
    def as_one(self) -> Person:
        """All of them, as if they were one person."""
        return all_of(self.people.values())

    @cached_property
    def pseudonym_of(self) -> dict[str, str]:
        """Id -> pseudonym."""
        known: dict[str, str] = {}
        for one, person in self.people.items():
            known |= {word: self.pseudonyms[one] for word in person.ids if word not in known}
        return known

    def named(self, text: str) -> int | None:
        """The erasure of whom a text names first, or none."""
        if not self.as_one.is_named_in(text):
            return None
        return next((one for one, person in self.people.items() if person.is_named_in(text)), None)

    def anybodys(self, condition: Condition) -> sql.Composed:
        """SQL: whether a row is one of theirs. It is one of `as_one` in any case, not always the
        other way round: each is asked of those rows alone."""
        each = [condition(person) for person in self.people.values()]
        return sql.SQL("({}) and ({})").format(condition(self.as_one), sql.SQL(" or ").join(each))

    def whose(self, condition: Condition) -> sql.Composed:
        """SQL: the erasure of the first whose row it is."""
        cases = [
            sql.SQL("when {} then {}").format(condition(person), sql.Literal(one))
            for one, person in self.people.items()
        ]
        return sql.SQL("case {} end").format(sql.SQL(" ").join(cases))

    def renamed(self, column: sql.Identifier) -> sql.Composed:
        """SQL: the pseudonym where one of their ids stands, else what stands there. column: with
        its table's name or alias."""
        ids = sorted(self.pseudonym_of)
        return sql.SQL(
            "coalesce((select pseudonym from unnest({}, {}) as known (id, pseudonym)"
            " where known.id = {}), {})"
        ).format(texts(ids), texts([self.pseudonym_of[word] for word in ids]), column, column)


def names(text: sql.Composable, person: Person) -> sql.Composed:
    """SQL: whether a text names the person. The pattern, ten times as dear as looking for their
    words, is asked of texts with one of them alone."""
    words = ["%" + WILD.sub(r"\\\g<0>", word) + "%" for word in person.telling_words]
    return sql.SQL("case when {} ilike any({}) then {} ~* {} else false end").format(
        text, texts(words), text, sql.Literal(person.mention_in_postgres)
    )


def texts(words: Iterable[str]) -> sql.Composed:
    return sql.SQL("{}::text[]").format(sql.Literal(list(words)))


def counted(connection: psycopg.Connection, changing: sql.Composed) -> list[tuple[int, int]]:
    """(erasure, rows) of a statement that returns whose each changed row is as `one`."""
    statement = "with changed as ({}) select one, count(*) from changed group by one order by one"
    return connection.execute(sql.SQL(statement).format(changing)).fetchall()
