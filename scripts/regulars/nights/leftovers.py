"""What a killed run left under temporary names, and what another engine built before the published
night: it can hold personal data, and nobody needs it."""

from __future__ import annotations

import shutil
from pathlib import Path

from regulars import engines
from regulars.settings import Settings
from regulars.warehouse import live_night

PATTERNS = (
    "generations/.*.tmp",
    "generations/*/lists/.*.tmp",
    "backups/.backup-*",
    ".restore-*",
    ".*erasing.tmp",
)


def sweep(settings: Settings) -> int:
    """Delete them; the caller holds the night lock, so nobody is writing. Returns how many."""
    leftovers = [path for pattern in PATTERNS for path in sorted(settings.home.glob(pattern))]
    leftovers += sorted(settings.landing.rglob(".*.erasing.tmp"))
    for path in leftovers:
        _delete(path)
    return len(leftovers) + engines.sweep(settings, live_night(settings))


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
