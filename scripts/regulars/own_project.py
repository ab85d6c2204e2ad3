"""A company's own dbt project, of which the product's is a package.

dbt finds packages in the folder dbt_packages; there the product is a link, so that an upgrade
touches no file of the company.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from regulars import yaml_text

PROJECT_FILE = "dbt_project.yml"
PACKAGES = "dbt_packages"
PRODUCT = "regulars"  # the name in the product's dbt_project.yml
READ_BY_DBT = {".sql", ".yml", ".yaml", ".md", ".csv", ".py"}  # not what an editor leaves beside


def link_product(company: Path, product: Path) -> None:
    """Put the product's dbt project among the company's packages; nothing if it is there."""
    link = company / PACKAGES / PRODUCT
    if link.is_symlink() and link.resolve() == product.resolve():
        return
    link.parent.mkdir(exist_ok=True)
    fresh = link.with_name(f".{PRODUCT}.{os.getpid()}")
    fresh.symlink_to(product.resolve(), target_is_directory=True)
    fresh.replace(link)


def layers(dbt_project: Path) -> tuple[Path, ...]:
    """The folders of the project that dbt runs: a company's own before the product's."""
    product = dbt_project / PACKAGES / PRODUCT
    return (dbt_project, product.resolve()) if product.exists() else (dbt_project,)


def find(dbt_project: Path, relative: str | Path) -> Path:
    """A file of the project: the company's own if it has one, else where the product's is."""
    places = [layer / relative for layer in layers(dbt_project)]
    return next((place for place in places if place.exists()), places[-1])


def files(dbt_project: Path, pattern: str) -> list[Path]:
    """The files of both, in order of their names; of two in the same place the company's own."""
    by_name: dict[Path, Path] = {}
    for layer in layers(dbt_project):
        for path in layer.glob(pattern):
            by_name.setdefault(path.relative_to(layer), path)
    return [by_name[name] for name in sorted(by_name)]


def layer_of(dbt_project: Path, path: Path) -> Path:
    """The folder of the two in which a file stands."""
    return next(layer for layer in layers(dbt_project) if path.is_relative_to(layer))


def declared(dbt_project: Path) -> dict[str, Any]:
    """The content of dbt_project.yml."""
    text = (dbt_project / PROJECT_FILE).read_text(encoding="utf-8")
    content: dict[str, Any] = yaml_text.parsed(text) or {}
    return content


def variables(dbt_project: Path) -> dict[str, Any]:
    """What dbt's `var` gives in this project alone, for the product: `vars: regulars:` before the
    others."""
    given = declared(dbt_project).get("vars") or {}
    scoped = given.get(PRODUCT) if isinstance(given.get(PRODUCT), dict) else {}
    return {**{name: value for name, value in given.items() if name != PRODUCT}, **(scoped or {})}
