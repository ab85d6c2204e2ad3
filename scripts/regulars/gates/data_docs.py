"""Make Great Expectations' pages stand alone: nothing is fetched when one is opened.

As written they load styles, scripts, fonts and a picture with a time stamp from seven servers,
and without them the index is empty. What remains here is the text, under one style sheet of our
own, and an index of links.
"""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from regulars.night import Night
from regulars.settings import Settings

STYLE = Path(__file__).with_suffix(".css")
FETCHES = re.compile(
    r"<(script|style|iframe|footer)\b.*?</\1\s*>|<(link|img)\b[^>]*>", re.DOTALL | re.IGNORECASE
)
SUCCEEDED = re.compile(r"Status:</span>.{0,200}?Succeeded", re.DOTALL)


def docs_name(night: Night) -> str:
    """Folder of a night's data docs below the state folder, and of a rebuild's beside it."""
    return f"data_docs/{night.prefix}{night.as_of}"


def docs_folder(settings: Settings, night: Night) -> Path:
    """Where the gates of a night leave their data docs."""
    return settings.home / docs_name(night)


def stand_alone(folder: Path) -> None:
    """Rewrite the pages of a gate (<home>/data_docs/<night>/<gate>) and their index."""
    for page in folder.rglob("*.html"):
        page.write_text(without_fetching(page.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.rmtree(folder / "static", ignore_errors=True)
    (folder / "index.html").write_text(_index(folder), encoding="utf-8")


def without_fetching(text: str) -> str:
    """A page without whatever loads something, and with our style."""
    style = f"<style>\n{STYLE.read_text(encoding='utf-8')}</style>\n"
    return FETCHES.sub("", text).replace("</head>", f"{style}</head>", 1)


def _index(folder: Path) -> str:
    title = html.escape(f"The {folder.name} gate, night of {folder.parent.name}")
    rows = "\n".join(_rows(folder))
    return without_fetching(
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n</head>\n'
        f"<body>\n<h1>{title}</h1>\n<table>\n"
        f"<tr><th>Measured</th><th>Outcome</th><th>Expected</th></tr>\n{rows}\n</table>\n"
        "</body>\n</html>\n"
    )


def _rows(folder: Path) -> Iterator[str]:
    """A row per suite: its result, whether all held, and what was expected."""
    for page in sorted((folder / "validations").rglob("*.html")):
        relative = page.relative_to(folder)
        suite = relative.parts[1]
        all_held = SUCCEEDED.search(page.read_text(encoding="utf-8"))
        outcome = '<td class="passed">held' if all_held else '<td class="failed">did not all hold'
        yield (
            f'<tr><td><a href="{quote(str(relative))}">{html.escape(suite)}</a></td>{outcome}</td>'
            f'<td><a href="{quote(f"expectations/{suite}.html")}">expectations</a></td></tr>'
        )
