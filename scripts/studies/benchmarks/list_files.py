"""What all list files cost, where everybody is on a list: every list, every target that it goes to.

Made-up people stand in plain tables, so that the lists are full; in a night, rules and hold-outs
keep most people off them.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from functools import partial

from regulars import warehouse
from regulars.feeds import raw_tables
from regulars.lists.export import write_files
from regulars.night import Night
from regulars.project import list_definitions
from regulars.settings import Settings
from studies.benchmarks.figures import Figures
from studies.benchmarks.list_tables import create_tables
from studies.benchmarks.measure import Measured, in_child
from studies.benchmarks.server_meter import ServerMeter

AS_OF = date(2026, 10, 30)
FEWER = 10  # times fewer people, for what memory does not grow with
# One person in twenty shares the address of another; one in fifty has none.
PEOPLE = """
insert into pii.list_people
select 'c' || n, 'de Wit', '1980-06-21', 'NL', '1017 AB', 'Amsterdam', 'granted', '2026-01-01',
    'email:marketing google_ads:ad_user_data google_ads:ad_personalization meta_ads:advertising'
from generate_series(1, %(customers)s) as n;
insert into raw.deliveries (
    feed, delivered_on, sha256, path, size, modified_at, status, rows_in
) values ('consents', %(as_of)s, 'x', 'x', 1, %(as_of)s, 'loaded', 0);
insert into raw.consents (
    customer_id, channel, purpose, changed_at, is_granted, _delivery_id, _line, _delivered_on
)
select 'c' || n, channel, purpose, '2026-01-01', true, 1,
    row_number() over (order by n, channel, purpose), %(as_of)s
from generate_series(1, %(customers)s) as n
cross join (values ('email', 'marketing'), ('phone', 'marketing'), ('post', 'marketing'),
    ('ads', 'advertising'), ('google_ads', 'ad_user_data'), ('google_ads', 'ad_personalization'),
    ('meta_ads', 'advertising')) as granted (channel, purpose);
"""
ROWS = """
insert into pii.list_file_rows (
    list_code, list_version, as_of, customer_id, household_id, email, phone_e164, first_name,
    language, timezone, value_tier, net_clv_12m, rank, reason_1, arm, valid_until, details
)
select %(code)s, 1, %(as_of)s, 'c' || n, 'c' || n,
    case when n %% 50 <> 0 then 'person' || (n - n %% 20 / 19) || '@example.com' end,
    '+3161' || lpad(cast(n as text), 7, '0'), 'Anna', 'nl', 'Europe/Amsterdam', 'gold', 12.34, n,
    'usually orders every 41 days; now 73', 'treat', %(as_of)s,
    cast(%(own)s as jsonb)
from generate_series(cast(%(start)s as integer), %(customers)s, %(step)s) as n
"""


def measure_list_files(
    settings: Settings, server: ServerMeter, customers: int, figures: Figures
) -> None:
    few, many = (_written(settings, server, n, figures) for n in (customers // FEWER, customers))
    lists = len(list_definitions.load(settings.dbt_project))
    cpu = f"CPU {many.python_cpu:.0f} s Python + {many.server_cpu:.0f} s server"
    figures.add(
        f"all files of {lists} lists with {customers:,} customers on them: time, CPU;"
        f" peak memory; the same of {customers // FEWER:,}",
        "equal",
        f"{many.seconds:.0f} s; {cpu}; {many.peak_mb:.0f} MB; {few.peak_mb:.0f} MB",
    )


def _written(settings: Settings, server: ServerMeter, customers: int, figures: Figures) -> Measured:
    figures.phase(f"all list files of {customers:,} customers")
    company = made_up_company(settings, customers)
    folder = company.home / "files"
    try:
        return in_child(partial(write_files, company, Night(AS_OF), folder, "bench"), server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def made_up_company(settings: Settings, customers: int) -> Settings:
    """A database of this server in which everybody is on one list, and on that of advertising."""
    home = settings.home / f"list_files_{customers}"
    home.mkdir()
    company = replace(
        settings, home=home, server=settings.server_folder, database=f"list_files_{customers}"
    )
    raw_tables.migrate(company)
    with warehouse.connect(company, "admin", autocommit=True) as connection:
        create_tables(connection, company)
        for statement in PEOPLE.strip().split(";\n"):
            connection.execute(
                statement.removesuffix(";").encode(), {"customers": customers, "as_of": AS_OF}
            )
        for values in _lists(company, customers):
            connection.execute(ROWS.encode(), values)
        connection.execute("analyze")
    return company


def _lists(settings: Settings, customers: int) -> list[dict[str, object]]:
    """Who is on which list: everybody in turn on one, and all on that of advertising."""
    definitions = list_definitions.load(settings.dbt_project)
    others = [one.list_code for one in definitions if one.purpose != "advertising"]
    return [
        {
            "code": one.list_code,
            "own": json.dumps({column.name: None for column in one.columns}),
            "as_of": AS_OF,
            "customers": customers,
            "start": 1 + others.index(one.list_code) if one.list_code in others else 1,
            "step": len(others) if one.list_code in others else 1,
        }
        for one in definitions
    ]
