"""What a killed run left under temporary names: it can hold personal data, and nobody needs it."""

from __future__ import annotations

import shutil
from pathlib import Path

from regulars.settings import Settings

PATTERNS = (
    "generations/.*.tmp",
    "generations/*/lists/.*.tmp",
    "backups/.backup-*",
    ".restore-*",
    ".*erasing.tmp",
)


def sweep(settings: Settings) -> int:
    """Delete them; the caller holds the night lock, so nobody is writing. Returns how many."""
    found = [path for pattern in PATTERNS for path in sorted(settings.home.glob(pattern))]
    found += sorted(settings.landing.rglob(".*.erasing.tmp"))
    for path in found:
        _delete(path)
    return len(found)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
