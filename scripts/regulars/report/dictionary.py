"""What every table and column means: dbt's own documentation, one page beside the report.

The manifest stands in it, so that it opens from a file and asks nobody.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from regulars.engines import manifest_of
from regulars.night import Night
from regulars.settings import Settings

NAME = "dbt_docs.html"
MANIFEST, CATALOG = '"MANIFEST.JSON INLINE DATA"', '"CATALOG.JSON INLINE DATA"'
TRACKER = "https://fuzzed.getdbt.com/"  # asked only where usage statistics are on
OF_THIS_MACHINE = {"root_path", "build_path", "compiled_path"}
NO_CATALOG: dict[str, Any] = {"metadata": {}, "nodes": {}, "sources": {}, "errors": None}


def write_dictionary(settings: Settings, night: Night, folder: Path) -> Path:
    """Write folder/dbt_docs.html from the manifest of the night's build."""
    from dbt.task.docs import DOCS_INDEX_FILE_PATH

    manifest = manifest_of(settings, night)
    manifest["metadata"] |= {"send_anonymous_usage_stats": False, "env": {}}
    _without_paths_of_this_machine(manifest)
    page = Path(DOCS_INDEX_FILE_PATH).read_text(encoding="utf-8").replace(TRACKER, "about:blank")
    page = page.replace(MANIFEST, _inline(manifest)).replace(CATALOG, _inline(NO_CATALOG))
    target = folder / NAME
    target.write_text(page, encoding="utf-8")
    return target


def _without_paths_of_this_machine(manifest: dict[str, Any]) -> None:
    for node in manifest["nodes"].values():
        node |= dict.fromkeys(OF_THIS_MACHINE & node.keys())


def _inline(content: dict[str, Any]) -> str:
    """JSON that cannot end the script it stands in."""
    return json.dumps(content).replace("</", "<\\/")
