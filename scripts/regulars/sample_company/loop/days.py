"""The closed loop: a night's list files in, the next day's deliveries out.

The company has lived on beyond its last night, untouched. `respond` changes that life where
somebody was contacted, and nowhere else. What was sent is remembered in `truth/sent`, a file a
night; everything else is worked out anew from (founding, sent), so that a day answered twice, or
after all others, gets the same answer.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

import regulars.sample_company.truth as truth_files
from regulars.sample_company.after_sale.life_feeds import life_feeds
from regulars.sample_company.company import Company
from regulars.sample_company.delivered_files import deliver, make_folders
from regulars.sample_company.dirt.answered_nights import plan_nights
from regulars.sample_company.dirt.planting import Plan
from regulars.sample_company.feed import Feed
from regulars.sample_company.founding import Founding
from regulars.sample_company.house_feeds import all_feeds, foreign_orders
from regulars.sample_company.localtime import day_number, to_date
from regulars.sample_company.loop.aftermath import follow
from regulars.sample_company.loop.amended import amended
from regulars.sample_company.loop.response import Untreated
from regulars.sample_company.loop.sent import Sent, customer_place, read_lists
from regulars.sample_company.worlds import World

_COLUMNS = ("list_code", "customer_id", "is_call")

SentRow = tuple[str, str, bool]


class LoopRefused(RuntimeError):
    """These lists cannot be answered now."""


def next_day(deliveries: Path, truth: Path, lists: Path, world: World | None = None) -> dict:
    """Deliver the day after the night of these lists, with what follows from them.

    Days before it that are not delivered yet are delivered too; nothing was sent for them. Returns
    the night, its contacts, and the days written. Raises LoopRefused, NoCompany, ListsUnreadable.
    """
    founding = Founding.read(truth, world)
    as_of, rows = read_lists(lists)
    night = day_number(as_of) - founding.first_day
    content = _written(rows)
    log = truth / "sent" / f"{as_of.isoformat()}.csv"
    missing = _missing_nights(founding, deliveries / "house", night + 1)
    if log.exists() and log.read_text(encoding="utf-8") != content:
        raise LoopRefused(f"The night of {as_of} was answered before, with other lists: see {log}.")
    if not log.exists() and night + 1 not in missing:
        raise LoopRefused(
            f"The day after {as_of} is delivered already, without an answer to these lists."
        )
    _remember(log, content)
    days = _deliver(founding, _all_sent(founding, log.parent), deliveries / "house", truth, missing)
    return {"as_of": as_of, "contacts": len(rows), "delivered": days}


def respond(untreated: Untreated, sent: Sent, nights: range) -> Iterator[Feed]:
    """Every feed over these nights, with everything that follows from what was sent.

    Contacts are made on the day after their night. Draws are keyed, so a night's rows depend on
    what was sent before it, never on what is sent later or in which order days are answered.
    """
    yield from _told(untreated, *amended(untreated, follow(untreated, sent)), nights)


def _told(
    untreated: Untreated, company: Company, numbers: np.ndarray, nights: range
) -> Iterator[Feed]:
    feeds = all_feeds(company, numbers)
    further = life_feeds(untreated.seed, company, untreated.kin, untreated.farewells, numbers)
    for feed in chain(feeds, further):
        start, end = np.searchsorted(feed.night, [nights.start, nights.stop])
        yield replace(feed, night=feed.night[start:end] - nights.start, rows=feed.rows[start:end])


def _written(rows: Iterable[SentRow]) -> str:
    """The log's text: a line each, in order."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows((code, who, str(call).lower()) for code, who, call in sorted(set(rows)))
    return out.getvalue()


def _remember(log: Path, content: str) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    started = log.with_name(f".{log.name}.tmp")
    started.write_text(content, encoding="utf-8")
    started.replace(log)


def _all_sent(founding: Founding, folder: Path) -> Sent:
    """Everything in the log; ids that the company never gave out are nobody's."""
    rows = []
    for log in sorted(folder.glob("*.csv")):
        night = day_number(date.fromisoformat(log.stem)) - founding.first_day
        for row in csv.DictReader(log.read_text(encoding="utf-8").splitlines()):
            place = customer_place(row["customer_id"])
            if 0 <= place < founding.customers:
                rows.append((row["list_code"], place, night, row["is_call"] == "true"))
    return Sent.of(rows)


def _missing_nights(founding: Founding, house: Path, until: int) -> range:
    """Nights after the company's own, up to `until`, that have no folder yet."""
    horizon = founding.nights + founding.ahead
    if until >= horizon:
        raise LoopRefused(
            f"The company was made to live until {to_date(founding.first_day + horizon - 1)}: "
            "make it with more nights ahead (`regulars sample --ahead NIGHTS`)."
        )
    first = founding.nights
    while (house / to_date(founding.first_day + first).isoformat()).exists():
        first += 1
    return range(first, until + 1)


def _deliver(founding: Founding, sent: Sent, house: Path, truth: Path, nights: range) -> list[str]:
    """Write the folders of these nights, and what is planted in each; a folder appears whole or
    not at all."""
    if not nights:
        return []
    started = house.with_name(".house.tmp")
    shutil.rmtree(started, ignore_errors=True)
    first_day = founding.first_day + nights.start
    folders = make_folders(started, first_day, len(nights))
    untreated = Untreated.of(founding.seed, founding.company())
    company, numbers = amended(untreated, follow(untreated, sent))
    company = replace(company, nights=founding.nights + founding.ahead)
    feeds = list(_told(untreated, company, numbers, nights))
    plan = plan_nights(founding.seed, feeds, first_day, nights, founding.world.dirt)
    for feed in feeds:
        deliver(feed, folders, plan)
    for place, night in enumerate(nights):
        keys = foreign_orders(company, numbers, range(night, night + 1))
        plan.record_foreign_orders(keys, place)
    _record(plan, truth / "dirt", [folder.name for folder in folders])
    for folder in folders:
        folder.rename(house / folder.name)
    started.rmdir()
    return [folder.name for folder in folders]


def _record(plan: Plan, folder: Path, nights: list[str]) -> None:
    """A file a night of what was planted in it; the same again when a day is begun again."""
    folder.mkdir(parents=True, exist_ok=True)
    for on in nights:
        planted = [p for p in plan.planted if p.delivered_on == on]
        pq.write_table(truth_files.dirt(planted), folder / f"{on}.parquet")
