"""In which order the workers take the files of tests."""

from __future__ import annotations

import pytest

# What builds tables or runs nights; the rest is short and fills what time is left at the end.
WAREHOUSE, COMPANY = "server_folder", "companies"


def longest_first(items: list[pytest.Item]) -> None:
    """Order the tests so that no worker waits for another.

    The first module that needs the company starts, so that one worker builds it while the others
    build the worlds of single modules; then what reads the company, and at the end what needs no
    database.
    """
    first = next((i.location[0] for i in items if _needs(i, COMPANY) and not _is_slow(i)), None)
    items.sort(key=lambda item: 0 if item.location[0] == first else _rank(item))


def _rank(item: pytest.Item) -> int:
    if _needs(item, WAREHOUSE):
        return 1
    return 2 if _needs(item, COMPANY) else 3


def _needs(item: pytest.Item, fixture: str) -> bool:
    return fixture in getattr(item, "fixturenames", ())


def _is_slow(item: pytest.Item) -> bool:
    return item.get_closest_marker("slow") is not None
