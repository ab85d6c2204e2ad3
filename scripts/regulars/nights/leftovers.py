"""What a killed run left under temporary names, and what another engine built before the published
night: it can hold personal data, and nobody needs it."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from regulars import engines
from regulars.feeds import declarations, desk_records
from regulars.feeds.landing_tree import files_below
from regulars.nights.lock import NightRefused, lock_of, only_one
from regulars.settings import Settings
from regulars.warehouse import live_night

PATTERNS = (
    "generations/.*.tmp",
    "generations/*/lists/**/.*.tmp",  # of a list, or of a target in a folder of its own
    "rebuilt/*/lists/**/.*.tmp",
    "backups/.backup-*",
    ".restore-*",
)


def sweep(settings: Settings) -> int:
    """Delete them; the caller holds the night lock, so nobody is writing. Returns how many."""
    leftovers = [path for pattern in PATTERNS for path in sorted(settings.home.glob(pattern))]
    landed = files_below(settings.landing, declarations.systems(settings.dbt_project))
    leftovers += [file for file in landed if _is_ours(file.relative_to(settings.landing))]
    for path in leftovers:
        _delete(path)
    packages = _packages_of_nobody(settings)
    return len(leftovers) + packages + engines.sweep(settings, live_night(settings))


def _is_ours(landed: Path) -> bool:
    """A file that an erasure, or the desk's hand-over, was writing: no sender's upload."""
    is_of_the_desk = landed.parts[0] == desk_records.SYSTEM and landed.match(".*.tmp")
    return landed.match(".*.erasing.tmp") or is_of_the_desk


def _packages_of_nobody(settings: Settings) -> int:
    """What a killed delivery had packed for its target; one at work holds the target's lock."""
    swept, at_once = 0, replace(settings, lock_timeout_seconds=1)
    for package in sorted((settings.home / "deliveries").glob("*")):
        with suppress(NightRefused), only_one(at_once, lock_of(package.name)):
            _delete(package)
            swept += 1
    return swept


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
