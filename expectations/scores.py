"""The scores gate: are tonight's probabilities and values possible, and like last night's?

Values are judged customer by customer; the models by what their parameters mean (a weakly
identified pair such as a and b may wander while the drop-out rate it stands for does not).
"""

from __future__ import annotations

from collections.abc import Mapping

from regulars.gates.expect import judgement, truth, warning
from regulars.gates.suites import GateContext, Suite
from regulars.project.variables import LAST_TIER, tier_cuts

# ---------- thresholds, all of them

ORDERS_A_YEAR = 365  # one purchase day a day is the most there can be
ROUNDING = 0.000_002  # two values rounded to 6 places
TOTAL_LOW, TOTAL_HIGH = 0.1, 5.0  # expected purchase days ÷ repeat purchase days a year so far
TOTAL_ORDERS = 200  # fewer repeat purchase days, or orders in a backtest, say little
TOTAL_DAYS = 90  # so many days of sales must be known to speak of a year
TIER_SLACK = 1.5  # a tier and those above it hold at most this many times their share
TIER_PEOPLE = 500  # fewer customers, and a share is a handful of people
JUMP_RATIO = 1.5  # what parameters mean, tonight ÷ the last published night
JUMP_DAYS = 7  # nights further apart are not compared
NOBODY_LEAVES = 0.000_01  # an order or a day: fewer than four in a thousand in a year of either
BACKTEST_LOW, BACKTEST_HIGH = 0.6, 1.6  # expected ÷ actual orders after the latest origin
# the furthest that figures about one origin may move between two nights (late refunds move them)
BIAS_MOVE = 0.10  # of expected ÷ actual
SLOPE_MOVE = 0.15  # of the calibration slope
COVERAGE_MOVE = 0.05  # of the share inside the 90% interval
SALES_COVERAGE_MOVE = 0.10  # of the buyers, who are few, between P10 and P90

CALIBRATION_MOVES = {
    "bias": (BIAS_MOVE, "expected ÷ actual purchases"),
    "calibration_slope": (SLOPE_MOVE, "slope of actual on expected purchases"),
    "coverage_90": (COVERAGE_MOVE, "share of outcomes inside the 90% interval"),
    "net_sales_coverage_80": (SALES_COVERAGE_MOVE, "share of buyers' spend inside P10 to P90"),
}
VALUES = "marts.customer_lifetime_values"
PROBABILITIES = ("probability_alive", "purchase_probability_12m", "churn_probability_12m")
FILLED = (
    *PROBABILITIES,
    "expected_orders_12m",
    "expected_margin_12m",
    "net_clv_12m",
    "value_if_active_12m",
    "value_if_kept_12m",
    "value_at_risk",
    "value_gone",
    "lifecycle_status",
    "value_tier",
    "model",
)


def suites(context: GateContext) -> list[Suite]:
    """Each customer's values; the night's totals; parameters against the last published night."""
    nobody = not _has_buyers(context)
    return [
        Suite(
            "customer values", _values(context), _value_expectations(context), may_be_empty=nobody
        ),
        Suite(
            "totals",
            _totals(context),
            _total_expectations(context),
            is_small=True,
            may_be_empty=nobody,
        ),
        Suite("models", _models(context), _model_expectations(context), is_small=True),
    ]


def _has_buyers(context: GateContext) -> bool:
    """Whether there is somebody to value. In a company's first days nobody is: nobody has bought
    tonight or had when a night was published last. A first night with orders of which nobody knows
    whether they are purchases has nothing to publish."""
    tonight = context.table("marts", "fct_orders")
    before = "published.fct_orders where is_qualifying"
    undecided = f"{tonight} where is_undecided"
    orders = [f"{tonight} where is_qualifying", before if context.previous else undecided]
    query = " or ".join(f"exists (select from {known})" for known in orders)
    row = context.connection.execute(f"select {query}".encode()).fetchone()
    return bool(row and row[0])


# ---------- customer by customer


def _values(context: GateContext) -> str:
    columns = ", ".join(f'"{name}"' for name in FILLED)
    return f"""
        select
            {columns}, purchase_probability_12m + churn_probability_12m as probabilities_sum,
            case when value_given_purchase_p10 > value_given_purchase_p50
                or value_given_purchase_p50 > value_given_purchase_p90
                or net_sales_given_purchase_p10 > net_sales_given_purchase_p90
                or orders_given_purchase_p10 > orders_given_purchase_p90
                or value_p90 > greatest(value_given_purchase_p90, 0)
                then 1 else 0 end as range_faults,
            case when value_p90 < 0 and purchase_probability_12m <= 0.9
                or net_sales_p90 < 0 or orders_p90 < 0 or orders_given_purchase_p10 < 1
                then 1 else 0 end as impossible_ranges
        from {context.table("marts", "customer_lifetime_values")}
    """


def _value_expectations(context: GateContext) -> list:
    tiers = list(tier_cuts(context.settings.dbt_project))
    return [
        *(truth(VALUES).filled(name, "every value is there", "null") for name in FILLED),
        *_probability_expectations(),
        truth(VALUES).within(
            "range_faults",
            "ranges are in order",
            "P10, P50, P90 not ascending, or value_p90 above the buyers' own",
            high=0,
            about="value_given_purchase_p10",
        ),
        truth(VALUES).within(
            "impossible_ranges",
            "ranges are possible",
            "below zero for who may well buy nothing",
            high=0,
            about="value_p90",
        ),
        truth(VALUES).one_of("value_tier", tiers, "known tiers", "no known tier"),
    ]


def _probability_expectations() -> list:
    return [
        *(
            truth(VALUES).within(
                name, "probabilities within bounds", "outside 0 to 1", low=0, high=1
            )
            for name in PROBABILITIES
        ),
        truth(VALUES).within(
            "probabilities_sum",
            "churn is the rest of purchase",
            "not 1 - purchase_probability_12m",
            low=1 - ROUNDING,
            high=1 + ROUNDING,
            about="churn_probability_12m",
        ),
        truth(VALUES).within(
            "expected_orders_12m",
            "expected orders are possible",
            f"outside 0 to {ORDERS_A_YEAR} a year",
            low=0,
            high=ORDERS_A_YEAR,
        ),
    ]


# ---------- totals


def _totals(context: GateContext) -> str:
    """One row: who was left unscored, what is expected, who is in which tier."""
    values = context.table("marts", "customer_lifetime_values")
    cuts = _cuts(context)
    people = ", ".join(f'{_people_up_to(tier, cuts)} as "{tier}__people"' for tier in cuts)
    tiers = ", ".join(f'{_share_up_to(tier, cuts)} as "{tier}__crowding"' for tier in cuts)
    return f"""
        with repeats as ({_repeats(context)}),
        unscored as (
            select count(*) as people
            from {context.table("marts", "customer_purchase_summaries")} as s
            left join {values} as v on s.customer_id = v.customer_id
            where v.customer_id is null
        ),
        of_all as (
            select
                count(*) as people, coalesce(sum(expected_orders_12m), 0) as expected, {people}
            from {values}
        )
        select
            unscored.people as unscored,
            case
                when of_all.people > 0 and repeats.times >= {TOTAL_ORDERS}
                    and repeats.days >= {TOTAL_DAYS}
                then round(of_all.expected / (365.0 * repeats.times / repeats.days), 4)
                else 1.0 end as expected_ratio,
            {tiers},
            of_all.people as rows_judged
        from unscored cross join repeats cross join of_all
    """


def _repeats(context: GateContext) -> str:
    """One row: repeat purchase days of the last `days`, a year where sales go back so far. A day
    counts by its first purchase, also where that has no rate: the models know of it."""
    orders, as_of = context.table("marts", "fct_orders"), f"date '{context.night.as_of}'"
    return f"""
        select known.days, (
            select count(*) from {orders}
            where days_since_previous_purchase is not null
                and ordered_on > {as_of} - known.days
        ) as times
        from (
            select least(365, {as_of} - min(ordered_on)) as days
            from {orders} where is_qualifying
        ) as known
    """


def _cuts(context: GateContext) -> dict[str, float]:
    """The share that each tier and those above it may have, best first; everybody may be in the
    last."""
    cuts = tier_cuts(context.settings.dbt_project)
    return {tier: cut / 100 for tier, cut in cuts.items() if tier != LAST_TIER}


def _people_up_to(tier: str, cuts: Mapping[str, float]) -> str:
    """Customers in this tier and above."""
    above = ", ".join(f"'{name}'" for name, cut in cuts.items() if cut <= cuts[tier])
    return f"count(case when value_tier_tonight in ({above}) then 1 end)"


def _share_up_to(tier: str, cuts: Mapping[str, float]) -> str:
    """Their share of all, as a multiple of what the cut allows."""
    return f"""
        case when of_all.people < {TIER_PEOPLE} then 0.0
            else round(of_all."{tier}__people" / (of_all.people * {cuts[tier]}), 4) end
    """


def _total_expectations(context: GateContext) -> list:
    return [
        truth(VALUES).measure(
            "unscored",
            "everybody who bought is scored",
            "customers with purchases and without values",
            high=0,
            about="customer_id",
        ),
        judgement(VALUES).measure(
            "expected_ratio",
            "expected orders are plausible",
            "total far from the repeat purchase days of a year so far (ratio)",
            low=TOTAL_LOW,
            high=TOTAL_HIGH,
            about="expected_orders_12m",
        ),
        *(
            judgement(VALUES).measure(
                f"{tier}__crowding",
                "tiers keep their shares",
                f"{tier} and above hold too many customers (multiple of {cut:.0%})",
                high=TIER_SLACK,
                about="value_tier_tonight",
            )
            for tier, cut in _cuts(context).items()
        ),
    ]


# ---------- models

MEANINGS = {
    "orders_rate": ("champion", "orders a day while alive, r / alpha"),
    "drop_out": ("champion", "drop-out, a / (a + b) an order or s / beta a day"),
    "mean_spend": ("gamma_gamma", "mean spend a purchase day, p gamma / (q - 1)"),
}


def _models(context: GateContext) -> str:
    """One row: fits that failed in silence, calibration, and each meaning against last night."""
    runs = context.table("scores", "model_runs")
    columns = [
        f"""(select count(*) from {runs}
            where as_of = date '{context.night.as_of}') as rows_judged""",
        f"""(select count(*) from {runs}
            where as_of = date '{context.night.as_of}' and not converged
            and coalesce(warnings, '') = '') as silent_failures""",
        f"""(select count(*) from {runs}
            where as_of = date '{context.night.as_of}' and fitted_on = as_of
            and not converged) as not_converged""",
        f"({_backtest(context)}) as backtest_ratio",
        *(f'({_jump(context, name)}) as "{name}__jump"' for name in _compared(context)),
    ]
    if _is_comparable(context):
        moves = (f'({_moved(context, name)}) as "{name}__moved"' for name in CALIBRATION_MOVES)
        columns += [*moves, f"({_is_another_model(context)}) as another_model"]
    return "select " + ", ".join(columns)


def _champion(context: GateContext) -> str:
    return f"""(
        select max(model) from {context.table("scores", "model_runs")}
        where as_of = date '{context.night.as_of}' and is_champion
    )"""


def _backtest(context: GateContext) -> str:
    """Expected ÷ actual orders after the latest origin; 1 where too little happened to tell."""
    return f"""
        select coalesce(max(case when metric = 'expected_total' then value end)
            / nullif(max(case when metric = 'actual_total' and value >= {TOTAL_ORDERS}
                then value end), 0), 1)
        from {context.table("scores", "model_backtests")}
        where as_of = date '{context.night.as_of}' and model = {_champion(context)}
            and origin = (select max(origin) from {context.table("scores", "model_backtests")})
    """


def _moved(context: GateContext, metric: str) -> str:
    """The furthest that a figure of tonight's model moved at an origin both nights judged; 0 where
    too little happened to tell."""
    assert context.previous
    figures = context.table("scores", "model_backtests")
    return f"""
        select coalesce(max(abs(tonight.value - before.value)), 0)
        from {figures} as tonight
        inner join published.model_backtests as before
            on tonight.origin = before.origin and tonight.holdout_days = before.holdout_days
            and tonight.model = before.model and tonight.metric = before.metric
        inner join {figures} as total
            on tonight.origin = total.origin and tonight.model = total.model
            and total.metric = 'actual_total' and total.value >= {TOTAL_ORDERS}
        where tonight.metric = '{metric}' and tonight.model = {_champion(context)}
            and before.as_of = date '{context.previous.as_of}'
    """


def _is_another_model(context: GateContext) -> str:
    """1 where last night's champion was another one."""
    assert context.previous
    return f"""
        select count(*) from published.model_runs
        where is_champion and as_of = date '{context.previous.as_of}'
            and model <> {_champion(context)}
    """


def _is_comparable(context: GateContext) -> bool:
    previous = context.previous
    return previous is not None and (context.night.as_of - previous.as_of).days <= JUMP_DAYS


def _compared(context: GateContext) -> list[str]:
    return list(MEANINGS) if _is_comparable(context) else []


def _jump(context: GateContext, name: str) -> str:
    """Tonight ÷ last published night; 1 where either is unknown."""
    assert context.previous
    of = MEANINGS[name][0]
    model = _champion(context) if of == "champion" else f"'{of}'"
    tonight = f"""
        select parameter, value from {context.table("scores", "model_parameters")}
        where as_of = date '{context.night.as_of}' and fitted_on = as_of and model = {model}
    """
    before = f"""
        select p.parameter, p.value from decisions.parameters as p
        inner join decisions.publications as g
            on p.as_of = g.as_of and p.input_digest = g.input_digest
        where g.generation = {context.previous.generation} and p.model = {model}
    """
    return (
        f"select coalesce(({_meaning(name, tonight)}) / nullif(({_meaning(name, before)}), 0), 1)"
    )


def _meaning(name: str, parameters: str) -> str:
    def of(parameter: str) -> str:
        return f"max(case when parameter = '{parameter}' then value end)"

    formula = {
        "orders_rate": f"{of('r')} / nullif({of('alpha')} * coalesce({of('k')}, 1), 0)",
        "drop_out": _no_less(
            NOBODY_LEAVES,
            f"coalesce({of('a')} / nullif({of('a')} + {of('b')}, 0), "
            f"{of('s')} / nullif({of('beta')}, 0))",
        ),
        "mean_spend": f"{of('p')} * {of('gamma')} / nullif(greatest({of('q')} - 1, 0), 0)",
    }[name]
    return f"select {formula} from ({parameters}) as known"


def _no_less(than: float, meaning: str) -> str:
    """Of meanings below that, which all say the same, that; null of what nobody knows."""
    return f"case when {meaning} < {than} then {than} else {meaning} end"


def _model_expectations(context: GateContext) -> list:
    jumps = [
        judgement("scores.model_parameters").measure(
            f"{name}__jump",
            "parameters like last night's",
            f"{MEANINGS[name][1]} jumped (ratio)",
            low=1 / JUMP_RATIO,
            high=JUMP_RATIO,
            about=MEANINGS[name][0],
        )
        for name in _compared(context)
    ]
    return [
        truth("scores.model_runs").measure(
            "silent_failures",
            "a failed fit says so",
            "fits that did not converge and do not say why",
            high=0,
            about="converged",
        ),
        warning("scores.model_runs").measure(
            "not_converged",
            "fits converge",
            "fits that did not converge; their warnings say why",
            high=0,
            about="converged",
        ),
        warning("scores.model_backtests").measure(
            "backtest_ratio",
            "the backtest is calibrated",
            "expected far from actual orders (ratio)",
            low=BACKTEST_LOW,
            high=BACKTEST_HIGH,
            about="expected_total",
        ),
        *jumps,
        *(_move_expectations() if _is_comparable(context) else []),
    ]


def _move_expectations() -> list:
    return [
        *(
            judgement("scores.model_backtests").measure(
                f"{name}__moved",
                "calibration like last night's",
                f"{words} moved at an origin",
                high=limit,
                about=name,
            )
            for name, (limit, words) in CALIBRATION_MOVES.items()
        ),
        warning("scores.model_runs").measure(
            "another_model",
            "the model is last night's",
            "another model scores the customers; its row says why",
            high=0,
            about="choice",
        ),
    ]
