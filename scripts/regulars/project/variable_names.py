"""Whether anything reads what a company sets: a slip of the hand in a name would else leave the
product's value to count, without a word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from regulars import own_project
from regulars.project import shapes
from regulars.project.list_settings import VARIABLE
from regulars.project.located import Located, read

OF_SETTINGS = {"systems", "feeds_off", "company_timezone", "reporting_currency"}
READS = re.compile(r"""\bvar\(\s*['"](\w+)['"]""")


def check(dbt_project: Path) -> None:
    """Raise DeclarationError at a variable of the company's that nothing reads, with the name that
    may have been meant."""
    *own, product = own_project.layers(dbt_project)
    known = {*own_project.variables(product), *OF_SETTINGS, VARIABLE}
    for layer in own:
        declared = read(layer / own_project.PROJECT_FILE, layer.parent).get("vars")
        if declared is None:
            continue
        packages = {str(own_project.declared(layer).get("name")), *_packages(layer)}
        in_all = known | set(_read_by(layer)) | packages
        _refuse_unread(declared, in_all, known)
        if (of_product := declared.get(own_project.PRODUCT)) is not None:
            _refuse_unread(of_product, known, known)


def _refuse_unread(scope: Located, read_names: Collection[str], known: Collection[str]) -> None:
    for name in shapes.mapping(scope):
        if name not in read_names:
            meant = difflib.get_close_matches(str(name), sorted(known), n=1)
            raise scope[name].refuse(
                f"nothing reads a variable {name}"
                + (f"; the product has {meant[0]}." if meant else ".")
            )


def _packages(layer: Path) -> list[str]:
    """The product, and what else the company has installed: variables may be given to each."""
    return [folder.name for folder in (layer / own_project.PACKAGES).glob("*")]


def _read_by(layer: Path) -> Iterator[str]:
    """What the company's own files, and packages of its own, ask for."""
    for file in layer.rglob("*"):
        inside = file.relative_to(layer).parts
        if (
            inside[0] == "var"
            or inside[:2] == (own_project.PACKAGES, own_project.PRODUCT)
            or file.suffix not in own_project.READ_BY_DBT
        ):
            continue
        if file.is_file():
            yield from READS.findall(file.read_text(encoding="utf-8", errors="replace"))
