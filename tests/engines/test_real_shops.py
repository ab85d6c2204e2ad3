"""Two real shops, each built from nothing by another engine: the lists and tables of PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from regulars.settings import Settings
from studies import archives
from tests.engines.engines import DUCKDB, SPARK
from tests.engines.whole_nights import assert_same_first_night
from tests.integration import real_data

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.usefixtures("quick_start"),  # else an hour of two cores, most of it compiling
]


@dataclass(frozen=True)
class Shop:
    """What is delivered until its one night, and how the company is set up."""

    archive: str
    deliver: Callable[[Path, Path], object]
    night: date
    company: dict[str, Any]


def two_months(source: Path, landing: Path) -> None:
    days = [date(2010, 12, 1) + timedelta(days=number) for number in range(62)]
    real_data.deliver_days(source, landing, days)


ONLINE_RETAIL = Shop(
    "online_retail.tar.xz",
    two_months,
    date(2011, 1, 31),
    {
        "systems": ("online_retail",),
        "company_timezone": "Europe/London",
        "reporting_currency": "GBP",
    },
)
OLIST = Shop(
    "olist_sample.tar.xz",
    real_data.deliver_olist,
    real_data.OLIST_DELIVERED_ON,
    {"systems": ("olist",), "company_timezone": "America/Sao_Paulo", "reporting_currency": "BRL"},
)


@pytest.mark.parametrize("engine", [DUCKDB, SPARK])
@pytest.mark.parametrize(
    "shop", [pytest.param(ONLINE_RETAIL, id="online_retail"), pytest.param(OLIST, id="olist")]
)
def test_a_real_shop_is_the_same_on_every_engine(
    shop: Shop, engine: str, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    if not archives.is_there(shop.archive):
        pytest.skip(f"{archives.DATA}/{shop.archive} is absent: real data not tested")
    expected = make_settings(shop.archive, **shop.company)
    shop.deliver(archives.unpack(shop.archive, tmp_path), expected.landing)
    other = make_settings(engine, **shop.company, engine=engine)
    assert_same_first_night(expected, replace(other, landing=expected.landing), shop.night)
