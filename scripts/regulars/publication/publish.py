"""Publish a generation: files first, then one transaction that readers see whole or not at all."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import LiteralString

import psycopg

from regulars import failpoints
from regulars.gates.data_docs import docs_folder
from regulars.night import Night
from regulars.private_files import make_folder, sync
from regulars.publication import site
from regulars.publication.merging import merge
from regulars.publication.migration import migrate_published
from regulars.publication.published_tables import PublishedTable, published_tables
from regulars.runs import input_digest, run_id
from regulars.settings import Settings
from regulars.versions import as_json
from regulars.warehouse import connect

UNKNOWN_DIGEST = ""  # of a generation that an erasure corrected and could not read as a whole

LOG: tuple[LiteralString, ...] = (
    """
    insert into decisions.list_members
        (generation, as_of, list_code, customer_id, rank, arm, reason_1)
    select %(generation)s, as_of, list_code, customer_id, rank, arm, reason_1
    from lists.list_members
    """,
    """
    insert into decisions.list_rows (generation, list_code, customer_id, facts)
    select %(generation)s, list_code, customer_id,
        to_jsonb(members) || (to_jsonb(file_rows) - array['email', 'phone_e164', 'first_name'])
    from lists.list_members as members
    inner join pii.list_file_rows as file_rows using (list_code, customer_id)
    """,
    """
    insert into decisions.withheld_lists (generation, as_of, list_code, reason)
    select %(generation)s, %(as_of)s, list_code, reason
    from lists.withheld_lists
    where not is_off
    """,
    """
    insert into decisions.list_versions (generation, as_of, list_code, list_version, is_withheld)
    select %(generation)s, %(as_of)s, definitions.list_code, definitions.list_version,
        withheld.list_code is not null
    from lists.list_definitions as definitions
    left join lists.withheld_lists as withheld using (list_code)
    """,
    """
    insert into decisions.episodes
        (generation, as_of, list_code, household_id, episode_no, customer_id, entered_on,
         closes_on, stratum, arm, drawn_share, predicted_value, value_at_stake)
    select %(generation)s, members.as_of, list_code, episode_household_id, episode_no, customer_id,
        entered_on, closes_on, stratum, arm, drawn_share, net_clv_12m, value_at_stake
    from lists.list_members as members
    left join marts.customer_lifetime_values using (customer_id)
    where episode_no is not null
    """,
    """
    insert into decisions.household_members (generation, as_of, household_id, customer_id)
    select %(generation)s, %(as_of)s, people.household_id, people.customer_id
    from (
        select household_id, customer_id, count(*) over (partition by household_id) as people
        from marts.dim_customers
    ) as people
    where people > 1 and household_id in (
        select household_id from lists.list_members
        where episode_no is not null and entered_on = %(as_of)s
    )
    """,
    """
    insert into decisions.customer_states
        (generation, as_of, customer_id, is_known, relationship_status, lifecycle_status,
         value_tier, tier_below_since, rfm_group, rfm_group_since, consent_email_marketing,
         consent_phone_marketing, consent_post_marketing, consent_ads)
    select %(generation)s, as_of, customer_id, is_known, relationship_status, lifecycle_status,
        value_tier, tier_below_since, rfm_group, rfm_group_since, consent_email_marketing,
        consent_phone_marketing, consent_post_marketing, consent_ads
    from marts.customer_state_changes
    """,
    """
    insert into decisions.customer_value_inputs
        (generation, as_of, customer_id, is_known, segment, first_purchase_on, last_purchase_on,
         purchase_days, valued_purchase_days, net_sales, goods_margin, ordinary_cost)
    select %(generation)s, as_of, customer_id, is_known, segment, first_purchase_on,
        last_purchase_on, purchase_days, valued_purchase_days, net_sales, goods_margin,
        ordinary_cost
    from marts.customer_value_input_changes
    """,
    """
    insert into decisions.value_terms (generation, as_of, term, subject, value)
    select %(generation)s, as_of, term, subject, value
    from marts.value_terms
    """,
    """
    insert into decisions.customer_month_values
        (generation, as_of, month_end, customer_id, net_clv_12m, value_tier)
    select %(generation)s, as_of, month_end, customer_id, net_clv_12m, value_tier
    from marts.customer_month_ends
    """,
    """
    insert into decisions.publications
        (generation, as_of, run_id, input_digest, last_delivery_id, files_digest,
         library_versions)
    select %(generation)s, %(as_of)s, %(run_id)s, %(digest)s,
        coalesce(max(delivery_id), 0), %(files)s, %(versions)s
    from (
        select delivery_id from staging.stg_deliveries
        union all
        -- a file that was refused withholds what it guards, in a rebuild too
        select delivery_id from raw.deliveries
        where status = 'refused' and delivered_on <= %(as_of)s
    ) as seen
    """,
    """
    insert into published.generation (generation, as_of, run_id)
    values (%(generation)s, %(as_of)s, %(run_id)s)
    """,
)

# Compared with what readers have, so it goes before their tables change.
LOG_EXCLUSIONS = """
    insert into decisions.list_exclusions (generation, as_of, list_code, customer_id, reason_code)
    select %(generation)s, %(as_of)s, list_code, customer_id, tonight.reason_code
    from lists.list_exclusions as tonight
    full join published.list_exclusions as before using (list_code, customer_id)
    where tonight.reason_code is distinct from before.reason_code
"""


def publish(settings: Settings, night: Night) -> dict[str, object]:
    """Make this night's tables and files the live generation.

    A night that brings nothing new leaves the live generation as it is. Returns the generation,
    whether it is new, rows changed per table and announced column changes.
    """
    tables = published_tables(settings, night)
    migrations = migrate_published(settings, night, tables)
    with connect(settings, "transformer") as connection:
        digest = input_digest(connection, night)
    run = run_id(night.as_of, digest)
    folder = write_generation(settings, night, run)
    with connect(settings, "transformer") as connection:
        live = _live(connection)
        generation = (int(live[0]) if live else 0) + 1
        connection.execute(LOG_EXCLUSIONS, {"generation": generation, "as_of": night.as_of})
        rows_changed = _merge_all(connection, night, tables)
        files = files_digest(folder)
        if live and live[1:] == (night.as_of, digest, files) and not rows_changed:
            connection.rollback()
            _note_published_facts(connection)
            shutil.rmtree(folder)
            generation, is_new = int(live[0]), False
        else:
            is_new = True
            _log_decisions(connection, night, generation, run, digest, files)
            _note_published_facts(connection)
            _move_in(settings, folder, generation)
            failpoints.hit("publish:before_commit")
    failpoints.hit("publish:after_commit")
    link_current(settings)
    failpoints.hit("publish:current_linked")
    return {
        "generation": generation,
        "is_new": is_new,
        "run_id": run,
        "rows_changed": rows_changed,
        "column_changes": migrations,
    }


def write_generation(settings: Settings, night: Night, run: str) -> Path:
    """Write lists, report and data docs to a folder that no reader looks at yet."""
    from regulars.lists.export import write_files
    from regulars.report.dictionary import write_dictionary
    from regulars.report.report_files import write_report

    folder = settings.generations / f".{run}.tmp"
    shutil.rmtree(folder, ignore_errors=True)
    make_folder(settings.generations)
    make_folder(folder)
    write_files(settings, night, folder, run)
    write_report(settings, night, folder)
    write_dictionary(settings, night, folder)
    docs = docs_folder(settings, night)
    if docs.exists():
        shutil.copytree(docs, folder / "data_docs")
    _sync(folder)
    return folder


def files_digest(folder: Path) -> str:
    """SHA-256 over the list files of a generation, those of targets included: names and bytes, in
    name order.

    The manifest is left out: it names library versions, and an upgrade is no other list.
    """
    digest = hashlib.sha256()
    lists = folder / "lists"
    files = {file.relative_to(lists).as_posix(): file for file in lists.rglob("*.csv")}
    for name, file in sorted(files.items()):
        digest.update(name.encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def link_current(settings: Settings) -> Path | None:
    """Point home/current, and what a web server shows, at the generation that the warehouse says
    is live."""
    with connect(settings, "transformer") as connection:
        live = _live(connection)
    if live is None:
        return None
    target = settings.generations / str(live[0])
    link = settings.home / "current"
    temporary = settings.home / ".current.tmp"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target.relative_to(settings.home), target_is_directory=True)
    temporary.replace(link)
    site.show(settings, target)
    return target


def _live(connection: psycopg.Connection) -> tuple | None:
    """(generation, as_of, input_digest, files_digest) of the live generation."""
    return connection.execute(
        """
        select p.generation, p.as_of, p.input_digest, p.files_digest
        from decisions.publications as p
        inner join published.live_generation as live on p.generation = live.generation
        """
    ).fetchone()


def _merge_all(
    connection: psycopg.Connection, night: Night, tables: Sequence[PublishedTable]
) -> int:
    """Rows changed in all."""
    are_published = _facts_are_published(connection)
    return sum(
        merge(connection, night, table, facts_are_published=are_published) for table in tables
    )


def _facts_are_published(connection: psycopg.Connection) -> bool:
    """Whether published facts are the built ones, but for customers written since."""
    row = connection.execute(
        "select facts_are_published from ops.builds where prefix = ''"
    ).fetchone()
    return bool(row and row[0])


def _note_published_facts(connection: psycopg.Connection) -> None:
    connection.execute("update ops.builds set facts_are_published = true where prefix = ''")
    connection.execute("delete from ops.unpublished_customers")


def _log_decisions(
    connection: psycopg.Connection,
    night: Night,
    generation: int,
    run: str,
    digest: str,
    files: str,
) -> None:
    """Keep what no rebuild can derive: members, arms, episodes, states, and the publication."""
    values = {
        "generation": generation,
        "as_of": night.as_of,
        "run_id": run,
        "digest": digest,
        "files": files,
        "versions": as_json(),
    }
    for statement in LOG:
        connection.execute(statement, values)


def _move_in(settings: Settings, folder: Path, generation: int) -> None:
    """Give the folder its number; what a killed publication left there was never live."""
    target = settings.generations / str(generation)
    shutil.rmtree(target, ignore_errors=True)
    folder.rename(target)
    failpoints.hit("export:folder_renamed")
    sync(settings.generations)


def _sync(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        sync(path)
