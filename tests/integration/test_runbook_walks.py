"""The walks of docs/runbook.md, walked: every command and query of their numbered steps is read out
of the page and run, with the names of this company in the place of the page's."""

from __future__ import annotations

import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from regulars import cli, warehouse
from regulars.erasure.requests import due
from regulars.settings import PROJECT, Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone, difference, files_of, fingerprint
from tests.server import drop_database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]
RUNBOOK = (PROJECT / "docs" / "runbook.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"`((?:REGULARS_\w+=\S+ )?regulars [^`]+|select [^`]+)`")
STEP = re.compile(r"^(?:\d+\. |\*\*)")  # numbered, or begun by its name
# Said of another occasion: it must be a command, and is not run here.
MENTIONED = ("regulars backfill",)


def walk(title: str) -> list[str]:
    """Commands and queries of the steps below a heading, in order."""
    section = RUNBOOK.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    steps = [line for line in section.splitlines() if STEP.match(line)]
    found = [command for step in steps for command in COMMAND.findall(step)]
    assert len(found) >= 3, f"the runbook has no walk '{title}'"
    return found


@dataclass(frozen=True)
class Walker:
    settings: Settings
    names: Mapping[str, str]

    def go(self, title: str) -> dict[str, str]:
        """Every command of a walk as it stands in the page -> what it printed."""
        return {command: self._one(command) for command in walk(title)}

    def _one(self, command: str) -> str:
        said = command
        for name, value in self.names.items():
            said = said.replace(name, value)
        if said.startswith("select"):
            return self._query(said)
        words = shlex.split(said)
        changes = dict(word.split("=", 1) for word in words if word.startswith("REGULARS_"))
        arguments = words[words.index("regulars") + 1 :]
        arguments += ["--help"] if command in MENTIONED else []
        environment = {**self.settings.to_env(), **changes}
        if changes:
            environment |= {"REGULARS_SERVER": "", "REGULARS_DATABASE": ""}
        result = CliRunner().invoke(cli.cli, arguments, env=environment)
        assert result.exception is None, f"{said}: {result.exception}\n{result.output}"
        return result.output

    def _query(self, query: str) -> str:
        with warehouse.connect(self.settings, "transformer") as connection:
            return str(connection.execute(query.encode()).fetchall())


@pytest.fixture
def copy(company: Settings, tmp_path: Path) -> Iterator[Settings]:
    shutil.copytree(company.landing, tmp_path / "landing")
    settings = clone(company, parsed.COPY, tmp_path / "home")
    yield replace(settings, landing=tmp_path / "landing")
    drop_database(settings)


def test_backup_and_restore(copy: Settings) -> None:
    folder = Path(tempfile.mkdtemp(prefix="regulars-walk-"))  # pytest's own closes to a server
    new = folder / "var"
    made = Walker(copy, {})._one(walk("Backup and restore")[0])
    walker = Walker(copy, {"/new/var": str(new), "FILE": made.split(":", 1)[0]})
    restored = replace(copy, home=new, server=None, database="regulars")
    try:
        said = walker.go("Backup and restore")
        assert str(LAST_NIGHT) in said["REGULARS_HOME=/new/var regulars warehouse restore FILE"]
        assert difference(fingerprint(restored), fingerprint(copy)) == []
        assert files_of(new / "current") == files_of(copy.home / "current")
    finally:
        warehouse.stop(restored)
        shutil.rmtree(folder)


def test_somebody_is_to_be_erased(copy: Settings) -> None:
    with warehouse.connect(copy, "admin") as connection:
        request = due(connection, replace(copy, erasure_grace_days=0), LAST_NIGHT)[0]
    walker = Walker(copy, {"--request ID": f"--request {request.request_id}"})
    said = walker.go("Somebody is to be erased")
    would, *after = said.values()
    assert "lines removed" in would
    assert "Ada L." in said["regulars erase --receipts"]
    assert "closed" in said["regulars erase --receipts"]
    assert request.customer_id not in "".join(after)


def test_somebody_was_written_to_who_should_not_have_been(copy: Settings) -> None:
    with warehouse.connect(copy, "admin") as connection:
        row = connection.execute(
            "select m.customer_id from decisions.list_members as m"
            " inner join pii.int_permission_events as e using (customer_id)"
            " where m.list_code = 'second_purchase' and m.arm = 'treat' order by 1 limit 1"
        ).fetchone()
    assert row is not None
    names = {
        "CUSTOMER_ID": row[0],
        "customer_id = …": f"customer_id = '{row[0]}'",
        "NIGHT": str(LAST_NIGHT),
    }
    said = Walker(copy, names).go("Somebody was written to who should not have been")
    asked = next(words for command, words in said.items() if "list_members" in command)
    known = next(words for command, words in said.items() if "int_permission_events" in command)
    assert "second_purchase" in asked
    assert row[0] in known
    with warehouse.connect(copy, "transformer") as connection:
        stops = connection.execute(
            "select count(*) from rebuild_intermediate.int_contact_stops"
        ).fetchone()
    assert stops is not None
    assert stops[0] > 0
