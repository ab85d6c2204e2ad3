"""The state of raw depends on what was delivered, not on the order in which it was loaded.

Random schedules: files permuted, copied under other names, reverted by a later revision, refused,
delayed until after the night that they are for, and loaded in one go or in several. Every schedule
of one set of deliveries ends like the first.
"""

from __future__ import annotations

import gzip
import os
import random
import shutil
from datetime import date

import pytest

from tests.integration.feed_shop import HEADER, Shop, row

# What a night derives from the ledger: the rows in the order in which they count, and its digest.
STATE = """
select d.delivered_on, d.revision, d.rewrite_no, d.sha256, d.status, s._line, s.sale_id, s.price
from raw.deliveries as d
left join raw.sales as s on d.delivery_id = s._delivery_id
where d.status = 'loaded'
order by d.delivered_on, d.revision, d.rewrite_no, d.sha256, s._line
"""


def deliveries(rng: random.Random) -> dict[str, bytes]:
    """name -> content: a few days with revisions, some of them equal to earlier ones."""
    files: dict[str, bytes] = {}
    for day in (5, 6):
        contents = [
            (
                HEADER
                + "".join(
                    row(sale_id=f"s{n}", price=f"{rng.randint(1, 9)}.00")
                    for n in range(rng.randint(0, 2))
                )
            ).encode()
            for _ in range(2)
        ]
        for revision in range(rng.randint(1, 4)):
            content = rng.choice([*contents, contents[0], b"", HEADER.encode()[:40]])
            suffix = f".r{revision}" if revision else ""
            files[f"2026-01-{day:02}/sales{suffix}.csv"] = content
            if rng.random() < 0.4:  # the same, or another content for the same revision
                other = rng.choice([content, contents[1]])
                files[f"2026-01-{day:02}/sales{suffix}.csv.gz"] = gzip.compress(other, mtime=0)
    return files


def load(shop: Shop, files: dict[str, bytes], rng: random.Random) -> list[tuple]:
    """Load in a random order and in random portions; some files are touched in between."""
    names = rng.sample(sorted(files), len(files))
    while names:
        portion, names = names[: (cut := rng.randint(1, 12))], names[cut:]
        for name in portion:
            file = shop.put(files[name], name)
            if rng.random() < 0.2:
                os.utime(file, ns=(1, rng.randint(1, 10**18)))
        shop.ingest(date(2026, 1, rng.randint(4, 7)))  # a file dated after the night waits
    shop.ingest()
    if rng.random() < 0.3:  # the shortcut is lost: everything is read again
        shop.execute("truncate ops.seen_files")
        assert shop.ingest()["loaded"] == 0
    state = shop.query(STATE)
    shop.empty()
    shutil.rmtree(shop.settings.landing, ignore_errors=True)
    return state


def check_schedules(shop: Shop, sets: int, orders: int) -> None:
    for seed in range(sets):
        files = deliveries(random.Random(seed))
        states = [load(shop, files, random.Random(f"{seed}-{n}")) for n in range(orders)]
        assert all(state == states[0] for state in states), f"seed {seed}"


def test_a_hundred_schedules_end_in_the_same_state(shop: Shop) -> None:
    check_schedules(shop, sets=20, orders=5)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_thousand_schedules_end_in_the_same_state(shop: Shop) -> None:
    check_schedules(shop, sets=200, orders=5)
