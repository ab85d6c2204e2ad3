"""What each variable of dbt_project.yml may be. They become part of SQL and of decisions about
people, so all of them are checked before a night's first step, not where a model stumbles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from regulars import own_project
from regulars.project import shapes, variable_names
from regulars.project.bounds import Bounds, number, whole
from regulars.project.located import Located, read

Rule = Callable[[str, Located], None]  # (name, value): raises DeclarationError

NAME = r"[a-z][a-z0-9_]{0,62}"
CODE = r"[A-Za-z0-9_.\-]{1,40}"
TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
WORDS = r"[^'\\{}\x00-\x1f]{1,80}"  # stands between quotes in SQL


def within(bounds: Bounds) -> Rule:
    def check(name: str, value: Located) -> None:
        value.check_within(name, bounds, value.value)

    return check


def written(pattern: str) -> Rule:
    def check(name: str, value: Located) -> None:
        if not (isinstance(value.value, str) and re.fullmatch(pattern, value.value)):
            raise value.refuse(f"{name}: {value.value!r} is not written as it must be ({pattern}).")

    return check


def several(rule: Rule, *, at_least: int = 0, at_most: int = 1000, order: str = "") -> Rule:
    """A list. order: `rising` or `falling`, where that matters."""

    def check(name: str, value: Located) -> None:
        if not isinstance(value.value, list) or not at_least <= len(value.value) <= at_most:
            raise value.refuse(f"{name} must be a list of {at_least} to {at_most} values.")
        for place in range(len(value.value)):
            rule(name, value[place])
        _refuse_disorder(name, value, value.value, order)

    return check


def table(
    rule: Rule,
    *,
    keys: str = NAME,
    names: Iterable[str] = (),
    at_least: Iterable[str] = (),
    order: str = "",
) -> Rule:
    """A value by name. names: those that must be there, and no other; at_least: maybe others."""
    wanted, needed = set(names), set(at_least)

    def check(name: str, value: Located) -> None:
        if not isinstance(value.value, Mapping):
            raise value.refuse(f"{name} must have a value by name.")
        if wanted and set(value.value) != wanted:
            raise value.refuse(f"{name} must have {', '.join(sorted(wanted))}, and nothing else.")
        if missing := needed - value.value.keys():
            raise value.refuse(f"{name} lacks {', '.join(sorted(missing))}, which lists ask for.")
        for key in value.value:
            if not (isinstance(key, str) and re.fullmatch(keys, key)):
                raise value.refuse(f"{name}: the name {key!r} is not written as it must be.")
            rule(f"{name}.{key}", value[key])
        _refuse_disorder(name, value, value.value.values(), order)

    return check


def record(**rules: Rule) -> Rule:
    """A value of its own kind for each of these names, and no other."""

    def check(name: str, value: Located) -> None:
        table(_anything, names=rules)(name, value)
        for key, rule in rules.items():
            rule(f"{name}.{key}", value[key])

    return check


def _anything(name: str, value: Located) -> None:
    """Judged by name."""


def _refuse_disorder(name: str, value: Located, numbers: Iterable[Any], order: str) -> None:
    if not order:
        return
    values = [Decimal(str(number)) for number in numbers]  # each was judged before
    if values != sorted(set(values), reverse=order == "falling"):
        raise value.refuse(f"{name}: each value must be {order} from the one before it.")


MONEY = within(number(0, 1_000_000))
SHARE = within(number(0, 1))
WEIGHT = within(number(0.1, 1_000_000))
DAYS = within(whole(0, 3660))
COUNT = within(whole(1, 1_000_000_000))
FAULTS = table(within(Bounds(allowed=("ours", "carrier", "supplier", "customer"))), keys=CODE)


def _hours(name: str, value: Located) -> None:
    record(days=within(whole(1, 7)), opens=written(TIME), closes=written(TIME))(name, value)
    if value["opens"].value >= value["closes"].value:
        raise value["closes"].refuse(f"{name}: closes must come after opens.")


def _channel_purposes(name: str, value: Located) -> None:
    table(several(written(NAME), at_least=1))(name, value)
    if missing := {"email", "phone", "post", "ads"} - value.value.keys():
        raise value.refuse(f"{name} lacks {', '.join(sorted(missing))}.")


def _by_any_address(name: str, value: Located) -> None:
    several(written(NAME))(name, value)
    if "ads" not in value.value:
        raise value.refuse(f"{name} lacks ads.")


RULES: Mapping[str, Rule] = {
    "guards": several(written(NAME), at_least=1),
    "system_entities": table(several(written(NAME))),
    "systems_that_say_for_good": several(written(NAME)),
    "entity_keys": table(several(written(NAME), at_least=1)),
    "pseudonym": within(Bounds(allowed=("erased-",))),  # past erasures wrote it
    "doubt_weeks": within(whole(1, 52)),
    "fx_rate_max_age_days": DAYS,
    "business_hours": _hours,
    "agent_minute_cost": MONEY,
    "contact_costs": table(MONEY),
    "contact_budget": within(replace(number(0, 1_000_000_000), is_required=False)),
    "fatigue": record(opt_out_share=SHARE, credibility_contacts=WEIGHT),
    "fatigue_fading_days": within(whole(2, 730)),
    "learning": record(
        households_held=within(whole(0, 1_000_000)),
        pace_days=within(whole(28, 365)),
        least_share=within(number(0, 0.5)),
        most_share=within(number(0, 0.5)),
    ),
    "assumed_cost_share": SHARE,
    "margin_rate_credibility": WEIGHT,
    "segment_credibility_purchases": WEIGHT,
    "service_credibility_purchases": WEIGHT,
    "repair_credibility_months": WEIGHT,
    "season_credibility_orders": WEIGHT,
    "spend_factor_credibility": WEIGHT,
    "spend_factor_fewest_days": COUNT,
    "channel_purposes": _channel_purposes,
    "channels_by_any_address": _by_any_address,
    "lifecycle_thresholds": table(
        SHARE, names=("active", "cooling", "at_risk", "highly_at_risk"), order="falling"
    ),
    "value_tiers": table(
        within(whole(1, 99)), at_least=("platinum", "gold", "silver"), order="rising"
    ),
    "tier_hold_days": DAYS,
    "category_questions": table(within(Bounds(allowed=("working_out", "liked"))), keys=WORDS),
    "unit_categories": several(written(WORDS)),
    "trade_in_shares": table(several(SHARE, at_most=30), keys=WORDS),
    "unit_life_min_ends": COUNT,
    "point_value": MONEY,
    "loyalty_tiers": table(COUNT),
    "household_max_people": within(whole(1, 100)),
    "referral_grace_days": within(whole(0, 3650)),
    "first_order_served_days": DAYS,
    "promise_faults": record(reasons=FAULTS, teams=FAULTS),
    "bad_csat_score": within(number(0, 100)),
    "total_reach": within(number(0.01, 10)),
    "pretended_misses": WEIGHT,
    "pretended_miss": within(number(0.0001, 10)),
    "backtest_origins": within(whole(1, 24)),
    "backtest_holdouts": several(within(whole(1, 3660)), at_least=1, order="rising"),
    "backtest_customers": COUNT,
    "feed_lag_days": DAYS,
    "sources_that_reopen_an_unsubscribe": several(written(CODE)),
    "settle_days": DAYS,
    "second_purchase_min_events": COUNT,
    "second_purchase_window_days": several(
        within(whole(1, 3660)), at_least=3, at_most=3, order="rising"
    ),
}


def check(dbt_project: Path) -> int:
    """How many variables are set. Raises DeclarationError where one is not as it may be, or is one
    that nothing reads."""
    checked = 0
    for layer in own_project.layers(dbt_project):
        content = read(layer / own_project.PROJECT_FILE, layer.parent)
        declared = content.get("vars")
        for scope in filter(None, (declared, declared and declared.get(own_project.PRODUCT))):
            for name in RULES.keys() & shapes.mapping(scope).keys():
                RULES[name](name, scope[name])
                checked += 1
    variable_names.check(dbt_project)
    return checked
