"""Questions that people ask of the warehouse from the command line."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import LiteralString

from psycopg.rows import dict_row

from regulars.erasure import physical
from regulars.feeds import declarations, desk_records
from regulars.feeds.discover import discover
from regulars.feeds.ledger_warnings import ledger_warnings
from regulars.feeds.wiring import wiring_faults
from regulars.gates import holds
from regulars.lists import why_lists
from regulars.lists.files import describe
from regulars.project import list_definitions, variable_bounds
from regulars.project.located import DeclarationError
from regulars.settings import Settings
from regulars.targets import declaration
from regulars.targets.declaration import Target
from regulars.targets.memberships import to_refresh
from regulars.targets.validator import faults_of
from regulars.warehouse import WarehouseError, connect
from regulars.warehouse.older_readers import TO_SEE_READERS, sees_readers

ENOUGH_DISK = 2 * 2**30
NAMED_FILES = 10  # so many are named, the rest are counted

# A replay loads rows that its delivery had quarantined: they count as loaded, no longer as bad.
DELIVERIES_BY_FEED: LiteralString = """
select
    feed,
    max(delivered_on) filter (where status = 'loaded') as last_delivery,
    count(*) filter (where status = 'loaded' and replay_of is null) as deliveries,
    coalesce(sum(rows_loaded), 0)::bigint as rows_loaded,
    (
        coalesce(sum(rows_quarantined), 0)
        - coalesce(sum(rows_loaded) filter (where replay_of is not null), 0)
    )::bigint as rows_quarantined,
    count(*) filter (where status = 'refused') as refused
from raw.deliveries
group by feed
order by feed
"""


class Unknown(RuntimeError):
    """A name that stands for nothing here; the message says which names do."""


DELIVERED = """
select
    target,
    count(*) as lists,
    cast(sum(rows) as bigint) as people,
    cast(sum(left_out) as bigint) as left_out,
    max(as_of) as noes_known_on
from decisions.deliveries
where generation = (select generation from published.live_generation)
group by target
order by target
"""
"""What the live generation's deliveries have brought, by target."""


def status(settings: Settings) -> dict:
    """Live generation, state of the build, and the ledger summed by feed."""
    builder, ledger = "transformer", "loader"
    live = _rows(settings, builder, "select * from published.live_generation")
    build = _rows(settings, builder, "select as_of, status from ops.builds where prefix = ''")
    feeds = _rows(settings, ledger, DELIVERIES_BY_FEED)
    refused = _rows(
        settings,
        ledger,
        "select feed, path, delivered_on, reason from raw.deliveries"
        " where status = 'refused' order by delivered_on desc, path limit 10",
    )
    return {
        "live": live[0] if live else None,
        "held": _held(settings),
        "waiting": _rows(
            settings,
            builder,
            "select as_of, gate, claims from ops.gate_stops order by as_of, gate",
        ),
        "build": build[0] if build else None,
        "delivered": _delivered(settings),
        "to_refresh": _to_refresh(settings, live[0]["as_of"]) if live else [],
        "feeds": feeds,
        "refused": refused,
        "warnings": _warnings(settings),
        "unexpected_files": unexpected_files(settings),
    }


def _delivered(settings: Settings) -> list[dict]:
    """By target; nothing in a warehouse that no version with deliveries has brought up to date."""
    (known,) = _rows(
        settings, "transformer", "select to_regclass('decisions.deliveries') is not null as so"
    )
    return _rows(settings, "transformer", DELIVERED) if known["so"] else []


def _to_refresh(settings: Settings, as_of: date) -> list[dict]:
    """Lists whose last copy an ad platform is about to forget."""
    (known,) = _rows(
        settings, "transformer", "select to_regclass('decisions.deliveries') is not null as so"
    )
    if not known["so"]:
        return []
    sent = _rows(
        settings,
        "transformer",
        "select list_code, target, max(as_of) as day from decisions.deliveries"
        " group by list_code, target",
    )
    days = {t.code: t.membership_days for t in declaration.load(settings.dbt_project).values()}
    due = to_refresh(((r["list_code"], r["target"], r["day"]) for r in sent), days, as_of)
    return [asdict(refresh) for refresh in due]


def _held(settings: Settings) -> list[dict]:
    """What the last published night holds back, waits for or cannot use."""
    with connect(settings, "transformer") as connection:
        return [
            {**asdict(hold), "sentence": hold.sentence} for hold in holds.of_published(connection)
        ]


def _warnings(settings: Settings) -> list[dict]:
    """Of the ledger, whatever night it is."""
    with connect(settings, "loader") as connection:
        return [asdict(warning) for warning in ledger_warnings(connection)]


def unexpected_files(settings: Settings) -> list[str]:
    """Files in the landing folder that no feed expects, by their names; they are never read."""
    feeds = declarations.load(settings.dbt_project, settings.systems)
    return list(discover(settings.landing, feeds).unexpected)


def in_short(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - NAMED_FILES
    return ", ".join(names[:NAMED_FILES]) + (f" and {more} more" if more > 0 else "")


def _least_free_disk(settings: Settings) -> int:
    """Bytes on the fullest disk that a night writes to; the warehouse may have one of its own."""
    folders = (settings.project, settings.home, settings.server_folder)
    return min(
        shutil.disk_usage(next(f for f in (folder, *folder.parents) if f.exists())).free
        for folder in folders
    )


def _odd_declaration(settings: Settings) -> str | None:
    """The first of the project's settings and lists that a night would refuse."""
    try:
        variable_bounds.check(settings.dbt_project)
        list_definitions.check(settings.dbt_project)
    except DeclarationError as error:
        return str(error)
    return None


def doctor(settings: Settings) -> list[dict]:
    """What a night needs: Python, disk, deliveries, a warehouse."""
    version = sys.version_info
    free = _least_free_disk(settings)
    landing = [
        system
        for system in settings.systems
        if system != desk_records.SYSTEM and not (settings.landing / system).is_dir()
    ]
    unexpected = unexpected_files(settings)
    faults = wiring_faults(settings)
    odd = _odd_declaration(settings)
    declared = declarations.load(settings.dbt_project, settings.systems)
    unknown = sorted(set(settings.feeds_off) - {feed.table for feed in declared})
    checks = [
        _check("Python 3.11 or newer", version >= (3, 11), f"{version.major}.{version.minor}"),
        _check("2 GiB of free disk", free > ENOUGH_DISK, f"{free / 2**30:.0f} GiB"),
        _check(
            "landing folder of every system",
            not landing,
            f"missing under {settings.landing}: {', '.join(landing)}" if landing else "there",
        ),
        _check(
            "every feed that is switched off",
            not unknown,
            f"no feed is called {in_short(unknown)}" if unknown else "is declared",
        ),
        _check(
            "a feed for every delivered file",
            not unexpected,
            f"no feed expects {in_short(unexpected)}" if unexpected else "there",
        ),
        _check("a dbt project that fits its systems", not faults, "; ".join(faults) or "it does"),
        _check("settings and lists as they may be", not odd, odd or "they are"),
    ]
    try:
        with connect(settings, "admin") as connection:
            number = connection.info.server_version
            left = [f"{what} (`{ended}`)" for what, ended in physical.left_behind(connection)]
            sees_all = sees_readers(connection)
        checks.append(_check("PostgreSQL 16 or newer", number >= 160000, str(number // 10000)))
        checks.append(
            _check(
                "nothing left behind that keeps locks, old rows or the log",
                not left,
                f"end {in_short(left)}" if left else "nothing",
            )
        )
        checks.append(
            _check(
                "an administrator who sees who reads",
                sees_all,
                "they do" if sees_all else TO_SEE_READERS,
            )
        )
    except (WarehouseError, RuntimeError) as error:
        checks.append(_check("PostgreSQL 16 or newer", False, str(error)))
    return checks


def list_counts(settings: Settings) -> list[dict]:
    """What each list is, people treated and held, and why it is withheld tonight, if it is. Raises
    Unknown when nothing is published."""
    check_published(settings)
    counts = _rows(
        settings,
        "analyst",
        """
        select
            list_code,
            count(*) filter (where arm = 'treat') as treated,
            count(*) filter (where arm = 'hold') as held_out
        from published.list_members
        group by list_code
        """,
    )
    people = {row["list_code"]: row for row in counts}
    (live,) = _rows(settings, "analyst", "select as_of from published.live_generation")
    held_back = withheld_lists(settings)
    return [
        {
            "list_code": definition.list_code,
            "as_of": live["as_of"],
            "treated": people.get(definition.list_code, {}).get("treated", 0),
            "held_out": people.get(definition.list_code, {}).get("held_out", 0),
            "withheld": held_back.get(definition.list_code),
            "class": definition.list_class,
            "who": definition.words.who,
            "owner": definition.owner,
        }
        for definition in list_definitions.load(settings.dbt_project)
    ]


def withheld_lists(settings: Settings) -> dict[str, str]:
    """Lists that are held back tonight, and why: that nobody is on one says nothing then."""
    rows = _rows(settings, "analyst", "select list_code, reason from desk.withheld")
    return {row["list_code"]: row["reason"] for row in rows}


def changed_lists(settings: Settings) -> dict[str, str]:
    """Lists that the project has and the live night had not, or the other way: a sentence each."""
    with connect(settings, "analyst") as connection:
        made = why_lists.live_lists(connection)
    codes = set(list_definitions.codes(settings.dbt_project))
    new, gone = (sorted(codes - made), sorted(made - codes)) if made else ([], [])
    return {
        **{code: f"{code} is new since that night; the next one makes it." for code in new},
        **{
            code: f"{code} was made that night and is switched off or gone since; its file stays"
            " until the next one."
            for code in gone
        },
    }


def list_members(settings: Settings, list_code: str, limit: int) -> list[dict]:
    """The first members of a list by rank. Raises Unknown for a code that is no list's."""
    check_published(settings)
    check_list(settings, list_code)
    return _rows(
        settings,
        "analyst",
        """
        select rank, customer_id, arm, movement, reason_1, suggested_action
        from published.list_members
        where list_code = %s
        order by rank
        limit %s
        """,
        [list_code, limit],
    )


def list_files(settings: Settings) -> list[dict]:
    """The live generation's files by list and target. `fault` is what the target's tool would
    stumble over, or why there is no file. Raises Unknown when nothing is published."""
    folder = settings.home / "current" / "lists"
    if not (folder / "manifest.json").exists():
        raise Unknown("No files yet: run `regulars night --as-of DATE` first.")
    entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["lists"]
    targets = declaration.load(settings.dbt_project)
    return [
        row
        for entry in entries
        for target in entry["targets"]
        for row in _files_for(folder, entry, target, targets.get(target["target"]))
    ]


def _files_for(folder: Path, entry: dict, target: dict, declared: Target | None) -> Iterator[dict]:
    """A row per file of a list for a target; one without a file where it is withheld."""
    base = {"list_code": entry["list_code"], "target": target["target"]}
    rejected = target["rejected"]["rows"]
    if not target["files"]:
        yield base | {"file": None, "rows": 0, "rejected": rejected, "fault": target["withheld"]}
    for file in target["files"]:
        path = folder / file["name"]
        faults = faults_of(declared, [path], target["asked"]) if declared else []
        if describe(path, file["rows"]).sha256 != file["sha256"]:
            faults = ["not the file that was published", *faults]
        shown = {"file": str(path), "rows": file["rows"], "rejected": rejected}
        yield base | shown | {"fault": "; ".join(faults) or None}


def list_movements(settings: Settings, list_code: str | None) -> list[dict]:
    """People by movement and why, of one list or all. Raises Unknown."""
    check_published(settings)
    if list_code is not None:
        check_list(settings, list_code)
    return _rows(
        settings,
        "analyst",
        """
        select list_code, movement, why, count(*) as people
        from published.list_movements
        where %s::text is null or list_code = %s
        group by list_code, movement, why
        order by list_code, movement, why
        """,
        [list_code, list_code],
    )


def why(settings: Settings, customer_id: str) -> list[dict]:
    """One row a list: 'on it', 'held out', 'left out' or 'does not qualify', with the reason.

    No row: the customer is known, and no list is about them. Raises Unknown.
    """
    check_published(settings)
    check_customer(settings, customer_id)
    definitions = list_definitions.load(settings.dbt_project)
    with connect(settings, "analyst") as connection:
        return [asdict(verdict) for verdict in why_lists.of(connection, definitions, customer_id)]


def value_reasons(settings: Settings, customer_id: str) -> list[str]:
    """Why the customer's value is what it is, in sentences; none if they have no value."""
    if _unpublished_build(settings):
        return []
    rows = _rows(
        settings,
        "transformer",
        "select rhythm, arithmetic from marts.customer_value_reasons where customer_id = %s",
        [customer_id],
    )
    return [sentence for row in rows for sentence in row.values() if sentence]


def _unpublished_build(settings: Settings) -> str | None:
    """What is worked out now comes from the tables that are built: why those cannot tell of the
    published night, or None."""
    builds = _rows(
        settings,
        "transformer",
        """
        select as_of, status in ('built', 'erased_from')
            and as_of = (select as_of from published.live_generation) as is_published
        from ops.builds where prefix = ''
        """,
    )
    if builds and builds[0]["is_published"]:
        return None
    night = f"the night of {builds[0]['as_of']}, which is not published" if builds else "no night"
    return f"the tables hold {night}"


def check_published(settings: Settings, role: str = "analyst") -> None:
    """Raise Unknown where nothing is published yet."""
    if not _rows(settings, role, "select generation from published.live_generation"):
        raise Unknown("Nothing is published yet: run `regulars night --as-of DATE`.")


def check_list(settings: Settings, list_code: str) -> None:
    codes = list_definitions.codes(settings.dbt_project)
    if list_code in list_definitions.switched_off(settings.dbt_project):
        raise Unknown(
            f"{list_code} is switched off (enabled: false, in its own file or in the company's"
            " dbt_project.yml): nobody is on it."
        )
    if list_code not in codes:
        raise Unknown(f"There is no list '{list_code}'. Lists: {', '.join(codes)}.")


def check_customer(settings: Settings, customer_id: str, role: str = "analyst") -> None:
    """Raise Unknown, with ids as they look, for an id that nobody has."""
    query = "select customer_id from published.dim_customers where customer_id = %s"
    if _rows(settings, role, query, [customer_id]):
        return
    query = "select customer_id from published.customer_accounts where account_id = %s"
    for row in _rows(settings, "analyst", query, [customer_id]):
        raise Unknown(f"'{customer_id}' is an account of '{row['customer_id']}': ask for that one.")
    some = _rows(
        settings, role, "select customer_id from published.dim_customers order by 1 limit 3"
    )
    examples = ", ".join(row["customer_id"] for row in some)
    raise Unknown(
        f"There is no customer '{customer_id}' in the published tables. Ids look like {examples}."
    )


def _rows(
    settings: Settings,
    role: str,
    query: LiteralString,
    values: Sequence[object] | Mapping[str, object] | None = None,
) -> list[dict]:
    with connect(settings, role) as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchall()


def _check(what: str, ok: bool, state: str) -> dict:
    return {"what": what, "ok": ok, "found": state}
