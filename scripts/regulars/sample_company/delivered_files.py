"""Write feeds as nightly files, one folder per night, plain or with planted dirt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import regulars.sample_company.localtime as localtime
from regulars.sample_company.dirt.planting import Plan
from regulars.sample_company.house_feeds import Feed

_BLOCK_ROWS = 200_000
# Delivered only when something changed; every other feed comes each night, if only its header.
ON_CHANGE = frozenset(
    {
        "products",
        "addresses",
        "identities",
        "units",
        "loyalty",
        "referrals",
        "deaths",
        "erasure_requests",
        "marketing_spend",
        "events",
    }
)
# Delivered in some worlds only, and likewise.
IN_SOME_WORLDS = frozenset({"fx_rates"})


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
    block = _Block(feed, 0, 0)
    for night, folder in enumerate(folders):
        start, end = int(bounds[night]), int(bounds[night + 1])
        if start == end and feed.name in ON_CHANGE | IN_SOME_WORLDS:
            continue
        if plan.is_withheld(feed.name, night):
            (folder / f"{feed.name}.csv").write_bytes(header)
            continue
        if end > block.end:
            block = _Block(feed, start, _block_end(bounds, night))
        body = block.lines(start, end)
        if plan.touches(feed.name, night):
            plan.write(feed.name, night, folder, list(feed.columns), body)
        else:
            (folder / f"{feed.name}.csv").write_bytes(header + body)
    return len(feed.rows)


def _block_end(bounds: np.ndarray, night: int) -> int:
    """End of the last whole night that fits into a block starting with this one."""
    fits = int(np.searchsorted(bounds, bounds[night] + _BLOCK_ROWS, side="right")) - 1
    return int(bounds[max(fits, night + 1)])


class _Block:
    """CSV lines of the feed's rows from start to end, in one stretch of memory."""

    def __init__(self, feed: Feed, start: int, end: int) -> None:
        self.start, self.end = start, end
        rows = feed.rows[start:end]
        cells = [_quoted(column.text(rows)) for column in feed.columns.values()]
        lines = pc.binary_join_element_wise(
            *cells, ",", null_handling="replace", null_replacement=""
        )
        lines = pc.binary_join_element_wise(lines, "\n", "").cast(pa.large_string())
        _, offsets, self._text = lines.buffers()
        self._offsets = np.frombuffer(offsets, dtype=np.int64) if len(lines) else np.zeros(1, int)

    def lines(self, start: int, end: int) -> bytes:
        """The lines of those rows."""
        first, last = self._offsets[start - self.start], self._offsets[end - self.start]
        return self._text[int(first) : int(last)].to_pybytes() if last > first else b""


def _quoted(cells: pa.Array) -> pa.Array:
    """Cells with a comma or a quote in them, quoted; the others as they are."""
    special = pc.fill_null(pc.match_substring_regex(cells, '[",]'), False)
    if not pc.any(special).as_py():
        return cells
    escaped = pc.replace_substring(cells, '"', '""')
    return pc.if_else(special, pc.binary_join_element_wise('"', escaped, '"', ""), cells)
