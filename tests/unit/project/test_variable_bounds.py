"""Variables of dbt_project.yml are input: none that makes no sense, or is SQL, reaches a model."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from regulars.project import variable_bounds
from regulars.project.located import DeclarationError
from regulars.settings import PROJECT

# Set by a run of dbt, or checked with the settings and the sentences of lists.
ELSEWHERE = {
    "schema_prefix",
    "last_delivery_id",
    "company_timezone",
    "reporting_currency",
    "language",
    "systems",
    "feeds_off",
}
SQL = "x'); drop schema raw cascade; --"
NONSENSE: tuple[Any, ...] = (
    -1,
    1e308,
    "nan",
    "inf",
    True,
    None,
    SQL,
    [],
    [-1],
    [SQL],
    {},
    {"a": SQL},
)
NONSENSE += ({SQL: 1}, {"a": -1}, {"a": [SQL]}, [3, 2, 1])
PLAUSIBLE = {  # what of that may be said of some of them
    "contact_budget": (None,),
    "sources_that_reopen_an_unsubscribe": ([],),
    "unit_categories": ([],),
    "systems_that_say_for_good": ([],),
    **dict.fromkeys(
        ("contact_costs", "category_questions", "trade_in_shares", "loyalty_tiers"),
        ({},),
    ),
    "system_entities": ({},),
    "entity_keys": ({},),
}


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    def make(**variables: Any) -> Path:
        folder = tmp_path / "dbt_project"
        folder.mkdir(exist_ok=True)
        (folder / "dbt_project.yml").write_text(yaml.safe_dump({"vars": variables}))
        return folder

    return make


def test_the_products_own_variables_pass_and_each_has_a_rule() -> None:
    product = PROJECT / "dbt_project"
    declared = yaml.safe_load((product / "dbt_project.yml").read_text())["vars"]
    assert set(variable_bounds.RULES) == declared.keys() - ELSEWHERE
    assert variable_bounds.check(product) == len(variable_bounds.RULES)


@pytest.mark.parametrize("name", sorted(variable_bounds.RULES))
def test_nonsense_is_refused_with_file_line_and_name(
    project: Callable[..., Path], name: str
) -> None:
    for value in NONSENSE:
        if value in PLAUSIBLE.get(name, ()):
            continue
        with pytest.raises(DeclarationError, match=re.escape(name)) as told:
            variable_bounds.check(project(**{name: value}))
        assert re.match(r"dbt_project/dbt_project.yml, line \d+: ", str(told.value)), value


@pytest.mark.parametrize(
    ("variables", "refusal"),
    [
        ({"tier_hold_days": -1}, "must lie between 0 and 3660"),
        ({"value_tiers": {"platinum": 1, "gold": 5, "silver": 5}}, "must be rising"),
        ({"value_tiers": {"platinum": 1, "gold": 101, "silver": 5}}, "value_tiers.gold is 101"),
        ({"value_tiers": {"platinum": 1, "gold": "3", "silver": 5}}, "write the number 3 without"),
        ({"value_tiers": {"gold": 5, "silver": 10}}, "lacks platinum"),
        ({"tier_hold_days": "90"}, "write the number 90 without quotes"),
        ({"backtest_holdouts": [365, 1e2]}, "must be rising"),
        ({"fatigue": {"opt_out_share": 2, "credibility_contacts": 9}}, "between 0 and 1"),
        ({"fatigue": {"opt_out_share": 0.1}}, "must have credibility_contacts, opt_out_share"),
        ({"second_purchase_window_days": [30, 60]}, "a list of 3 to 3"),
        ({"category_questions": {"kettles": "hated"}}, "use one of working_out, liked"),
        ({"promise_faults": {"reasons": {"late": "us"}, "teams": {}}}, "use one of ours, carrier"),
        ({"business_hours": {"days": 5, "opens": "9:00", "closes": "17:00"}}, "opens: '9:00'"),
        ({"business_hours": {"days": 5, "opens": "17:00", "closes": "09:00"}}, "after opens"),
        ({"channel_purposes": {"email": ["marketing"]}}, "lacks ads, phone, post"),
        ({"channels_by_any_address": ["meta_ads"]}, "lacks ads"),
        ({"regulars": {"point_value": -1}}, "point_value is -1"),
    ],
)
def test_it_says_what_may_stand_there(
    project: Callable[..., Path], variables: dict, refusal: str
) -> None:
    with pytest.raises(DeclarationError, match=refusal):
        variable_bounds.check(project(**variables))
