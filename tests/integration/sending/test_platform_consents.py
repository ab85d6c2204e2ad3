"""Who takes back what a platform needs, after the night that gave them to it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from regulars import warehouse
from regulars.night import Night
from regulars.sending import generation_to_send, withdrawn
from regulars.settings import Settings
from tests.integration.sending.world import AS_OF, GENERATION, Published
from tests.unit.lists.test_export import lives_at, merge, say

ADS = "ad_audiences"
NEXT_DAY = AS_OF + timedelta(days=1)
NO_MODEL = """
set role regulars_builder;
create schema deliver_marts;
create table deliver_marts.refused_files (feed text, delivered_on date, delivery_id bigint);
create schema deliver_pii;
create table deliver_pii.doubtful_noes (customer_id text, channel text, stop_code text);
insert into deliver_pii.doubtful_noes values ('a2', 'google_ads', 'consent_in_doubt'),
    ('a3', 'email', 'consent_in_doubt');
create table deliver_pii.stg_house__permission_events (kind text, customer_id text,
    reference text, channel text, purpose text, happened_at timestamptz, is_no boolean,
    source text, delivery_id bigint);
insert into deliver_pii.stg_house__permission_events values ('consent', 'account of a6', null,
    'google_ads', 'ad_user_data', null, true, 'shop', 1)
"""


@pytest.fixture(autouse=True)
def without_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing stands in the place of the models: the rows as they were delivered are asked."""

    def build(settings: Settings, night: Night) -> None:
        with warehouse.connect(settings, "admin", autocommit=True) as connection:
            for statement in NO_MODEL.split(";"):
                connection.execute(statement)  # type: ignore[arg-type]

    monkeypatch.setattr(withdrawn, "_build_events", build)


def test_who_withdraws_a_platforms_own_consent_is_left_out_of_its_files_alone(
    published: Published,
) -> None:
    """Also who may have, by an id that nobody has (a1, a2), or did by another account (a6)."""
    meta = {"channel": "meta_ads", "purpose": "advertising"}
    google = {"channel": "google_ads", "purpose": "ad_personalization"}
    with warehouse.connect(published.settings, "admin", autocommit=True) as connection:
        say(connection, "a4", "2026-02-01", **google)
        say(connection, "A-001", "2026-02-01", **google)
        say(connection, "a8", "2026-02-01", **meta)
        say(connection, "another account", "2026-02-01", **meta)
        lives_at(connection, "another account", "a9@example.com")
        merge(connection, "account of a6", "a6")
        say(connection, "a10", "2026-02-01", **google)  # who is in no file of Google's
    assert withdrawn.note_withdrawn(published.settings, NEXT_DAY)["left_out"] == {ADS: 6}
    live = generation_to_send.of(published.settings, NEXT_DAY)
    left_out = {
        target: withdrawn.noted(published.settings, live, NEXT_DAY, target).get(ADS, set())
        for target in ("meta_custom_audience", "google_customer_match", "google_seed")
    }
    assert left_out == {
        "meta_custom_audience": {"a8", "a9"},
        "google_customer_match": {"a1", "a2", "a4", "a6"},
        "google_seed": {"a1", "a2", "a4", "a6"},
    }


def test_of_a_part_of_a_list_the_rows_of_others_stay_as_they_are(
    published: Published, tmp_path: Path
) -> None:
    (original,) = published.files_of("google_seed", ADS)
    header, second, _, sixth = original.read_bytes().splitlines(keepends=True)
    published.says_no("a4", "a5", list_code=ADS)
    there = published.to(google_seed={"folder": str(tmp_path)})
    assert there.deliver("google_seed")["delivered"] == {ADS: 2}
    arrived = tmp_path / str(GENERATION) / original.name
    assert arrived.read_bytes() == header + second + sixth


def test_a_delivery_before_the_first_night_of_a_new_version_brings_the_tables_up_to_date(
    published: Published,
) -> None:
    with warehouse.connect(published.settings, "admin", autocommit=True) as connection:
        connection.execute("alter table pii.withdrawn_members drop column target cascade")
        connection.execute(
            "alter table pii.withdrawn_members add constraint withdrawn_members_pkey"
            " primary key (generation, list_code, customer_id)"
        )
        say(connection, "a4", "2026-02-01", channel="google_ads", purpose="ad_personalization")
    assert withdrawn.note_withdrawn(published.settings, NEXT_DAY)["left_out"][ADS] > 0
