"""What dbt has parsed of the project, handed from one test's database to the next.

dbt parses everything anew (seconds) for a database of another name. So whatever tests build, they
build in a database of one of two names, one after another: `world` starts empty, on the worker's
server; `copy` starts as a copy of the company, on the company's.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from regulars.settings import Settings

WORLD = "world"
COPY = "copy"

_last_homes: dict[str, Path] = {}  # database -> home of the last settings with it


def hand_on(settings: Settings) -> None:
    """Give these settings what was parsed for the last ones with a database of this name."""
    if settings.database in _last_homes:
        _copy(_last_homes[settings.database], settings.home)
    _last_homes[settings.database] = settings.home


def _copy(last_home: Path, home: Path) -> None:
    for parsed in (last_home / "dbt").glob("*/partial_parse.msgpack"):
        folder = home / "dbt" / parsed.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(parsed, folder)
