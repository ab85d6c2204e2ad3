"""List files for the closed loop to answer, without a night that writes them."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

CLASSES = {"ad_audiences": "audience", "rest": "suppression"}


def write_lists(folder: Path, as_of: date, lists: dict[str, list[str]]) -> Path:
    """List files and a manifest such as the night writes, as far as the loop reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for list_code, customers in lists.items():
        rows = "".join(f"{list_code},{customer}\n" for customer in customers)
        path = folder / f"{list_code}.csv"
        path.write_text("list_code,customer_id\n" + rows)
        checksum = hashlib.sha256(path.read_bytes()).hexdigest()
        entries.append(
            {
                "list_code": list_code,
                "list_class": CLASSES.get(list_code, "marketing"),
                "file": {"name": path.name, "sha256": checksum},
            }
        )
    (folder / "manifest.json").write_text(
        json.dumps({"as_of": as_of.isoformat(), "lists": entries})
    )
    return folder
