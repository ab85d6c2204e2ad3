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
OF_THIS_PARSE = {
    *("root_path", "build_path", "compiled_path"),
    *("created_at", "generated_at", "run_started_at", "invocation_started_at", "invocation_id"),
}
NO_CATALOG: dict[str, Any] = {"metadata": {}, "nodes": {}, "sources": {}, "errors": None}


def write_dictionary(settings: Settings, night: Night, folder: Path) -> Path:
    """Write folder/dbt_docs.html from the manifest of the night's build. As long as the project
    stays the same it is the file of the live generation, under another name."""
    from dbt.task.docs import DOCS_INDEX_FILE_PATH

    manifest = _as_of_the_project(manifest_of(settings, night))
    manifest["metadata"] |= {"send_anonymous_usage_stats": False, "env": {}}
    page = Path(DOCS_INDEX_FILE_PATH).read_text(encoding="utf-8").replace(TRACKER, "about:blank")
    page = page.replace(MANIFEST, _inline(manifest)).replace(CATALOG, _inline(NO_CATALOG))
    target = folder / NAME
    live = settings.home / "current" / NAME
    if live.exists() and live.read_text(encoding="utf-8") == page:
        target.hardlink_to(live.resolve())
    else:
        target.write_text(page, encoding="utf-8", newline="\n")
    return target


def _as_of_the_project(value: Any) -> Any:
    """A part of the manifest without what differs between parses and machines. A column may have
    the name of such a fact; it is no single value."""
    if isinstance(value, dict):
        return {
            key: _as_of_the_project(part)
            for key, part in value.items()
            if key not in OF_THIS_PARSE or isinstance(part, dict)
        }
    if isinstance(value, list):
        return [_as_of_the_project(item) for item in value]
    return value


def _inline(content: dict[str, Any]) -> str:
    """JSON that cannot end the script it stands in."""
    return json.dumps(content, sort_keys=True).replace("</", "<\\/")
