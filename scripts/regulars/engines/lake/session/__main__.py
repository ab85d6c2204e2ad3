"""From the order to the answer. Where the disk has no room for it the exit code is ENOSPC."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
from typing import Any

from . import answers, dbt
from .duckdb import DuckDB
from .spark import Spark
from .waiting import end_with_parent


def main(engine: str, order: dict[str, Any]) -> None:
    os.umask(0o077)  # what executors and the Java process write too
    os.environ.update(order["environment"])
    try:
        outcome = _outcome(DuckDB(order) if engine == "duckdb" else Spark(order), order)
    except Exception as error:
        answers.write_death(order, error)
        raise
    finally:
        shutil.rmtree(order["scratch"], ignore_errors=True)
    answers.write(order, outcome)


def _outcome(session: DuckDB | Spark, order: dict[str, Any]) -> dict[str, Any]:
    session.open()
    outcome = {**dbt.run(order["dbt"]), "tables": order["tables"]}
    if outcome["is_success"]:  # else nobody reads the tables, and the engine may be gone
        outcome["columns"] = session.write(outcome["built"])
        session.close()
    return outcome


if __name__ == "__main__":
    asked = json.loads(sys.stdin.readline())
    end_with_parent()
    try:
        main(sys.argv[1], asked)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.exit(errno.ENOSPC)  # no answer can be written
