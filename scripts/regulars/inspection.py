"""Questions that people ask of the warehouse from the command line."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import LiteralString

from psycopg.rows import dict_row

from regulars.settings import Settings
from regulars.warehouse import WarehouseError, connect

ENOUGH_DISK = 2 * 2**30


def status(settings: Settings) -> dict:
    """Live generation, state of the build, and the ledger summed by feed."""
    builder, ledger = "transformer", "loader"
    live = _rows(
        settings, builder, "select * from published.generation order by generation desc limit 1"
    )
    build = _rows(settings, builder, "select as_of, status from ops.builds where prefix = ''")
    feeds = _rows(
        settings,
        ledger,
        """
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
        """,
    )
    refused = _rows(
        settings,
        ledger,
        "select feed, path, delivered_on, reason from raw.deliveries"
        " where status = 'refused' order by delivered_on desc, path limit 10",
    )
    return {
        "live": live[0] if live else None,
        "build": build[0] if build else None,
        "feeds": feeds,
        "refused": refused,
    }


def doctor(settings: Settings) -> list[dict]:
    """What a night needs: Python, disk, deliveries, a warehouse."""
    version = sys.version_info
    free = shutil.disk_usage(settings.project).free
    landing = [s for s in settings.systems if not (settings.landing / s).is_dir()]
    checks = [
        _check("Python 3.11 or newer", version >= (3, 11), f"{version.major}.{version.minor}"),
        _check("2 GiB of free disk", free > ENOUGH_DISK, f"{free / 2**30:.0f} GiB"),
        _check(
            "landing folder of every system",
            not landing,
            f"missing under {settings.landing}: {', '.join(landing)}" if landing else "there",
        ),
    ]
    try:
        with connect(settings, "admin") as connection:
            number = connection.info.server_version
        checks.append(_check("PostgreSQL 16 or newer", number >= 160000, str(number // 10000)))
    except (WarehouseError, RuntimeError) as error:
        checks.append(_check("PostgreSQL 16 or newer", False, str(error)))
    return checks


def list_counts(settings: Settings) -> list[dict]:
    return _rows(
        settings,
        "analyst",
        """
        select
            list_code,
            as_of,
            count(*) filter (where arm = 'treat') as treated,
            count(*) filter (where arm = 'hold') as held
        from published.list_members
        group by list_code, as_of
        order by list_code
        """,
    )


def list_members(settings: Settings, list_code: str, limit: int) -> list[dict]:
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


def list_movements(settings: Settings, list_code: str | None) -> list[dict]:
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
    """One row a list: 'on it', 'held out' or 'left out', with the reason in words."""
    return _rows(
        settings,
        "analyst",
        """
        select
            list_code,
            case arm when 'hold' then 'held out' else 'on it' end as verdict,
            concat_ws('; ', reason_1, reason_2, reason_3) as why
        from published.list_members
        where customer_id = %(customer)s
        union all
        select list_code, 'left out', reason
        from published.list_exclusions
        where customer_id = %(customer)s
        order by 1, 2
        """,
        {"customer": customer_id},
    )


def _rows(
    settings: Settings,
    role: str,
    query: LiteralString,
    values: Sequence[object] | Mapping[str, object] | None = None,
) -> list[dict]:
    with connect(settings, role) as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchall()


def _check(what: str, ok: bool, found: str) -> dict:
    return {"what": what, "ok": ok, "found": found}
