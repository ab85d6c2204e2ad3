"""PostgreSQL's own dump and restore; the password goes by the environment."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from psycopg.conninfo import conninfo_to_dict

from regulars import warehouse
from regulars.settings import Settings
from regulars.warehouse.embedded import binaries

NAMES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "options": "PGOPTIONS",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}


class BackupRefused(RuntimeError):
    """A backup or restore that cannot be done; the message says why and what to do."""


def run(settings: Settings, program: str, arguments: Sequence[str]) -> None:
    """Run pg_dump or pg_restore as the administrator. Raises BackupRefused without its words: they
    can quote rows."""
    parts = conninfo_to_dict(warehouse.url(settings, "admin"))
    environment = {NAMES[key]: str(value) for key, value in parts.items() if key in NAMES}
    done = subprocess.run(
        [str(binaries() / program), f"--dbname={parts['dbname']}", *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if done.returncode:
        raise BackupRefused(
            f"{program} ended with exit code {done.returncode}. Is there room on the disk, and is "
            "the server no newer than PostgreSQL 18? `regulars doctor` checks the machine."
        )
