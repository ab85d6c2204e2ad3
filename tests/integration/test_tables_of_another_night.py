"""Whoever needs a night's tables is told what stands there instead, and what to do."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from regulars import transform, warehouse
from regulars.engines.dbt_results import TransformError
from regulars.erasure.other_tables import forget_builds
from regulars.night import Night
from regulars.settings import Settings

NIGHT = Night(date(2026, 10, 31))


def _built(settings: Settings, as_of: str, status: str) -> None:
    with warehouse.connect(settings, "admin") as connection:
        connection.execute(
            "insert into ops.builds"
            " (prefix, as_of, last_delivery_id, code_digest, code_below_lists, status)"
            " values ('', %s, null, %s, %s, %s) on conflict (prefix) do update set"
            " as_of = excluded.as_of, status = excluded.status",
            [
                as_of,
                transform.code_digest(settings),
                transform.code_digest(settings, below_lists=True),
                status,
            ],
        )


@pytest.fixture
def own(warehouse_settings: Settings, tmp_path: Path) -> Settings:
    """A company with a project of its own, whose files a test may change."""
    shutil.copytree(warehouse_settings.dbt_project, tmp_path / "dbt_project", symlinks=True)
    return replace(warehouse_settings, project=tmp_path)


def test_a_rule_or_a_setting_that_changes_between_two_steps_ends_the_night(own: Settings) -> None:
    _built(own, "2026-10-31", "built")
    for left_by_an_editor in (".list_members.sql.swp", "list_members.sql~", ".DS_Store"):
        (own.dbt_project / "models" / left_by_an_editor).write_text("")
    transform.check_built(own, NIGHT)
    declared = own.dbt_project / "dbt_project.yml"
    before = declared.read_text()
    declared.write_text(before.replace("bad_csat_score: 2", "bad_csat_score: 3"))
    with pytest.raises(TransformError, match=r"other models, settings.*from its start"):
        transform.check_built(own, NIGHT)
    declared.write_text(before)
    with pytest.raises(TransformError, match="other models, settings"):
        transform.check_built(replace(own, engine="duckdb"), NIGHT)


@pytest.mark.parametrize(
    ("file", "written", "instead", "is_of_lists"),
    [
        ("models/marts/campaigns/win_back.yml", "incentive: {value: 5", "incentive: {value: 8", 1),
        ("models/marts/campaigns/win_back.sql", "'lost'", "'at_risk'", 1),
        ("models/intermediate/campaigns/int_list_gains.sql", "gains as", "gain as", 1),
        ("seeds/campaign_rules.csv", "30,7,30", "30,9,30", 1),
        ("dbt_project.yml", "bad_csat_score: 2", "bad_csat_score: 3", 0),
        ("models/marts/core/dim_customers.sql", "select", "select ", 0),
    ],
)
def test_a_plan_is_of_other_lists_over_the_tables_of_the_same_rules(
    own: Settings, file: str, written: str, instead: str, is_of_lists: int
) -> None:
    _built(own, "2026-10-31", "built")
    changed = own.dbt_project / file
    text = changed.read_text()
    assert written in text
    changed.write_text(text.replace(written, instead))
    if is_of_lists:
        transform.check_built(own, NIGHT, to_look=True)
        return
    with pytest.raises(TransformError, match=r"after an upgrade.*Run the night of 2026-10-31"):
        transform.check_built(own, NIGHT, to_look=True)


def test_a_plan_before_a_built_night_is_published_says_which_night_to_finish(
    warehouse_settings: Settings,
) -> None:
    _built(warehouse_settings, "2026-11-01", "built")
    with pytest.raises(TransformError, match="Finish that one: `regulars status` says what"):
        transform.check_built(warehouse_settings, NIGHT, to_look=True)


def test_tables_that_a_version_before_this_one_built_are_built_again_before_a_plan(
    warehouse_settings: Settings,
) -> None:
    _built(warehouse_settings, "2026-10-31", "built")
    with warehouse.connect(warehouse_settings, "admin") as connection:
        connection.execute("update ops.builds set code_below_lists = null")
    with pytest.raises(TransformError, match="as after an upgrade"):
        transform.check_built(warehouse_settings, NIGHT, to_look=True)


def test_each_state_is_told_as_what_it_is(warehouse_settings: Settings) -> None:
    with pytest.raises(TransformError, match=r"built anew.*Run the night of 2026-10-31"):
        transform.check_built(warehouse_settings, NIGHT)
    _built(warehouse_settings, "2026-10-31", "building")
    with pytest.raises(TransformError, match="a build of the night of 2026-10-31 that is not"):
        transform.check_built(warehouse_settings, NIGHT)
    _built(warehouse_settings, "2026-11-01", "built")
    with pytest.raises(TransformError, match="hold the night of 2026-11-01, not the night of"):
        transform.check_built(warehouse_settings, NIGHT)
    _built(warehouse_settings, "2026-10-31", "built")
    transform.check_built(warehouse_settings, NIGHT)


def test_who_goes_on_from_tables_that_somebody_was_erased_from_is_refused_and_who_looks_is_not(
    warehouse_settings: Settings,
) -> None:
    _built(warehouse_settings, "2026-10-31", "built")
    _built(warehouse_settings, "2026-10-31", "erased_from")
    with pytest.raises(TransformError, match=r"somebody was erased.*Run the night of 2026-10-31"):
        transform.check_built(warehouse_settings, NIGHT)
    transform.check_built(warehouse_settings, NIGHT, to_look=True)
    _built(warehouse_settings, "2026-11-01", "erased_from")
    with pytest.raises(TransformError, match="hold the night of 2026-11-01, not the night of"):
        transform.check_built(warehouse_settings, NIGHT, to_look=True)
    with warehouse.connect(warehouse_settings, "admin") as connection:
        digest = transform.code_digest(warehouse_settings)
        assert transform._needs_full(connection, Night(date(2026, 11, 2)), digest)


def test_an_erasure_forgets_a_build_that_broke_off_and_keeps_what_a_whole_one_says_of_others(
    warehouse_settings: Settings,
) -> None:
    _built(warehouse_settings, "2026-10-31", "built")
    for was, then in (("built", "erased_from"), ("erased_from", "erased_from"), ("building", None)):
        _built(warehouse_settings, "2026-10-31", was)
        with warehouse.connect(warehouse_settings, "admin") as connection:
            forget_builds(connection)
            row = connection.execute("select status from ops.builds").fetchone()
        assert (row[0] if row else None) == then
