"""Write the nights of a company up to its last: what was delivered, and the truth beside it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace as replace_in
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

import regulars.sample_company.loop.potential as potential
import regulars.sample_company.truth as truth_files
from regulars.sample_company.after_sale.life_feeds import life_feeds
from regulars.sample_company.company import Company
from regulars.sample_company.delivered_files import deliver, make_folders
from regulars.sample_company.dirt.planting import Planted, draw_plan
from regulars.sample_company.feed import Feed
from regulars.sample_company.founding import Founding
from regulars.sample_company.house_feeds import all_feeds, foreign_orders, order_numbers
from regulars.sample_company.loop.response import Untreated
from regulars.sample_company.worlds import World, world_named

LAST_NIGHT = date(2026, 10, 31)
FIRST_NIGHT = LAST_NIGHT - timedelta(days=760)  # of a company of the usual age


class SampleExists(FileExistsError):
    """There are deliveries already where the sample company should write."""


def generate(
    deliveries: Path,
    truth: Path,
    customers: int | None = None,
    seed: int = 7,
    first_night: date | None = None,
    last_night: date = LAST_NIGHT,
    world: str | World = "kettle_and_crane",
    replace: bool = False,
    ahead: int = 0,
    newcomers_ahead: bool = True,
) -> dict:
    """Write `<deliveries>/house/YYYY-MM-DD/<feed>.csv` for every night, and the truth.

    deliveries is the landing folder; truth must lie outside it. Without customers or first_night
    the world's own size is taken. ahead: nights after the last that are lived and kept back for
    `next_day`; without newcomers_ahead nobody signs up in them, and what is written now is what a
    company without nights ahead writes.

    Returns counts: rows per feed, planted things by what must become of them ("dirt"), and what was
    asked. Raises SampleExists when house deliveries or another company's truth are there already
    (unless `replace`), UnknownWorld, and ValueError when the numbers make no company.
    """
    chosen = world if isinstance(world, World) else world_named(world)
    customers = chosen.customers if customers is None else customers
    first_night = first_night or last_night - timedelta(days=chosen.nights - 1)
    founding = Founding(
        seed=seed,
        world=chosen,
        customers=customers,
        first_night=first_night,
        last_night=last_night,
        ahead=ahead,
        newcomers_ahead=newcomers_ahead,
    )
    house = _vacant(deliveries, truth, founding, replace)
    started = house.with_name(".house.tmp")
    untreated = Untreated.of(seed, founding.company())
    company = replace_in(untreated.company, nights=founding.nights)
    rows, planted = _deliver(untreated, company, founding, started)
    truth_files.write(seed, company, planted, truth)
    potential.write(untreated, founding.nights, truth)
    founding.write(truth)
    for of_nights_ahead in ("sent", "dirt"):
        shutil.rmtree(truth / of_nights_ahead, ignore_errors=True)
    shutil.rmtree(house, ignore_errors=True)
    started.rename(house)
    return _summary(founding, rows, planted)


def _summary(founding: Founding, rows: dict[str, int], planted: list[Planted]) -> dict:
    return {
        "world": founding.world.name,
        "seed": founding.seed,
        "customers": founding.customers,
        "nights": founding.nights,
        "first_night": founding.first_night.isoformat(),
        "last_night": founding.last_night.isoformat(),
        "rows": rows,
        "dirt": dict(sorted(Counter(p.expected for p in planted).items())),
    }


def _vacant(deliveries: Path, truth: Path, founding: Founding, replace: bool) -> Path:
    """The folder to write into, once it is sure that nothing is lost and nothing told."""
    house = deliveries / "house"
    if truth.absolute().is_relative_to(house.absolute()):
        raise ValueError("truth must lie outside the deliveries, or the pipeline could read it.")
    if house.exists() and not replace:
        raise SampleExists(f"{house} exists: choose another folder, or say --replace.")
    if founding.is_another_in(truth) and not replace:
        raise SampleExists(
            f"{truth} holds the truth of another company: choose a folder whose parent is its own,"
            " or say --replace."
        )
    return house


def _deliver(
    untreated: Untreated, company: Company, founding: Founding, folder: Path
) -> tuple[dict[str, int], list[Planted]]:
    """Write every feed of every night below folder: rows per feed, and the dirt among them."""
    shutil.rmtree(folder, ignore_errors=True)
    first_day, nights = founding.first_day, founding.nights
    numbers = order_numbers(company)
    feeds = all_feeds(company, numbers)
    plan = draw_plan(founding.seed, feeds, first_day, nights, founding.world.dirt)
    plan.record_foreign_orders(foreign_orders(company, numbers, range(nights)))
    folders = make_folders(folder, first_day, nights)
    further = life_feeds(founding.seed, company, untreated.kin, untreated.farewells, numbers)
    rows = {feed.name: deliver(feed, folders, plan) for feed in chain(_let_go(feeds), further)}
    return rows, plan.planted


def _let_go(feeds: list[Feed]) -> Iterator[Feed]:
    """The feeds one after the other, none kept once it is written: they are most of the memory."""
    while feeds:
        yield feeds.pop(0)
