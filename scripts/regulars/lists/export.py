"""Tonight's lists as files that marketing opens in a spreadsheet or gives to a mailing tool."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads

from regulars import failpoints
from regulars.lists import lists_manifest, permission
from regulars.lists.files import SpreadsheetFile, write_text
from regulars.lists.lists_manifest import FileEntry, ListEntry
from regulars.lists.target_files import REJECTED_COLUMNS, TargetFiles
from regulars.night import Night
from regulars.phrases import say, speaking
from regulars.private_files import make_folder
from regulars.project import file_columns, list_definitions, variables
from regulars.project.list_definitions import ListDefinition
from regulars.settings import Settings
from regulars.targets import declaration, destinations
from regulars.targets.destinations import Destination
from regulars.warehouse import WarehouseError, connect

BATCH = 2_000
# What stands for a person in the file of a list that reaches people so.
ADDRESSES: Mapping[str, LiteralString] = {
    "email": "rows.email",
    "phone": "rows.phone_e164",
    "ads": "coalesce(nullif(rows.email, ''), rows.phone_e164)",
}

Row = Mapping[str, Any]


def write_files(settings: Settings, night: Night, folder: Path, run_id: str) -> dict[str, object]:
    """Write folder/lists: per list a file and a file of rejected rows, the same for each target
    that the list goes to, and one manifest.json. A list that is withheld has no file; the manifest
    says why.

    Nothing is written if anybody on a list may not be contacted (permission.PermissionRefused).
    Equal tables give equal bytes. Returns the rows written and rejected by list.
    """
    wanted = list_definitions.load(settings.dbt_project)
    going_to = destinations.load(settings.dbt_project, wanted)
    target = make_folder(folder / "lists")
    language = variables.language(settings.dbt_project)
    try:
        with speaking(language), connect(settings, "transformer") as connection:
            _begin(connection)
            permission.check(connection, settings, night, wanted)
            withheld = _withheld(connection, night)
            entries = [
                _write_list(
                    connection,
                    settings,
                    night,
                    definition,
                    going_to[definition.list_code],
                    target,
                    run_id,
                )
                for definition in wanted
                if definition.list_code not in withheld
            ]
    except psycopg.Error as error:
        # The server's message could quote a row.
        raise WarehouseError(f"List files were not written: SQLSTATE {error.sqlstate}.") from None
    write_text(
        target / "manifest.json",
        lists_manifest.render(night.as_of, run_id, entries, withheld),
    )
    failpoints.hit("export:file_written")
    return {
        "rows": {entry.list_code: entry.file.rows for entry in entries},
        "rejected": {entry.list_code: entry.rejected.rows for entry in entries},
        "withheld": withheld,
    }


def _begin(connection: psycopg.Connection) -> None:
    """Everything is read as of one moment, in bytes that depend on no setting."""
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    connection.execute("set local time zone 'UTC'")
    # every row is read, so plan for the whole result, not for the first rows
    connection.execute("set local cursor_tuple_fraction = 1")
    # a numeric keeps its decimals: 0.250000 stays so
    set_json_loads(partial(json.loads, parse_float=Decimal), connection)


def _withheld(connection: psycopg.Connection, night: Night) -> dict[str, str]:
    """Lists that may not go out tonight -> why."""
    query = sql.SQL("select list_code, reason from {} order by list_code").format(
        sql.Identifier(night.schema("lists"), "withheld_lists")
    )
    return dict(connection.execute(query).fetchall())


def columns_of(settings: Settings, definition: ListDefinition) -> tuple[str, ...]:
    """The columns of a list's file: the common ones, then its own."""
    own = (column.name for column in definition.columns)
    return (*file_columns.names(settings.dbt_project), *own)


def _write_list(
    connection: psycopg.Connection,
    settings: Settings,
    night: Night,
    definition: ListDefinition,
    going_to: Sequence[Destination],
    target: Path,
    run_id: str,
) -> ListEntry:
    columns = columns_of(settings, definition)
    with ExitStack() as open_files:
        targets = [
            open_files.enter_context(TargetFiles(target, destination)) for destination in going_to
        ]
        kept, refused = (
            open_files.enter_context(SpreadsheetFile(target / f"{definition.list_code}{end}", head))
            for end, head in ((".csv", columns), (".rejected.csv", REJECTED_COLUMNS))
        )
        for row in _told(_rows(connection, night, definition), run_id, targets):
            permission.check_row(definition, row)
            reason = _why_rejected(row, definition)
            if reason is None:
                kept.write(_line(row, columns))
            else:
                refused.write([*_line(row, REJECTED_COLUMNS[:-1]), reason])
    return ListEntry(
        list_code=definition.list_code,
        list_version=definition.list_version,
        list_name=definition.words.name,
        list_class=definition.list_class,
        columns=columns,
        message_columns=file_columns.of_messages(settings.dbt_project),
        file=_entry(kept),
        rejected=_entry(refused),
        targets=tuple(target_file.entry for target_file in targets if target_file.entry),
    )


def _told(rows: Iterator[Row], run_id: str, targets: Sequence[TargetFiles]) -> Iterator[Row]:
    """The rows with the list's own columns one by one; each is given to every target first, which
    decides for itself whom it takes."""
    for row in rows:
        facts = {**row, **row["details"], "run_id": run_id}
        for target_file in targets:
            target_file.add(facts)
        yield facts


def _line(values: Row, columns: Sequence[str]) -> list[object]:
    return [values[column] for column in columns]


def _entry(file: SpreadsheetFile) -> FileEntry:
    assert file.entry is not None
    return file.entry


def _rows(
    connection: psycopg.Connection, night: Night, definition: ListDefinition
) -> Iterator[Row]:
    """Everybody to be treated, in rank order; a cursor keeps memory flat. Which of several with
    one address ranks first is told by the database, so that nobody need remember them."""
    query = sql.SQL(
        """
        select rows.*, {people},
            row_number() over (partition by rows.email order by rows.rank) as email_place,
            row_number() over (partition by rows.phone_e164 order by rows.rank) as phone_e164_place,
            first_value(rows.customer_id)
                over (partition by {address} order by rows.rank) as first_at_address
        from {file_rows} as rows
        left join {list_people} as people on people.customer_id = rows.customer_id
        where rows.list_code = %s and rows.arm = 'treat'
        order by rows.rank
        """
    ).format(
        people=sql.SQL(", ").join(
            sql.Identifier("people", name) for name in (*declaration.PEOPLE, "granted")
        ),
        file_rows=sql.Identifier(night.schema("pii"), "list_file_rows"),
        list_people=sql.Identifier(night.schema("pii"), "list_people"),
        address=sql.SQL(ADDRESSES.get(definition.channel, "rows.customer_id")),
    )
    name = f"rows_of_{definition.list_code}"
    with connection.cursor(name=name, row_factory=dict_row) as cursor:
        cursor.itersize = BATCH
        cursor.execute(query, [definition.list_code])
        yield from cursor


def _why_rejected(row: Row, definition: ListDefinition) -> str | None:
    """No usable address, or an address that a better-ranked row of the same file has.

    Mailing tools refuse or merge doubled addresses; a service list is worked by people, and two
    wronged persons who share an address are owed an apology each.
    """
    if definition.list_class == "service":
        usable = row["phone_e164"] or row["email"]
        return None if usable else say("no usable phone number or e-mail address")
    if definition.list_class == "suppression" or definition.channel == "post":
        return None
    address = row["phone_e164"] if definition.channel == "phone" else row["email"]
    if definition.channel == "ads":
        address = address or row["phone_e164"]
    if not address:
        return say("no usable address for {channel}", channel=definition.channel)
    if row["first_at_address"] != row["customer_id"]:
        # in English always: deliveries and erasures read it again (state_files.ABOUT_ANOTHER)
        return f"same address as customer {row['first_at_address']}, who ranks higher"
    return None
