"""Write feeds as nightly files, one folder per night, plain or with planted dirt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from regulars.sample_company import localtime
from regulars.sample_company.dirt import FileText, Plan
from regulars.sample_company.feeds import Feed

_BLOCK_ROWS = 200_000
_OPTIONS = arrow_csv.WriteOptions(include_header=False, quoting_style="needed")
# Delivered only when something changed; every other feed comes each night, if only its header.
ON_CHANGE = frozenset({"products"})


def make_folders(house: Path, first_day: int, nights: int) -> list[Path]:
    """One folder per night, named for its date."""
    folders = [house / localtime.to_date(first_day + night).isoformat() for night in range(nights)]
    for folder in folders:
        folder.mkdir(parents=True)
    return folders


def deliver(feed: Feed, folders: list[Path], plan: Plan) -> int:
    """Write every file of one feed; returns the number of rows, planted ones apart."""
    feed = plan.reschedule(feed)
    bounds = np.searchsorted(feed.night, np.arange(len(folders) + 1))
    header = (",".join(feed.columns) + "\n").encode()
    block_start, block = 0, _table(feed, 0, 0)
    for night, folder in enumerate(folders):
        start, end = int(bounds[night]), int(bounds[night + 1])
        if (feed.name in ON_CHANGE and start == end) or plan.is_withheld(feed.name, night):
            continue
        if end > block_start + block.num_rows:
            block_start = start
            block = _table(feed, start, _block_end(bounds, night))
        rows = block.slice(start - block_start, end - start)
        if plan.touches(feed.name, night):
            text = FileText(list(feed.columns), _lines(rows))
            plan.write(feed.name, night, folder, text)
        else:
            _write(folder / f"{feed.name}.csv", header, rows)
    return len(feed.rows)


def _block_end(bounds: np.ndarray, night: int) -> int:
    """End of the last whole night that fits into a block starting with this one."""
    fits = int(np.searchsorted(bounds, bounds[night] + _BLOCK_ROWS, side="right")) - 1
    return int(bounds[max(fits, night + 1)])


def _table(feed: Feed, start: int, end: int) -> pa.Table:
    rows = feed.rows[start:end]
    return pa.table({name: column.text(rows) for name, column in feed.columns.items()})


def _write(path: Path, header: bytes, rows: pa.Table) -> None:
    with path.open("wb") as file:
        file.write(header)
        if rows.num_rows:
            arrow_csv.write_csv(rows, file, _OPTIONS)


def _lines(rows: pa.Table) -> list[list[str]]:
    """Cells of each row as the file would hold them."""
    columns = [["" if cell is None else cell for cell in column.to_pylist()] for column in rows]
    return [list(row) for row in zip(*columns, strict=True)]
