"""A world of the sample company with a warehouse of its own, for as long as a study looks at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from regulars import warehouse
from regulars.feeds import raw_tables
from regulars.sample_company import WORLDS, World, generate
from regulars.settings import Settings


@contextmanager
def delivered(
    base: Settings, world: str | World, home: Path, *, seed: int, customers: int
) -> Iterator[Settings]:
    """Settings whose landing holds the world's deliveries and whose database is empty.

    customers: at most; worlds smaller by nature keep their size. The truth lies in `home`/truth. Of
    a study that fails `home` is kept.
    """
    chosen = WORLDS[world] if isinstance(world, str) else world
    shutil.rmtree(home, ignore_errors=True)
    settings = replace(
        base,
        home=home,
        landing=home / "landing",
        server=None,
        database=chosen.name,
        company_name=chosen.name,
    )
    most = min(customers, chosen.customers)
    generate(settings.landing, home / "truth", world=chosen, seed=seed, customers=most)
    try:
        raw_tables.migrate(settings)
        yield settings
    finally:
        warehouse.stop(settings)
    shutil.rmtree(home)
