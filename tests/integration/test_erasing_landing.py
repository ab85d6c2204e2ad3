"""A delivered file that an erasure rewrites is known to the ledger as what it was delivered as."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars import warehouse
from regulars.erasure.landing import REMOVED, clean
from regulars.erasure.person import Person
from regulars.erasure.receipt import Line, receipts
from regulars.feeds import declarations
from tests.integration.feed_shop import AS_OF, SOUND, Shop

pytestmark = pytest.mark.slow  # a database of its own: five seconds

OWNED = {"note": ("text", {"customer": True})}
THEIRS, OTHERS = SOUND | {"note": "K/10023"}, SOUND | {"sale_id": "s2", "note": "K/10024"}


@pytest.mark.parametrize("name", ["2026-01-05/sales.jsonl", "2026-01-05/sales.parquet"])
def test_a_file_rewritten_behind_a_link_is_no_new_delivery(
    shop: Shop, tmp_path: Path, name: str
) -> None:
    form = name.rpartition(".")[2]
    shop.declare(OWNED, format=form, path=name.replace("2026-01-05", "{delivered_on}"))
    elsewhere = tmp_path / "mount"
    elsewhere.mkdir()
    shop.settings.landing.mkdir()
    (shop.settings.landing / "shop").symlink_to(elsewhere)
    lines = [str(one).replace("'", '"').replace("K/", r"\u004b\/") for one in (THEIRS, OTHERS)]
    file = shop.put("\n".join(lines) + "\n", name)
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist([THEIRS, OTHERS]), file)
    assert shop.ingest()["rows_loaded"] == 2

    assert _erase(shop) == [Line("landing", REMOVED, 1)]
    assert len(pq.read_table(file)) == 1 if form == "parquet" else file.read_text()[0] == "\n"
    assert shop.ingest()["rows_loaded"] == 0
    assert shop.query("select count(*), max(status) from raw.deliveries") == [(1, "loaded")]


def _erase(shop: Shop) -> list[Line]:
    """The lines of the receipt."""
    settings = shop.settings
    feeds = tuple(declarations.load(settings.dbt_project, settings.systems))
    with warehouse.connect(settings, "admin") as connection:
        connection.execute("truncate decisions.erasures cascade")
        row = connection.execute(
            "insert into decisions.erasures (request_hash, as_of, erased_by)"
            " values ('x', %s, 'Ada L.') returning erasure_id",
            [AS_OF],
        ).fetchone()
        connection.commit()
        assert row is not None
        people = {row[0]: Person(frozenset({"K/10023"}))}
        clean(connection, settings, feeds, people, is_dry=False)
    return list(receipts(settings)[-1].lines)
