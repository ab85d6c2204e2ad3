"""The state of raw depends on what was delivered, not on the order in which it was loaded.

Random schedules: files permuted, copied under other names, reverted by a later revision, refused,
delayed until after the night that they are for, and loaded in one go or in several. Every schedule
of one set of deliveries ends like the first, and its nights go by the same run_id, whichever rule
the feed is loaded by.
"""

from __future__ import annotations

import gzip
import os
import random
import shutil
from datetime import date

import jinja2
import pytest

from regulars import warehouse
from regulars.night import Night
from regulars.runs import input_digest, run_id
from regulars.settings import PROJECT
from tests.integration.feed_shop import AS_OF, HEADER, Shop, row

RULES = ("upsert", "append", "snapshot")
NIGHTS = (date(2026, 1, 5), AS_OF)

# What a night derives from the ledger: the rows in the order in which they count, and its digest.
STATE = """
select d.delivered_on, d.revision, d.rewrite_no, d.sha256, d.status, s._line, s.sale_id, s.price
from raw.deliveries as d
left join raw.sales as s on d.delivery_id = s._delivery_id
where d.status = 'loaded'
order by d.delivered_on, d.revision, d.rewrite_no, d.sha256, s._line
"""


def counting(rule: str, night: date) -> str:
    """The model stg_deliveries of a night, as dbt would compile it, of a feed loaded by a rule."""
    project = PROJECT / "dbt_project"
    words = {
        "config": lambda **facts: "",
        "analyze": str,
        "source": lambda *name: {"ledger": "raw", "ops": "ops"}[name[0]] + f".{name[1]}",
        "var": lambda name, default=None: {"last_delivery_id": 2**62}.get(name, default),
        "as_of": lambda: f"date '{night}'",
        "text_order": lambda column: f'{column} collate "C"',
        "feeds_by_rule": lambda wanted: ["'sales'"] if wanted == rule else ["''"],
    }
    text = (project / "macros/known_deliveries.sql").read_text() + (
        project / "models/staging/stg_deliveries.sql"
    ).read_text()
    environment = jinja2.Environment()
    environment.globals |= {**words, "regulars": words}
    return environment.from_string(text).render()


@pytest.fixture
def ledger(shop: Shop) -> Shop:
    """The shop, with what counts in each night by each rule."""
    for rule in RULES:
        for night in NIGHTS:
            schema = prefix(rule, night) + "staging"
            shop.execute(f"create schema if not exists {schema}")
            shop.execute(
                f"create or replace view {schema}.stg_deliveries as {counting(rule, night)}"
            )
    return shop


def prefix(rule: str, night: date) -> str:
    return f"{rule}_{night:%d}_"


def run_ids(shop: Shop) -> list[str]:
    with warehouse.connect(shop.settings, "admin") as connection:
        return [
            run_id(night, input_digest(connection, Night(night, prefix(rule, night))))
            for rule in RULES
            for night in NIGHTS
        ]


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


def load(shop: Shop, files: dict[str, bytes], rng: random.Random) -> list[object]:
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
    state = [*shop.query(STATE), *run_ids(shop)]
    shop.empty()
    shutil.rmtree(shop.settings.landing, ignore_errors=True)
    return state


def check_schedules(shop: Shop, sets: int, orders: int) -> None:
    for seed in range(sets):
        files = deliveries(random.Random(seed))
        states = [load(shop, files, random.Random(f"{seed}-{n}")) for n in range(orders)]
        assert all(state == states[0] for state in states), f"seed {seed}"


def test_a_hundred_schedules_end_in_the_same_state(ledger: Shop) -> None:
    check_schedules(ledger, sets=20, orders=5)


def test_a_revert_on_one_day_has_a_run_id_of_its_own_in_any_order(ledger: Shop) -> None:
    """A, B and A' (equal to A, a later revision): not the night that A alone makes, nor A and B."""
    sale, other = ((HEADER + row(price=price)).encode() for price in ("1.00", "2.00"))
    day = "2026-01-05/sales"
    files = {f"{day}.csv": sale, f"{day}.r1.csv": other, f"{day}.r2.csv": sale}
    states = [load(ledger, files, random.Random(seed)) for seed in range(6)]
    assert all(state == states[0] for state in states)
    fewer = [load(ledger, dict(list(files.items())[:count]), random.Random(0)) for count in (1, 2)]
    ids = {tuple(state[-len(RULES) * len(NIGHTS) :][-3:]) for state in (states[0], *fewer)}
    assert len(ids) == 3


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_thousand_schedules_end_in_the_same_state(ledger: Shop) -> None:
    check_schedules(ledger, sets=200, orders=5)
