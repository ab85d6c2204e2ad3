"""`regulars init`: a company's own dbt project."""

from __future__ import annotations

import re
from pathlib import Path

import click

from regulars import own_project
from regulars.settings import IDENTIFIER, PROJECT

SCAFFOLD = Path(__file__).parents[1] / "scaffold"
PLACE_OF_NAME = "my_company"
RENAMED = {"gitignore": ".gitignore"}  # under its own name it would hold for the product


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", help="Of the dbt project: a-z, 0-9 and _; default: the folder's name.")
def init(folder: Path, name: str | None) -> None:
    """Make a company's own project in FOLDER: its systems, settings and lists."""
    project = name or re.sub("[^a-z0-9]+", "_", folder.absolute().name.lower()).strip("_")
    if not IDENTIFIER.fullmatch(project) or project == own_project.PRODUCT:
        raise click.UsageError(
            f"'{project}' cannot be the name of the project: use --name with a-z, 0-9 and _, a "
            f"letter first, and not {own_project.PRODUCT}."
        )
    if folder.exists() and {path.name for path in folder.iterdir()} - {".git"}:
        raise click.UsageError(f"{folder} is not empty; nothing was written.")
    write_scaffold(folder, project)
    own_project.link_product(folder, PROJECT / "dbt_project")
    click.echo(f"{folder}: the project {project}. Go on with `regulars --project {folder} doctor`.")


def write_scaffold(folder: Path, name: str) -> None:
    """Copy the scaffold's files, with the project's name in them."""
    for source in sorted(path for path in SCAFFOLD.rglob("*") if path.is_file()):
        relative = source.relative_to(SCAFFOLD)
        target = folder / relative.with_name(RENAMED.get(relative.name, relative.name))
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8").replace(PLACE_OF_NAME, name)
        target.write_text(text, encoding="utf-8")
