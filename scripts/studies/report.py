"""Reports in docs/studies: words by hand, tables of figures between markers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from regulars.settings import PROJECT

REPORTS = PROJECT / "docs" / "studies"
_TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: str, tables: Mapping[str, str]) -> str:
    """The page with each marked table replaced. A table that is not given raises KeyError."""
    return _TABLE.sub(lambda match: f"{match[1]}{tables[match[2]]}{match[3]}", page)


def fill(name: str, tables: Mapping[str, str]) -> None:
    """Replace the marked tables of docs/studies/<name>."""
    page = REPORTS / name
    page.write_text(filled(page.read_text(encoding="utf-8"), tables), encoding="utf-8")
