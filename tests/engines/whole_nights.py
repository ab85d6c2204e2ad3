"""A first night from nothing, by PostgreSQL and by another engine."""

from __future__ import annotations

from datetime import date

from regulars.feeds import raw_tables
from regulars.nights.run import run_night
from regulars.settings import Settings
from tests.company import difference, files_of, fingerprint
from tests.engines.hold_out_keys import share_keys
from tests.server import drop_database

PUBLISHED = ("published", "decisions")


def assert_same_first_night(expected: Settings, other: Settings, night: date) -> None:
    """Both run the night; tables that are published or decided and the list files are the same.

    Their databases are made, and dropped when all was the same.
    """
    for settings in (expected, other):
        raw_tables.migrate(settings)
    share_keys(expected, other)
    for settings in (expected, other):
        run_night(settings, night)
    assert_same_published(expected, other)
    for settings in (expected, other):
        drop_database(settings)


def assert_same_published(expected: Settings, other: Settings) -> None:
    built, wanted = fingerprint(other, PUBLISHED), fingerprint(expected, PUBLISHED)
    assert len(wanted) > 20
    assert difference(built, wanted) == []
    assert difference(files_of(other.home / "current"), files_of(expected.home / "current")) == []
