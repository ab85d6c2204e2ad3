"""The house keeps its own rules: what exists is documented, and what is documented exists."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
import yaml

from regulars.cli import cli
from regulars.feeds import declarations
from regulars.nights.steps import STEPS
from regulars.settings import PROJECT

README = (PROJECT / "README.md").read_text()
PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
STUDIES = sorted((PROJECT / "docs/studies").glob("*.md"))
MAKEFILE = (PROJECT / "Makefile").read_text()


def first_cells(heading: str) -> list[str]:
    """First cells of the table under a heading of the README, without its own heading rows."""
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [row.split("|")[1].strip() for row in rows[2:]]


def codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> set[str]:
    if isinstance(command, click.Group):
        found = (leaves(sub, (*path, name)) for name, sub in command.commands.items())
        return set().union(*found)
    return {" ".join(path)}


def documented_commands() -> set[str]:
    """`regulars lists show`, `diff` documents `lists show` and `lists diff`."""
    documented = set()
    for cell in first_cells("Commands"):
        first, *more = codes(cell)
        words = [w for w in first.split()[1:] if not w.startswith("-") and not w.isupper()]
        documented.add(" ".join(words))
        documented |= {" ".join([*words[:-1], other]) for other in more}
    return documented


def anchors(page: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


def test_the_readme_documents_exactly_the_commands_there_are() -> None:
    assert documented_commands() == leaves(cli)


def test_the_readme_documents_exactly_the_dags_there_are() -> None:
    documented = [codes(cell)[0] for cell in first_cells("What runs when")]
    assert sorted(documented) == sorted(path.stem for path in (PROJECT / "dags").glob("*.py"))


def test_the_readme_documents_exactly_the_feeds_there_are() -> None:
    section = README.split("## Feeds\n")[1].split("\n## ")[0]
    rows = [line.split("|") for line in section.splitlines() if line.startswith("| ")][1:]
    documented = {(row[1].strip(), name) for row in rows for name in codes(row[2])}
    feeds = declarations.load(PROJECT / "dbt_project", ("house",))
    assert documented == {(feed.group, feed.table) for feed in feeds}


def published_models() -> dict[str, dict]:
    """What the models' YAML says of every published table, by name."""
    files = (PROJECT / "dbt_project/models").rglob("*.yml")
    models = [m for file in files for m in yaml.safe_load(file.read_text()).get("models", [])]
    return {m["name"]: m for m in models if m.get("config", {}).get("meta", {}).get("published")}


def data_flow_rows(heading: str) -> list[list[str]]:
    """Cells of the first table under a heading of docs/data-flow.md."""
    section = (PROJECT / "docs/data-flow.md").read_text().split(f"## {heading}\n")[1]
    table = section[section.index("|") :].split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in row.split("|")[1:-1]] for row in table[2:]]


def test_data_flow_names_every_published_table_once_with_its_key() -> None:
    said = [(name, row[2]) for row in data_flow_rows("Tables") for name in codes(row[0])]
    keys = {
        name: ", ".join(model["config"]["meta"]["primary_key"])
        for name, model in published_models().items()
    }
    assert sorted(name for name, _ in said) == sorted([*keys, "generation"])
    assert {name: key.split(" (")[0] for name, key in said} == {**keys, "generation": "generation"}


def test_data_flow_names_the_steps_of_a_night_in_order() -> None:
    assert [name for row in data_flow_rows("The steps") for name in codes(row[0])] == list(STEPS)


def test_every_published_column_says_what_it_means() -> None:
    silent = [
        f"{name}.{column['name']}"
        for name, model in published_models().items()
        for column in model["columns"]
        if not column.get("description", "").strip()
    ]
    assert len(published_models()) > 15
    assert silent == []


def test_every_mart_states_grain_key_currency_rule_and_contract() -> None:
    unsaid = []
    for name, model in published_models().items():
        said = " ".join(model["description"].split())
        key = ", ".join(model["config"]["meta"]["primary_key"])
        has_money = any(
            re.fullmatch(r"numeric\(1[48], 2\)", column["data_type"]) for column in model["columns"]
        )
        unsaid += [
            f"{name}: {what}"
            for what, is_there in {
                "grain": "one row" in said.lower(),
                "key": re.search(f"[Pp]rimary key:? {key}", said),
                "currency": "reporting currency" in said or not has_money,
                "contract": model["config"]["contract"]["enforced"],
            }.items()
            if not is_there
        ]
    assert unsaid == []


def test_every_command_helps() -> None:
    undocumented = []

    def walk(command: click.Command, path: str) -> None:
        if not command.help:
            undocumented.append(path)
        for name, sub in getattr(command, "commands", {}).items():
            walk(sub, f"{path} {name}")

    walk(cli, "regulars")
    assert undocumented == []


def test_every_failure_points_to_a_heading_of_the_runbook() -> None:
    anchored = anchors((PROJECT / "docs/runbook.md").read_text())
    assert {step.runbook for step in STEPS.values()} <= anchored


def test_a_models_name_says_its_folder() -> None:
    """Intermediate models stand by area, and nothing else does; readers find none among marts."""
    models = PROJECT / "dbt_project/models"
    for model in models.rglob("*.sql"):
        layer, *area, _ = model.relative_to(models).parts
        assert (layer == "intermediate") == model.name.startswith("int_"), model.name
        assert (layer == "staging") == model.name.startswith(("stg_", "base_")), model.name
        assert layer == "pii" or layer == "staging" or len(area) == 1, model.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page) -> None:
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        file, _, anchor = target.partition("#")
        if "://" in target:
            continue
        path = page.parent / file if file else page
        if not path.exists() or (anchor and anchor not in anchors(path.read_text())):
            dead.append(target)
    assert dead == []


@pytest.mark.parametrize("report", STUDIES, ids=lambda page: page.name)
def test_a_study_opens_with_what_was_found_in_five_lines(report: Path) -> None:
    title, found = report.read_text().split("\n\n")[:2]
    assert title.startswith("# ")
    assert [line[:2] for line in found.splitlines()] == ["- "] * 5


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_a_page_names_exists(page) -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, flags=re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(), flags=re.MULTILINE))
    assert named <= targets


def named_in_code(page: Path, start: str) -> set[str]:
    """Words behind `start` in the page's code, inline or in blocks."""
    text = page.read_text()
    code = re.findall(r"```.*?```|`[^`\n]+`", text, flags=re.DOTALL)
    found = re.findall(
        rf"(?:^|`|/|exec \S+ ){start} ([a-z][\w. -]*)", "\n".join(code), re.MULTILINE
    )
    return {words.strip() for words in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_a_page_names_exists(page: Path) -> None:
    known = leaves(cli)
    groups = {path.rsplit(" ", 1)[0] for path in known if " " in path}
    unknown = set()
    for words in named_in_code(page, "regulars"):
        one, two = words.split()[0], " ".join(words.split()[:2])
        if not ({one, two} & known or words in groups):
            unknown.add(words)
    assert unknown == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_module_of_the_studies_a_page_runs_exists(page: Path) -> None:
    named = {words.split()[0] for words in named_in_code(page, "python -m")}
    studies = {name for name in named if name.startswith("studies")}
    assert {name for name in studies if find_spec(name) is None} == set()


def test_every_make_target_is_explained_by_make_help() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, flags=re.MULTILINE))
    assert targets == set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, flags=re.MULTILINE))
    assert {"demo", "test", "lint", "up", "down"} <= targets


def test_lock_files_pin_every_package_by_hash_and_name_no_address() -> None:
    for name in ("bootstrap", "runtime", "dev"):
        lock = (PROJECT / f"requirements/{name}.txt").read_text()
        pins = re.findall(r"^[\w.\-\[\]]+==\S+(?: ;.*)? \\\n    --hash=sha256:", lock, re.MULTILINE)
        assert pins
        assert len(pins) == len(re.findall(r"^[\w.\-\[\]]+==", lock, re.MULTILINE))
        assert "://" not in lock
        assert not re.search(r"^--?(?!hash)\w", lock, re.MULTILINE)


# Where a folder may be as wide as the process's mask lets it be, and why.
OPEN_FOLDERS = {
    "own_project.py": "a link to the product in the company's project",
    "commands/init.py": "a project's source text",
    "commands/backtest.py": "a page about a model, asked for by hand",
    "report/list_pages.py": "pages without personal data, in a generation, which is closed",
    "report/report_page.py": "the same",
    "publication/site.py": "what a web server shows",
    "sending/target_folder.py": "a folder at a target, of its own mask",
    "engines/lake/session/duckdb.py": "a process that closes its mask first",
}


def test_folders_are_made_private_but_for_those_that_hold_no_personal_data() -> None:
    """By private_files.make_folder, or with a mode; the sample company is invented."""
    package = PROJECT / "scripts" / "regulars"
    wide = {
        str(file.relative_to(package))
        for file in package.rglob("*.py")
        if "sample_company" not in file.parts
        for call in re.findall(r"\.mkdir\(([^)]*)\)|makedirs\(([^)]*)\)", file.read_text())
        if "mode=0o700" not in "".join(call) or "parents" in "".join(call)
    }
    assert wide == set(OPEN_FOLDERS)
