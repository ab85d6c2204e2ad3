"""Who was on a list, and who was left out of it, on past nights, as an analyst reads it."""

from __future__ import annotations

from regulars import warehouse
from regulars.settings import Settings
from tests.company import LAST_NIGHT

ON_A_NIGHT = """
    select list_code, customer_id, reason_code from published.list_exclusion_history
    where valid_from <= %(night)s and (valid_to is null or valid_to > %(night)s)
"""


def asked(settings: Settings, query: str, **values: object) -> set[tuple]:
    with warehouse.connect(settings, "analyst") as connection:
        return set(connection.execute(query.encode(), values).fetchall())


def test_the_history_of_who_was_left_out_is_what_each_night_published(
    company: Settings, company_before: Settings
) -> None:
    tonight = "select list_code, customer_id, reason_code from published.list_exclusions"
    ((first,),) = asked(company_before, "select as_of from published.live_generation")
    before, after = asked(company_before, tonight), asked(company, tonight)
    assert before != after
    assert asked(company, ON_A_NIGHT, night=first) == before
    assert asked(company, ON_A_NIGHT, night=LAST_NIGHT) == after


def test_only_changes_are_kept_of_who_was_left_out(company: Settings) -> None:
    ((first, then),) = asked(
        company,
        "select count(*) filter (where is_first), count(*) filter (where not is_first)"
        " from (select valid_from = min(valid_from) over () as is_first"
        " from published.list_exclusion_history) as spans",
    )
    assert 0 < then < first / 2


def test_the_history_of_members_is_what_each_night_published(
    company: Settings, company_before: Settings
) -> None:
    columns = "as_of, list_code, customer_id, rank, arm, reason_1"
    tonight = f"select {columns} from published.list_members"
    assert asked(company, f"select {columns} from published.list_member_history") == asked(
        company_before, tonight
    ) | asked(company, tonight)
