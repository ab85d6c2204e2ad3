"""Every phrase that templates and modules say, found where it stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

import regulars
from regulars.project import list_definitions
from regulars.settings import PROJECT
from regulars.targets import declaration

PACKAGE = Path(regulars.__file__).parent
# What speaks to engineers, in English whatever the company's language.
ENGLISH_ONLY = ("commands", "file_backtest", "scaffold")
SAYING = ("say", "phrase", "told")


def phrases_said() -> set[str]:
    """Of pages; English."""
    said = set()
    for path in _files("*.j2"):
        said |= set(_of_template(path.read_text(encoding="utf-8")))
    for path in _files("*.py"):
        if path.name != "phrases.py":
            said |= set(_of_module(path.read_text(encoding="utf-8")))
    declared = PROJECT / "dbt_project"
    targets = {target.name for target in declaration.load(declared).values()}
    owners = {one.owner for one in list_definitions.load(declared)}
    return said | targets | owners | {"1,234.5"}


def _files(pattern: str) -> Iterator[Path]:
    for path in PACKAGE.rglob(pattern):
        if path.relative_to(PACKAGE).parts[0] not in ENGLISH_ONLY:
            yield path


def _of_template(source: str) -> Iterator[str]:
    tree = Environment().parse(source)
    for call in tree.find_all(nodes.Call):
        if getattr(call.node, "name", "") == "say" and isinstance(call.args[0], nodes.Const):
            yield call.args[0].value
    for filtered in tree.find_all(nodes.Filter):
        if filtered.name == "plural":
            yield from _both(*(argument.as_const() for argument in filtered.args))


def _of_module(source: str) -> Iterator[str]:
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call) or not call.args:
            continue
        name = (
            call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        )
        texts = [one.value for one in call.args if _is_text(one)]
        if name in SAYING and _is_text(call.args[0]):
            yield texts[0]
        if name == "plural" and texts:
            yield from _both(*texts)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _both(singular: str, many: str | None = None) -> tuple[str, str]:
    return singular, many or singular + "s"
