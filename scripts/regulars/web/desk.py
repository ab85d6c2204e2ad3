"""What a log-in reads of the live night, and what it writes down: through its own connection, so
that the warehouse decides who may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import class_row, scalar_row

from regulars.phrases import phrase, say, told
from regulars.settings import Settings
from regulars.warehouse import LiveGeneration, refusal, url
from regulars.web.sessions import Session

ROLES = ("marketing", "analyst")
MEMBERS = {
    "marketing": sql.Identifier("lists", "tonight_members"),
    "analyst": sql.Identifier("published", "list_members"),
}
OUTCOMES = {
    "reached": phrase("reached"),
    "no_answer": phrase("no answer"),
    "wrong_number": phrase("wrong number"),
    "opted_out": phrase("wants no more calls"),
    "complained": phrase("complained about the call"),
}
"""What may come of a call, as the log has it and as people say it."""


# What functions of the warehouse refuse in one sentence; others quote the gate, as the log has it.
SENTENCES = (
    phrase("An approval needs a reason."),
    phrase("The reason of an approval has at most 4000 characters."),
    phrase("There is no such customer in the published tables."),
    phrase("Another night has been published meanwhile. Open the list again."),
    phrase(
        "They are not to be contacted for this list tonight: the call is not written down. If they"
        " want to hear no more, press Do not contact."
    ),
)


class Refused(RuntimeError):
    """What was asked for is not done; the message says why, and names nobody."""


@dataclass(frozen=True)
class Stop:
    """A gate that waits for a word; nobody can give it where faults are among its claims."""

    as_of: date
    gate: str
    claims: list[str]
    faults: int


@dataclass(frozen=True)
class Member:
    """Somebody on a list, and what came of tonight's last call to them."""

    rank: int
    customer_id: str
    reason_1: str | None
    reason_2: str | None
    reason_3: str | None
    suggested_action: str | None
    outcome: str | None

    @property
    def reasons(self) -> list[str]:
        return [reason for reason in (self.reason_1, self.reason_2, self.reason_3) if reason]


@dataclass(frozen=True)
class Record:
    record_id: int
    generation: int
    as_of: date
    kind: str
    login: str
    said_by: str
    customer_id: str | None
    list_code: str | None
    target: str | None
    outcome: str | None
    gate: str | None
    rows: int | None
    left_out: int | None
    recorded_at: datetime


def may_log_in(settings: Settings, role: str, password: str) -> bool:
    """Whether the warehouse knows that password; an empty one never counts."""
    if role not in ROLES or not password or "\0" in password:
        return False
    try:
        psycopg.connect(url(settings, role, password), connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def connected(settings: Settings, session: Session) -> Iterator[psycopg.Connection]:
    """A connection as who is logged in. Its errors become sentences that quote no row."""
    assert session.role is not None
    try:
        with psycopg.connect(url(settings, session.role, session.password)) as connection:
            connection.read_only = False  # readers begin otherwise
            yield connection
    except psycopg.errors.RaiseException as refused:  # the desk's own sentence
        raise Refused(told(str(refused.diag.message_primary))) from None
    except psycopg.errors.InsufficientPrivilege:
        raise Refused(say("The log-in {role} may not do that.", role=session.role)) from None
    except psycopg.Error as error:
        raise Refused(say("Not done: {why}.", why=refusal(error))) from None


# ---------- reading


def live(connection: psycopg.Connection) -> LiveGeneration | None:
    """The night that is published; None before the first."""
    return _first(connection, LiveGeneration, "select generation, as_of, run_id from desk.live")


def waiting(connection: psycopg.Connection) -> list[Stop]:
    return _all(
        connection,
        Stop,
        "select as_of, gate, claims, faults from desk.waiting order by as_of, gate",
    )


def people(connection: psycopg.Connection, role: str) -> dict[str, int]:
    """List -> how many are to be contacted."""
    query = sql.SQL(
        "select list_code, count(*) from {} where arm = 'treat' group by list_code"
    ).format(MEMBERS[role])
    return dict(connection.execute(query).fetchall())


def withheld(connection: psycopg.Connection) -> dict[str, str]:
    """List -> why it has no file tonight."""
    return dict(connection.execute("select list_code, reason from desk.withheld").fetchall())


def members(connection: psycopg.Connection, role: str, list_code: str) -> list[Member]:
    """Who is to be contacted, by rank."""
    query = sql.SQL(
        """
        select
            m.rank, m.customer_id, m.reason_1, m.reason_2, m.reason_3, m.suggested_action,
            (
                select t.outcome from desk.trail as t
                where t.kind = 'call' and t.list_code = m.list_code
                    and t.customer_id = m.customer_id
                    and t.generation = (select generation from desk.live)
                order by t.record_id desc limit 1
            ) as outcome
        from {} as m
        where m.arm = 'treat' and m.list_code = %s
        order by m.rank
        """
    ).format(MEMBERS[role])
    return _all(connection, Member, query, [list_code])


def trail(connection: psycopg.Connection, most: int) -> list[Record]:
    """The latest of what was written down."""
    return _all(
        connection, Record, "select * from desk.trail order by record_id desc limit %s", [most]
    )


# ---------- writing down


def approve(
    connection: psycopg.Connection, session: Session, gate: str, night: date, reason: str
) -> bool:
    """False where the word was given before. Raises Refused."""
    return bool(_call(connection, "approve", session.name, gate, night, reason))


def record_call(
    connection: psycopg.Connection,
    session: Session,
    list_code: str,
    customer_id: str,
    outcome: str,
    form: str,
) -> int:
    """The record's number; of a form that is sent again, that of the first time."""
    said = (session.name, list_code, customer_id, outcome, form)
    return int(_call(connection, "record_call", *said))


def record_no(connection: psycopg.Connection, session: Session, customer_id: str) -> int:
    return int(_call(connection, "record_no", session.name, customer_id))


def record_download(
    connection: psycopg.Connection,
    session: Session,
    generation: int,
    list_code: str,
    target: str,
    rows: int,
    left_out: int,
    manifest_sha256: str,
) -> int:
    return int(
        _call(
            connection,
            "record_download",
            session.name,
            generation,
            list_code,
            target,
            rows,
            left_out,
            manifest_sha256,
        )
    )


def _call(connection: psycopg.Connection, function: str, *values: object) -> Any:
    query = sql.SQL("select {}({})").format(
        sql.Identifier("desk", function), sql.SQL(", ").join([sql.Placeholder()] * len(values))
    )
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(query, values).fetchone()


def _all(
    connection: psycopg.Connection,
    kind: type[Any],
    query: LiteralString | sql.Composed,
    values: list[object] | None = None,
) -> list[Any]:
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(query, values).fetchall()


def _first(connection: psycopg.Connection, kind: type[Any], query: LiteralString) -> Any:
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(query).fetchone()
