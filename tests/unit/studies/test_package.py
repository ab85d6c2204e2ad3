"""Studies are run from a clone: they are no part of what is shipped."""

from __future__ import annotations

import re
import tomllib

from setuptools import find_namespace_packages

from regulars.settings import PROJECT

SCRIPTS = PROJECT / "scripts"


def test_the_wheel_holds_the_product_and_no_study() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    find = project["tool"]["setuptools"]["packages"]["find"]
    shipped = find_namespace_packages(str(SCRIPTS), include=find["include"])
    assert {name.split(".")[0] for name in shipped} == {"regulars"}


def test_the_product_imports_no_study() -> None:
    files = list((SCRIPTS / "regulars").rglob("*.py"))
    pattern = re.compile(r"^\s*(?:from|import) studies\b", re.MULTILINE)
    assert files
    assert [path.name for path in files if pattern.search(path.read_text())] == []
