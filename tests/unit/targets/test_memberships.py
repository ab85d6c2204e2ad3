"""An audience is sent again before the platform forgets who was in it."""

from __future__ import annotations

from datetime import date, timedelta

from regulars.targets.memberships import NOTICE_DAYS, Refresh, to_refresh

DAYS = {"google_customer_match": 540, "klaviyo": 0}
SENT = date(2025, 1, 1)
ENDS = SENT + timedelta(days=540)


def test_a_list_is_told_a_month_before_its_membership_ends_and_from_then_on() -> None:
    sent = [("ad_audiences", "google_customer_match", SENT)]
    told = [Refresh("ad_audiences", "google_customer_match", ENDS)]
    month_before = ENDS - timedelta(days=NOTICE_DAYS)
    assert to_refresh(sent, DAYS, month_before - timedelta(days=1)) == []
    assert to_refresh(sent, DAYS, month_before) == told
    assert to_refresh(sent, DAYS, ENDS + timedelta(days=9)) == told


def test_a_later_copy_begins_a_new_membership_and_a_tool_that_never_forgets_asks_for_none() -> None:
    sent = [
        ("ad_audiences", "google_customer_match", ENDS - timedelta(days=7)),
        ("ad_audiences", "google_customer_match", SENT),
        ("win_back", "klaviyo", SENT),
        ("win_back", "a target of before", SENT),
    ]
    assert to_refresh(sent, DAYS, ENDS) == []
