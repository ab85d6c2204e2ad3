"""dbt builds in PostgreSQL itself, where deliveries lie and where people read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from psycopg.conninfo import conninfo_to_dict

from regulars import lasting
from regulars.engines import behaviour_flags, dbt_command
from regulars.engines.dbt_results import node_count
from regulars.engines.parsed_project import parsed
from regulars.night import Night
from regulars.settings import Settings
from regulars.warehouse import url


class Postgres:
    """Nothing is to be brought or carried: the tables are already where they are needed."""

    writes_touched_alone = True

    def check(self, settings: Settings) -> None:
        pass

    def prepare(self, settings: Settings, night: Night) -> None:
        pass

    def build(self, settings: Settings, night: Night, layer: str, *, is_full: bool) -> int:
        selection = [*dbt_command.LAYERS[layer], *(["--full-refresh"] if is_full else [])]
        return run_dbt(settings, night, selection, f"{layer} for {night.as_of}")

    def carry(self, settings: Settings, night: Night, layer: str) -> None:
        pass


def run_dbt(
    settings: Settings,
    night: Night,
    selection: Sequence[str],
    what: str,
    variables: Mapping[str, object] | None = None,
) -> int:
    """Run dbt on a part of the project, in this process. Returns the number of nodes.

    Raises TransformError, which says `what` failed and names the nodes.
    """
    lasting.imported("dbt.cli.main")
    from dbt.cli.main import dbtRunner

    from regulars.engines import kept_connections, kept_templates, unread_events

    behaviour_flags.forget_repeated()
    kept_connections.keep()
    kept_templates.keep(dbt_command.target_folder(settings, night))
    unread_events.leave_out()
    with database_environment(settings, REGULARS_AS_OF=night.as_of.isoformat()):
        manifest = parsed(settings, night, variables)
        build = dbt_command.build(settings, night, selection, variables or {})
        outcome = dbtRunner(manifest=manifest).invoke(["--no-write-json", *build])
    return node_count(outcome, what)


@contextmanager
def database_environment(settings: Settings, **variables: str) -> Iterator[None]:
    """Hand the connection to dbt's profile, and more variables to its macros; take them back."""
    parts = conninfo_to_dict(url(settings, "transformer"))
    values = {
        "REGULARS_DBT_HOST": str(parts["host"]),
        "REGULARS_DBT_PORT": str(parts["port"]),
        "REGULARS_DBT_USER": str(parts["user"]),
        "REGULARS_DBT_PASSWORD": str(parts["password"]),
        "REGULARS_DBT_DBNAME": str(parts["dbname"]),
        **variables,
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
