"""The warehouse's disk fills while a delivery is loaded: a sentence, nothing of it in raw,
and once there is room the same command loads it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.feeds import raw_tables
from regulars.feeds.load import LoadError
from regulars.settings import Settings
from tests import server
from tests.faults.small_disk import little_room, small_disk
from tests.integration.feed_shop import HEADER, Shop, row

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # a server of its own: half a minute
MEGABYTES, LEFT = 600, 25
ROWS = 300_000


@pytest.fixture
def disk() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="regulars-small-disk-"))
    try:
        with small_disk(folder, MEGABYTES):
            yield folder
    finally:
        folder.rmdir()


@pytest.fixture
def shop(disk: Path, tmp_path: Path) -> Iterator[Shop]:
    server.start(disk)
    settings = Settings(
        project=tmp_path / "project",
        home=tmp_path,
        landing=tmp_path / "landing",
        server=disk,
        database="shop",
        systems=("shop",),
        settle_seconds=0,
    )
    shop = Shop(settings)
    raw_tables.migrate(settings)
    yield shop
    server.stop(disk)


def test_a_load_that_fills_it_says_so_and_loads_once_there_is_room(shop: Shop, disk: Path) -> None:
    with little_room(disk, LEFT):
        shop.put(HEADER + "".join(row(sale_id=f"s{number}") for number in range(ROWS)))
        with pytest.raises(LoadError, match=r"53100.*make room.*Nothing of these files was loaded"):
            shop.ingest()
        assert shop.query("select count(*) from raw.sales") == [(0,)]
        assert shop.query("select count(*) from raw.deliveries") == [(0,)]
    assert shop.ingest()["rows_loaded"] == ROWS
