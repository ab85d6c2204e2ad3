"""The product's project in another folder, to be changed there."""

from __future__ import annotations

import shutil
from pathlib import Path

from regulars.settings import PROJECT


def copied(folder: Path) -> Path:
    """Its dbt project as a copy, what else a night reads as links."""
    for path in PROJECT.iterdir():
        if path.name in ("expectations", "scripts", "dags"):
            (folder / path.name).symlink_to(path)
    left_out = shutil.ignore_patterns("target", "logs")
    shutil.copytree(PROJECT / "dbt_project", folder / "dbt_project", ignore=left_out)
    return folder


def with_line(folder: Path, was: str, now: str) -> Path:
    """The same with one line of dbt_project.yml otherwise."""
    file = copied(folder) / "dbt_project" / "dbt_project.yml"
    text = file.read_text(encoding="utf-8")
    assert text.count(was) == 1
    file.write_text(text.replace(was, now), encoding="utf-8")
    return folder
