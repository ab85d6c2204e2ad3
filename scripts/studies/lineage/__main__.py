"""Write docs/lineage.md; `python -m studies.lineage TABLE COLUMN` says where a column is from."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

from regulars.engines.dbt_command import target_folder
from regulars.engines.parsed_project import parsed
from regulars.engines.postgres import database_environment
from regulars.night import Night
from regulars.settings import PROJECT, Settings
from studies.lineage.graph import Graph
from studies.lineage.page import page, trail

PAGE = PROJECT / "docs" / "lineage.md"
ANY_NIGHT = Night(date(2026, 1, 1))  # what reads what does not depend on it


def graph() -> Graph:
    """Of the project as it is: dbt parses it, without a warehouse."""
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings.from_env(), home=Path(folder), database="none")
        with database_environment(settings, REGULARS_AS_OF=ANY_NIGHT.as_of.isoformat()):
            parsed(settings, ANY_NIGHT)
        manifest = target_folder(settings, ANY_NIGHT) / "manifest.json"
        return Graph(json.loads(manifest.read_text(encoding="utf-8")))


def main(arguments: list[str]) -> None:
    if arguments:
        table, column = arguments
        print(trail(graph(), table, column))
    else:
        PAGE.write_text(page(graph()), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
