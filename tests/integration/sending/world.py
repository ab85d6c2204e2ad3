"""A generation that no night has built: a few made-up people, files written as a night does."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import yaml
from psycopg.types.json import Jsonb

from regulars import warehouse
from regulars.feeds import raw_tables
from regulars.lists.export import write_files
from regulars.night import Night
from regulars.project import list_definitions
from regulars.sending import send
from regulars.settings import PROJECT, Settings
from tests.unit.lists.test_export import AS_OF, OWN, add, create_tables, say

GENERATION = 7
SENT = "second_purchase"
META = (("meta_ads", "advertising"),)
GOOGLE = (("google_ads", "ad_user_data"), ("google_ads", "ad_personalization"))
DELIVER = (
    "import sys; from datetime import date; from regulars.settings import Settings;"
    "from regulars.sending import send; from dataclasses import replace; from pathlib import Path;"
    "settings = replace(Settings.from_env(), project=Path(sys.argv[1]));"
    "print(send.deliver(settings, date.fromisoformat(sys.argv[2]), sys.argv[3]))"
)


@dataclass(frozen=True)
class Published:
    """A live generation, and where its company's tools pick up files."""

    settings: Settings
    entries: dict[str, dict[str, Any]]

    @property
    def lists(self) -> Path:
        return self.settings.generations / str(GENERATION) / "lists"

    def to(self, **places: dict[str, str]) -> Published:
        """The same, with other places to deliver to."""
        return replace(
            self, settings=replace(self.settings, project=project_with(self, deliveries=places))
        )

    def with_tables(self, *codes: str) -> Published:
        return replace(
            self, settings=replace(self.settings, project=project_with(self, tables=list(codes)))
        )

    def deliver(self, target: str, as_of: date = AS_OF) -> dict[str, Any]:
        return send.deliver(self.settings, as_of, target)

    def start(self, target: str, failpoint: str = "") -> subprocess.Popen[str]:
        """A delivery in a process of its own."""
        return subprocess.Popen(
            [
                sys.executable,
                "-c",
                DELIVER,
                str(self.settings.project),
                AS_OF.isoformat(),
                target,
            ],
            env=os.environ | self.settings.to_env() | {"REGULARS_FAILPOINT": failpoint},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def killed_at(self, failpoint: str, target: str) -> None:
        process = self.start(target, failpoint)
        _, errors = process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, f"{failpoint} was never reached:\n{errors}"

    def fresh(self) -> None:
        """Forget what was delivered and who said no since."""
        with warehouse.connect(self.settings, "admin", autocommit=True) as connection:
            connection.execute(
                "truncate decisions.deliveries, pii.withdrawn_members, pii.people,"
                " pii.audiences, pii.audience_memberships"
            )
            connection.execute("delete from ops.delivery_checks where as_of > %s", [AS_OF])

    def says_no(self, *customers: str, list_code: str = SENT) -> None:
        with warehouse.connect(self.settings, "admin", autocommit=True) as connection:
            for one in customers:
                connection.execute(
                    "insert into pii.withdrawn_members"
                    " (generation, list_code, customer_id, reason, as_of)"
                    " values (%s, %s, %s, 'with_no', %s)",
                    [GENERATION, list_code, one, AS_OF],
                )

    def asked_for_noes_on(self, day: date) -> None:
        with warehouse.connect(self.settings, "admin", autocommit=True) as connection:
            connection.execute(
                "insert into ops.delivery_checks values (%s, %s) on conflict do nothing",
                [GENERATION, day],
            )

    def query(self, statement: str) -> list[tuple]:
        with warehouse.connect(self.settings, "admin", autocommit=True) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[arg-type]

    def files_of(self, target: str, list_code: str = SENT) -> list[Path]:
        """A list's published files for a target."""
        found = [
            self.lists / file["name"]
            for one in self.entries[list_code]["targets"]
            if one["target"] == target
            for file in one["files"]
        ]
        assert found, f"{list_code} has no file for {target}"
        return found

    def untouched(self) -> str:
        """SHA-256 over all that was published."""
        digest = hashlib.sha256()
        for file in sorted(self.lists.rglob("*")):
            if file.is_file():
                digest.update(file.name.encode() + file.read_bytes())
        return digest.hexdigest()


def publish(settings: Settings) -> Published:
    """Fill an empty database and publish a generation of it.

    Of second_purchase: c3 has no address and c4 shares that of c2, so both are in files by id
    alone; c5's name has a line break, c6's id would be a formula. 120 people are in an audience,
    all for Meta, the first six for Google too; the even of these are its seed.
    """
    raw_tables.migrate(settings)
    with warehouse.connect(settings, "admin", autocommit=True) as connection:
        create_tables(connection, settings)
        _people(connection, settings)
    folder = settings.generations / str(GENERATION)
    folder.mkdir(parents=True)
    write_files(settings, Night(AS_OF), folder, "run-7")
    with warehouse.connect(settings, "admin", autocommit=True) as connection:
        connection.execute(
            "insert into decisions.publications (generation, as_of, run_id, input_digest,"
            " last_delivery_id, files_digest, library_versions)"
            " values (%s, %s, 'run-7', '', 0, '', '{}')",
            [GENERATION, AS_OF],
        )
        connection.execute(
            "insert into published.generation (generation, as_of, run_id) values (%s, %s, 'run-7')",
            [GENERATION, AS_OF],
        )
        connection.execute("insert into ops.delivery_checks values (%s, %s)", [GENERATION, AS_OF])
    manifest = json.loads((folder / "lists" / "manifest.json").read_text())
    return Published(settings, {one["list_code"]: one for one in manifest["lists"]})


def _people(connection: psycopg.Connection, settings: Settings) -> None:
    add(connection, 1)
    add(connection, 2, phone_e164="+31612345678")
    add(connection, 3, email=None)
    add(connection, 4, email="c2@example.com")
    add(connection, 5, first_name='Anna\nMaria, "Zoë" 😀')
    add(connection, 6, customer_id="=c6", household_id="=c6")
    add(connection, 1, list_code="save_our_best", customer_id="s1", household_id="s1")
    add(connection, 2, list_code="save_our_best", customer_id="s2", household_id="s2")
    ads = next(one for one in list_definitions.load(settings.dbt_project) if one.channel == "ads")
    OWN.setdefault(ads.list_code, {column.name: None for column in ads.columns})
    granted = dict.fromkeys(range(1, 121), META) | dict.fromkeys(range(1, 7), (*META, *GOOGLE))
    for rank in range(1, 121):
        who = f"a{rank}"
        add(
            connection,
            rank,
            agrees=None,
            list_code=ads.list_code,
            customer_id=who,
            household_id=who,
            email=f"{who}@example.com",
            details=Jsonb(OWN[ads.list_code] | ({"audience": "seed"} if rank in (2, 4, 6) else {})),
        )
        for channel, purpose in (("ads", "advertising"), *granted[rank]):
            say(connection, who, "2026-01-01", is_no=False, channel=channel, purpose=purpose)
        connection.execute(
            "update pii.list_people set granted = %s where customer_id = %s",
            [" ".join(map(":".join, granted[rank])), who],
        )
    say(connection, "nobody", "2026-01-01")


def project_with(published: Published, **parts: object) -> Path:
    """A project folder whose destinations have these parts."""
    project = published.settings.home / "project"
    shutil.rmtree(project, ignore_errors=True)
    (project / "dbt_project").mkdir(parents=True)
    for one in (PROJECT / "dbt_project").iterdir():
        if one.name != "destinations.yml":
            (project / "dbt_project" / one.name).symlink_to(one)
    content = yaml.safe_load((PROJECT / "dbt_project" / "destinations.yml").read_text())
    (project / "dbt_project" / "destinations.yml").write_text(yaml.safe_dump(content | parts))
    return project


def all_files(folder: Path) -> dict[str, bytes]:
    """Path below the folder -> content, hidden files included."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def bytes_of(paths: Iterable[Path]) -> dict[str, bytes]:
    return {f"{GENERATION}/{path.name}": path.read_bytes() for path in paths}
