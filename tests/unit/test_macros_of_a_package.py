"""The product is a package of a company's own project: dbt finds a macro of a package from outside
only by the package's name, and what that macro calls likewise."""

from __future__ import annotations

import re

from regulars.settings import PROJECT

MACROS = PROJECT / "dbt_project" / "macros"
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
BLOCK = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def texts() -> dict[str, str]:
    return {
        str(path.relative_to(MACROS)): COMMENT.sub("", path.read_text(encoding="utf-8"))
        for path in sorted(MACROS.rglob("*.sql"))
    }


def names() -> list[str]:
    return re.findall(r"\{%-?\s*macro\s+(\w+)\s*\(", "\n".join(texts().values()))


def test_macros_call_one_another_by_the_name_of_the_package() -> None:
    unqualified = re.compile(rf"(?<![\w.'\"])(?<!macro )({'|'.join(names())})\(")
    found = {
        (file, call)
        for file, text in texts().items()
        for block in BLOCK.findall(text)
        for call in unqualified.findall(block)
    }
    assert len(names()) > 100
    assert not found


def test_macros_dispatch_within_the_package() -> None:
    dispatched = re.findall(r"adapter\.dispatch\(([^)]*)\)", "\n".join(texts().values()))
    assert len(dispatched) > 20
    assert [call for call in dispatched if not call.endswith(", 'regulars'")] == []


def test_one_macro_alone_says_which_deliveries_a_night_knows() -> None:
    project = PROJECT / "dbt_project"
    read = {
        str(path.relative_to(project))
        for folder in ("macros", "models", "tests")
        for path in (project / folder).rglob("*.sql")
        if "var('last_delivery_id')" in path.read_text(encoding="utf-8")
    }
    assert read == {"macros/known_deliveries.sql"}
