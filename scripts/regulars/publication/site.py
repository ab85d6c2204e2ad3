"""What a web server may serve, in a folder of its own: the live report and the gates' pages. So it
needs no way to the list files beside them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from regulars.settings import Settings

SERVED = ("report.html", "pages", "data_docs", "dbt_docs.html")


def show(settings: Settings, generation: Path) -> None:
    """Make home/site/current the pages of a generation; a reader sees the old or the new ones."""
    site = settings.home / "site"
    target = site / generation.name
    if not (generation / SERVED[0]).exists() or (target.exists() and _shown(site) == target):
        return
    site.mkdir(parents=True, exist_ok=True)
    _copy(generation, target)
    link = site / ".current.tmp"
    link.unlink(missing_ok=True)
    link.symlink_to(target.name, target_is_directory=True)
    link.replace(site / "current")
    for other in site.iterdir():
        if other.is_dir() and not other.is_symlink() and other != target:
            shutil.rmtree(other)


def _shown(site: Path) -> Path | None:
    link = site / "current"
    return site / link.readlink() if link.is_symlink() else None


def _copy(generation: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    for name in SERVED:
        source = generation / name
        if source.is_dir():
            shutil.copytree(source, temporary / name)
        elif source.exists():
            shutil.copyfile(source, temporary / name)
    shutil.rmtree(target, ignore_errors=True)
    temporary.rename(target)
