"""The example of a company's own project, in a folder of its own."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from regulars import own_project
from regulars.settings import PROJECT, Settings

EXAMPLE = PROJECT / "tests" / "own_project" / "wheel_and_bell"


def copied(make_settings: Callable[..., Settings], folder: Path, name: str) -> Settings:
    """Settings of a copy in `folder`, with a warehouse called `name`."""
    company = folder / EXAMPLE.name
    shutil.copytree(EXAMPLE, company, ignore=shutil.ignore_patterns("var", own_project.PACKAGES))
    told = Settings.from_env({"REGULARS_PROJECT": str(company)})
    return make_settings(
        name,
        company_project=company,
        systems=told.systems,
        company_timezone=told.company_timezone,
    )


def written(company: Path) -> dict[str, str]:
    """The company's files as it keeps them, each with its digest."""
    return {
        str(path.relative_to(company)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(company.rglob("*"))
        if path.is_file() and own_project.PACKAGES not in path.relative_to(company).parts
    }
