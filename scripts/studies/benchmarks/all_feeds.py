"""What the tables beyond sales and all lists cost, where every feed of a company delivers.

The bulk company has sales alone: there units, loyalty, cases and lists would be measured empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from regulars import warehouse
from regulars.feeds import raw_tables
from regulars.night import Night
from regulars.nights.steps import STEPS
from regulars.sample_company import generate
from regulars.settings import MOST_DAYS, Settings
from studies.benchmarks.figures import Figures
from studies.benchmarks.measure import Measured, in_child
from studies.benchmarks.node_cpu import Nodes, night_by_node
from studies.benchmarks.server_meter import ServerMeter

LAST_NIGHT = date(2026, 10, 29)  # an ordinary night: at a month's end months are told
BEFORE = LAST_NIGHT - timedelta(days=1)
AFTER = LAST_NIGHT + timedelta(days=1)
# Beyond customers, orders, service, scores and values: identity, money spent on winning, ownership,
# relationship, cohorts by segment, the company, the bridge; with what only they read.
WHOLE_LIFE = {
    *("customer_accounts", "merged_accounts", "int_account_people", "int_account_roots"),
    *("int_merges_standing", "acquisition_costs", "company_months", "int_buyer_months"),
    *("cohort_segment_months", "revenue_retention", "int_customer_years", "year_ago_histories"),
    *("product_performance", "fct_units", "fct_unit_owners", "int_units_unioned"),
    *("int_units_sold", "int_category_lives", "int_unit_turns", "customer_ownership"),
    *("int_cohort_beginnings", "int_cohort_activity", "int_touched_units"),
    *("stg_house__unit_versions", "stg_house__unit_changes"),
    *("int_repair_rates", "customer_rfm", "customer_category_shares"),
    *("int_customer_categories", "customer_loyalty", "fct_loyalty_entries", "customer_referrals"),
    *("int_touched_points", "int_customer_points", "int_customers_logged_since"),
    *("int_category_peers_before", "int_category_peers", "int_touched_shares"),
    "int_peer_quintiles",
    *("fct_referrals", "int_referral_descendants", "fct_events", "fct_promises", "case_causes"),
    *("keep_against_win", "customer_value_changes", "value_bridge", "int_customer_value_steps"),
    *("int_customer_value_inputs", "int_customer_value_inputs_before", "int_previous_night"),
    *("int_customer_value_inputs_corrected", "int_value_segments_before"),
    *("int_changed_assumptions", "customer_value_input_changes", "customer_month_ends"),
    *("value_terms", "time_spine_days"),
}
OF_NODES = "tables of the whole life ÷ all other nodes"
OF_NIGHT = "tables of the whole life ÷ the rest of the night"
COPIED = {"v": "customer_lifetime_values", "c": "dim_customers", "s": "customer_service_summaries"}

Steps = Mapping[str, Measured]


def measure_all_feeds(
    settings: Settings, server: ServerMeter, customers: int, figures: Figures
) -> None:
    few = _company(settings, server, customers // 10, figures)
    tenth = _night_by_steps(few, server, BEFORE, figures)
    all_of_them = _company(settings, server, customers, figures)
    bulk = _night_by_steps(all_of_them, server, BEFORE, figures)
    what = f"{customers:,} customers, all feeds"
    _add_night(f"{what}, bulk night", bulk, "< 25%", figures)
    measure_lists(what, all_of_them, server, bulk, figures)
    figures.add(
        f"{what}: peak memory of publication; the same of a tenth of the people",
        "equal",
        f"{bulk['publish'].peak_mb:.0f} MB; {tenth['publish'].peak_mb:.0f} MB",
    )
    small = _night_by_nodes(all_of_them, server, LAST_NIGHT, figures)
    _add_night_by_nodes(f"{what}, small night", *small, "< 10%", figures)
    _deliver_nothing(all_of_them.landing / "house")
    empty = _night_by_nodes(all_of_them, server, AFTER, figures)
    _add_night_by_nodes(f"{what}, empty night", *empty, "", figures)


def measure_lists(
    what: str, settings: Settings, server: ServerMeter, night: Steps, figures: Figures
) -> None:
    """All lists of the night, as long as its marts stand, beside a copy of what they are about.

    Seconds of nodes hold what dbt takes for each and how they wait for each other; CPU does not.
    """
    lists = sum(seconds for _, seconds in night["lists"].nodes.values())
    copy = in_child(partial(_copy, settings), server)
    what = f"{what}: all lists ÷ a copy of values, customers, service"
    figures.ratio(what, "< 3", lists, copy.seconds)
    cpu = night["lists"].server_cpu
    figures.ratio(f"{what}, CPU of the server alone", "< 3", cpu, copy.server_cpu)


def _company(settings: Settings, server: ServerMeter, customers: int, figures: Figures) -> Settings:
    """A simulated company of the usual age, whose first night brings all that was delivered."""
    figures.phase(f"deliveries of {customers:,} customers, all feeds")
    name = f"all_feeds_{customers}"
    home = settings.home / name
    one = replace(
        settings,
        home=home,
        landing=home / "landing",
        server=settings.server_folder,
        database=name,
        erasure_grace_days=MOST_DAYS,  # after an erasure the next build is a full one
    )
    deliveries = partial(
        generate,
        one.landing,
        home / "truth",
        customers=customers,
        seed=7,
        last_night=LAST_NIGHT,
    )
    in_child(deliveries, server)  # its memory must not be ours
    raw_tables.migrate(one)
    return one


def _deliver_nothing(house: Path) -> None:
    """On the day after the last, the files of a day on which nothing happened: a header each."""
    (house / AFTER.isoformat()).mkdir()
    for file in (house / LAST_NIGHT.isoformat()).glob("*.csv"):
        with file.open() as lines:
            (house / AFTER.isoformat() / file.name).write_text(lines.readline())


def _night_by_steps(
    settings: Settings, server: ServerMeter, as_of: date, figures: Figures
) -> Steps:
    """Each step in a process of its own, so that its memory is."""
    steps = _steps(settings, as_of, figures)
    return {name: in_child(step, server) for name, step in steps.items()}


def _night_by_nodes(
    settings: Settings, server: ServerMeter, as_of: date, figures: Figures
) -> tuple[Nodes, Steps]:
    """In one process, as `regulars night` runs it, one node after the other."""
    one_by_one = replace(settings, dbt_threads=1)
    return night_by_node(_steps(one_by_one, as_of, figures), server, settings.home)


def _steps(settings: Settings, as_of: date, figures: Figures) -> dict[str, Callable[[], object]]:
    """Without gates, which no node of dbt is in: a company two nights old may stop at one."""
    figures.phase(f"the night of {as_of}, all feeds")
    return {
        name: partial(step.run, settings, Night(as_of))
        for name, step in STEPS.items()
        if not step.is_gate
    }


def _add_night(what: str, steps: Steps, aim: str, figures: Figures) -> None:
    """By seconds of nodes, side by side as a build runs them."""
    _add_cpu(what, steps, figures)
    nodes = {name: s for step in steps.values() for name, (_, s) in step.nodes.items()}
    new = sum(s for name, s in nodes.items() if name.split(".")[2] in WHOLE_LIFE)
    _add_share(f"{what}: {OF_NODES}", new, sum(nodes.values()) - new, aim, figures)


def _add_night_by_nodes(what: str, nodes: Nodes, steps: Steps, aim: str, figures: Figures) -> None:
    """By CPU, tests of a table with it. Publishing them is in the rest of the night."""
    _add_cpu(what, steps, figures)
    new = sum(node.cpu for node in nodes.values() if node.of in WHOLE_LIFE)
    all_nodes = sum(node.cpu for node in nodes.values())
    all_steps = sum(step.cpu for step in steps.values())
    _add_share(f"{what}: {OF_NODES}, CPU", new, all_nodes - new, "", figures)
    _add_share(f"{what}: {OF_NIGHT}, CPU", new, all_steps - new, aim, figures)


def _add_cpu(what: str, steps: Steps, figures: Figures) -> None:
    python = sum(step.python_cpu for step in steps.values())
    of_server = sum(step.server_cpu for step in steps.values())
    figures.add(f"{what}: CPU", "", f"{python:.1f} s Python + {of_server:.1f} s server")


def _add_share(what: str, new: float, rest: float, aim: str, figures: Figures) -> None:
    figures.add(what, aim, f"{new / rest:.1%} ({new:.1f} s ÷ {rest:.1f} s)")


def _copy(settings: Settings) -> None:
    """One `create table as select` of everybody's value, person and service."""
    with warehouse.connect(settings, "admin") as connection:
        columns = connection.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'marts' and table_name = any(%s) order by 1, ordinal_position",
            [list(COPIED.values())],
        ).fetchall()
        alias = {table: short for short, table in COPIED.items()}
        chosen = ", ".join(f"{alias[t]}.{name} as {alias[t]}_{name}" for t, name in columns)
        connection.execute(
            f"create table copied as select {chosen} from marts.customer_lifetime_values as v"
            " inner join marts.dim_customers as c using (customer_id)"
            " left join marts.customer_service_summaries as s using (customer_id)".encode()
        )
        connection.commit()
        connection.execute("drop table copied")
