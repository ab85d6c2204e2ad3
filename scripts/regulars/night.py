"""A night: its date, its steps in order, and what it counted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import psycopg
from psycopg import sql

from regulars.settings import Settings
from regulars.warehouse import WarehouseError, connect, refusal

LOCK = 7_305_201_142  # any constant: one step at a time in a database


@dataclass(frozen=True)
class Night:
    """What every step is told.

    as_of             business date; only deliveries on or before it count
    prefix            schema prefix: "" builds the live tables, "rebuild_" builds beside them
    last_delivery_id  ledger position that a rebuild of a published night may see; None is all
    """

    as_of: date
    prefix: str = ""
    last_delivery_id: int | None = None

    def schema(self, name: str) -> str:
        return f"{self.prefix}{name}"


class NightRefused(RuntimeError):
    """A night cannot run now; the message says why and what to do."""


Step = Callable[[Settings, Night], dict]


def ingest_sales(settings: Settings, night: Night) -> dict:
    """Load the sales deliveries up to the night's date."""
    from regulars.feeds.load import ingest

    return ingest(settings, "sales", night.as_of)


def ingest_service(settings: Settings, night: Night) -> dict:
    """Load the service and care deliveries up to the night's date."""
    from regulars.feeds.load import ingest

    return ingest(settings, "service", night.as_of)


def gate_raw(settings: Settings, night: Night) -> dict:
    """Stop the night when what was delivered cannot be right."""
    from regulars.quality import check

    return check(settings, night, "raw")


def normalise_contacts(settings: Settings, night: Night) -> dict:
    """Bring new e-mail addresses and phone numbers into their normal form."""
    from regulars.lists.contacts import normalise_contacts as normalise

    return normalise(settings)


def transform(settings: Settings, night: Night) -> dict:
    """Build staging, intermediate and the marts that need no scores."""
    from regulars.transform import build

    return build(settings, night, "before_scores")


def score(settings: Settings, night: Night) -> dict:
    """Fit the lifetime-value models and score every distinct purchase history."""
    from regulars.scoring import score as score_histories

    return score_histories(settings, night)


def value(settings: Settings, night: Night) -> dict:
    """Build the marts that need scores."""
    from regulars.transform import build

    return build(settings, night, "after_scores")


def gate_scores(settings: Settings, night: Night) -> dict:
    """Stop the night when scores or values cannot be right."""
    from regulars.quality import check

    return check(settings, night, "scores")


def lists(settings: Settings, night: Night) -> dict:
    """Decide who is on which list, and why others are not."""
    from regulars.transform import build

    return build(settings, night, "lists")


def gate_lists(settings: Settings, night: Night) -> dict:
    """Withhold lists that nobody may send."""
    from regulars.quality import check

    return check(settings, night, "lists")


def publish(settings: Settings, night: Night) -> dict:
    """Write the files, then let readers see this generation."""
    from regulars.publication import publish as publish_generation

    return publish_generation(settings, night)


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        step.__name__: step
        for step in (
            ingest_sales, ingest_service, gate_raw, normalise_contacts, transform, score,
            value, gate_scores, lists, gate_lists, publish,
        )
    }
)  # fmt: skip
BUILD_STEPS = ("transform", "score", "value", "lists")  # what a rebuild repeats
READ_BUILT_TABLES = ("score", "value", "gate_scores", "lists", "gate_lists", "publish")


def run_step(name: str, as_of: date, settings: Settings | None = None) -> dict:
    """Run one step of the live night.

    Raises NightRefused when another step is at work or the night lies before the published one,
    TransformError when the tables hold another night, WarehouseError when the database refuses.
    """
    from regulars.feeds import schema
    from regulars.lists import definitions
    from regulars.publication import link_current
    from regulars.transform import check_built

    settings = settings or Settings.from_env()
    night = Night(as_of)
    is_first = name == next(iter(STEPS))
    if is_first:
        definitions.check(settings)  # before hours of work, not after
        schema.migrate(settings)
    with only_one(settings):
        if is_first:
            link_current(settings)  # a killed publication may have left it behind
        _refuse_the_past(settings, night)
        if name in READ_BUILT_TABLES:
            check_built(settings, night)  # the lock was free between two steps
        try:
            return STEPS[name](settings, night)
        except psycopg.Error as error:
            # A driver's message can quote whole rows, and Airflow logs what is raised here.
            raise WarehouseError(f"{name}: {refusal(error)}") from None


def run_night(
    settings: Settings, as_of: date, on_step: Callable[[str, dict | None], None] | None = None
) -> dict[str, dict]:
    """Run all steps in order. on_step(name, None) before, on_step(name, result) after each."""
    tell = on_step or (lambda name, result: None)
    results = {}
    for name in STEPS:
        tell(name, None)
        results[name] = run_step(name, as_of, settings)
        tell(name, results[name])
    return results


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the warehouse's night lock; it goes with the connection, however that ends."""
    with connect(settings, "transformer") as connection:
        connection.execute(
            "select set_config('lock_timeout', %s, true)", [f"{settings.lock_timeout_seconds}s"]
        )
        try:
            connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        except psycopg.errors.LockNotAvailable:
            raise NightRefused(
                "Another night is at work in this warehouse. Wait for it, or see `regulars status`."
            ) from None
        yield


def _refuse_the_past(settings: Settings, night: Night) -> None:
    """The live tables move forward only."""
    with connect(settings, "transformer") as connection:
        live = connection.execute("select max(as_of) from published.generation").fetchone()
    if live and live[0] and live[0] > night.as_of:
        raise NightRefused(
            f"The night of {live[0]} is published; {night.as_of} lies before it. "
            f"To see that night again: `regulars rebuild --as-of {night.as_of}`."
        )


def input_digest(connection: psycopg.Connection, night: Night) -> str:
    """SHA-256 over the deliveries this night counts: feed, date, revision and content of each."""
    rows = connection.execute(
        sql.SQL(
            "select feed, delivered_on, revision, sha256 from {}.stg_deliveries"
            ' order by feed collate "C", delivered_on, revision, sha256 collate "C"'
        ).format(sql.Identifier(night.schema("staging")))
    )
    digest = hashlib.sha256()
    for row in rows:
        digest.update("|".join(map(str, row)).encode() + b"\n")
    return digest.hexdigest()


def run_id(as_of: date, digest: str) -> str:
    """Name of a run: equal inputs, equal name."""
    return f"{as_of}-{digest[:12]}"
