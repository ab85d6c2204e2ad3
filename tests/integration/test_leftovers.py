"""What a killed delivery had packed does not stay, and what one at work has packed does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from regulars.feeds import raw_tables
from regulars.nights import leftovers
from regulars.nights.lock import lock_of, only_one
from regulars.settings import Settings
from tests.conftest import drop_database


@pytest.fixture
def settings(make_settings: Callable) -> Iterator[Settings]:
    made = make_settings("leftovers")
    raw_tables.migrate(made)
    yield made
    drop_database(made)


@pytest.mark.parametrize(
    "name",
    [
        "generations/7/lists/.win_back.csv.tmp",
        "generations/7/lists/klaviyo/.win_back.csv.tmp",
        "rebuilt/2026-10-31/lists/klaviyo/.win_back.csv.tmp",
        "landing/desk/2026-10-31/.desk_records.r1.csv.tmp",
        "landing/house/2026-10-31/.orders.csv.erasing.tmp",
    ],
)
def test_what_a_kill_left_under_a_temporary_name_is_gone_at_the_next_start(
    settings: Settings, name: str
) -> None:
    left = settings.home / name
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_text("somebody@example.com")
    assert leftovers.sweep(settings) == 1
    assert not left.exists()


def test_an_upload_that_a_sender_has_not_finished_stays(settings: Settings) -> None:
    upload = settings.landing / "house" / "2026-10-31" / ".orders.csv.tmp"
    upload.parent.mkdir(parents=True, exist_ok=True)
    upload.write_text("order_id")
    assert leftovers.sweep(settings) == 0
    assert upload.exists()


def test_a_night_deletes_what_a_killed_delivery_had_packed_and_leaves_one_at_work_its_own(
    settings: Settings,
) -> None:
    packages = settings.home / "deliveries"
    for target in ("klaviyo", "mailchimp"):
        (packages / target / "lists").mkdir(parents=True)
        (packages / target / "lists" / "win_back.csv").write_text("somebody@example.com")
    with only_one(settings, lock_of("mailchimp")):
        assert leftovers.sweep(settings) == 1
    assert [path.name for path in packages.iterdir()] == ["mailchimp"]
    assert leftovers.sweep(settings) == 1
    assert leftovers.sweep(settings) == 0
