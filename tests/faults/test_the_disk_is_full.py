"""The warehouse's disk fills while a delivery is loaded: a sentence, nothing of it in raw,
and once there is room the same command loads it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.feeds import raw_tables
from regulars.feeds.load import LoadError
from regulars.settings import Settings
from tests import server
from tests.integration.feed_shop import HEADER, Shop, row

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # a server of its own: half a minute
MEGABYTES, LEFT = 600, 25
ROWS = 300_000


@pytest.fixture
def small_disk() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="regulars-small-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=755", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        folder.rmdir()
        pytest.skip("this account may not mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


@pytest.fixture
def shop(small_disk: Path, tmp_path: Path) -> Iterator[Shop]:
    server.start(small_disk)
    settings = Settings(
        project=tmp_path / "project",
        home=tmp_path,
        landing=tmp_path / "landing",
        server=small_disk,
        database="shop",
        systems=("shop",),
        settle_seconds=0,
    )
    shop = Shop(settings)
    raw_tables.migrate(settings)
    yield shop
    server.stop(small_disk)


def fill(folder: Path) -> Path:
    """A file that leaves few megabytes."""
    ballast = folder / "ballast"
    with ballast.open("wb") as stream:
        for _ in range(shutil.disk_usage(folder).free // 2**20 - LEFT):
            stream.write(bytes(2**20))
    return ballast


def test_a_load_that_fills_it_says_so_and_loads_once_there_is_room(
    shop: Shop, small_disk: Path
) -> None:
    ballast = fill(small_disk)
    shop.put(HEADER + "".join(row(sale_id=f"s{number}") for number in range(ROWS)))
    with pytest.raises(LoadError, match=r"53100\. Nothing of these files was loaded"):
        shop.ingest()
    assert shop.query("select count(*) from raw.sales") == [(0,)]
    assert shop.query("select count(*) from raw.deliveries") == [(0,)]
    ballast.unlink()
    assert shop.ingest()["rows_loaded"] == ROWS
