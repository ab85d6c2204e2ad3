"""A replay is a delivery of its own: nights before it never see it, nights after it count it.

Built with the project's own staging models, over one feed of each load rule.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from regulars import transform, warehouse
from regulars.commands.inspection import status
from regulars.feeds import raw_tables, replay
from regulars.feeds.load import ingest
from regulars.night import Night
from regulars.runs import input_digest
from regulars.settings import PROJECT, Settings
from tests.conftest import drop_database

DAY, NEXT = date(2026, 1, 5), date(2026, 1, 6)
HEADER = "id,kind,updated_at\n"
FEEDS = ("sales", "clicks", "stock")  # upsert, append, snapshot
RULES: dict[str, dict] = {
    "sales": {"load": "upsert", "key": ["id"], "version": "updated_at"},
    "clicks": {"load": "append"},
    "stock": {"load": "snapshot"},
}
MODELS = {
    "sales": "{{ current_version('shop', 'sales') }}",
    "clicks": "{{ visible_rows('shop', 'clicks') }}",
    "stock": "{{ visible_rows('shop', 'stock') }}",
}


class Shop:
    """A company with a feed of each load rule, in a project that has the staging models only."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def declare(self, *kinds: str) -> None:
        """Write the declarations; kinds are the allowed values of column `kind`."""
        columns = [
            {"name": "id", "data_type": "text", "config": {"meta": {"required": True}}},
            {"name": "kind", "data_type": "text", "config": {"meta": {"allowed": list(kinds)}}},
            {"name": "updated_at", "data_type": "date"},
        ]
        tables = [
            {
                "name": feed,
                "columns": columns,
                "config": {
                    "meta": {
                        "group": "sales",
                        "delivery": {
                            "path": f"{{delivered_on}}/{feed}{{.revision}}.csv",
                            "quarantine_limit_pct": 100,
                            **rule,
                        },
                    }
                },
            }
            for feed, rule in RULES.items()
        ]
        source = {"name": "shop", "schema": "raw", "tables": tables}
        folder = self.settings.dbt_project / "models/staging/shop"
        text = yaml.safe_dump({"version": 2, "sources": [source]})
        (folder / "_shop__sources.yml").write_text(text)

    def put(self, feed: str, *kinds: str, day: date = DAY, revision: str = "") -> None:
        """A file with one row a kind: ids 1, 2 …"""
        folder = self.settings.landing / "shop" / day.isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        rows = "".join(f"{n},{kind},{day}\n" for n, kind in enumerate(kinds, start=1))
        (folder / f"{feed}{revision}.csv").write_text(HEADER + rows)

    def ingest(self) -> None:
        ingest(self.settings, "sales", NEXT)

    def replay(self) -> int:
        return replay.replay(self.settings)["rows_replayed"]

    def build(self, night: Night) -> tuple[str, dict[str, list[tuple]]]:
        """Build the night. Returns its input digest and the rows that count of each feed."""
        transform.build(self.settings, night, "before_scores")
        schema = night.schema("staging")
        with warehouse.connect(self.settings, "transformer") as connection:
            counting = {
                feed: connection.execute(
                    f"select id, kind, _line from {schema}.stg_shop__{feed}"
                    " order by _delivered_on, _line".encode()
                ).fetchall()
                for feed in FEEDS
            }
            return input_digest(connection, night), counting

    def last_delivery_id(self) -> int:
        ((last,),) = self.query("select max(delivery_id) from raw.deliveries")
        return last

    def query(self, statement: str) -> list[tuple]:
        with warehouse.connect(self.settings, "admin") as connection:
            return list(connection.execute(statement))  # type: ignore[arg-type]


def small_project(folder: Path) -> Path:
    """The dbt project with the models of the ledger and one model a feed."""
    source, target = PROJECT / "dbt_project", folder / "dbt_project"
    shutil.copytree(source / "macros", target / "macros")
    for name in ("dbt_project.yml", "profiles.yml", "selectors.yml"):
        shutil.copy(source / name, target / name)
    staging = target / "models/staging"
    (staging / "shop").mkdir(parents=True)
    for file in (
        *(source / "models/staging").glob("stg_*.sql"),
        source / "models/staging/_warehouse__sources.yml",
    ):
        shutil.copy(file, staging / file.name)
    for feed, model in MODELS.items():
        config = "{{ config(materialized='table') }}\n"
        (staging / "shop" / f"stg_shop__{feed}.sql").write_text(config + model)
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_project(tmp_path_factory.mktemp("replay_project"))


@pytest.fixture(scope="module")
def replay_settings(make_settings: Callable, project: Path) -> Iterator[Settings]:
    settings = make_settings("replay", project=project, systems=("shop",))
    Shop(settings).declare("sale")
    raw_tables.migrate(settings)
    yield settings
    drop_database(settings)


@pytest.fixture
def shop(replay_settings: Settings, tmp_path: Path) -> Shop:
    shop = Shop(replace(replay_settings, landing=tmp_path / "landing"))
    with warehouse.connect(shop.settings, "admin") as connection:
        connection.execute(
            "truncate raw.sales, raw.clicks, raw.stock, raw.quarantine, raw.deliveries cascade"
        )
        connection.execute("truncate ops.builds, ops.built_deliveries")
    shop.declare("sale")
    return shop


def test_a_replay_changes_no_night_before_it_and_counts_in_the_next(shop: Shop) -> None:
    for feed in FEEDS:
        shop.put(feed, "sale", "loan")
    shop.ingest()
    digest, before = shop.build(Night(DAY))
    assert before == {key: [("1", "sale", 2)] for key in FEEDS}
    last = shop.last_delivery_id()

    shop.declare("sale", "loan")
    assert shop.replay() == 3
    assert shop.build(Night(DAY, "rebuild_", last)) == (digest, before)
    next_digest, after = shop.build(Night(NEXT))
    assert after == {key: [("1", "sale", 2), ("2", "loan", 3)] for key in FEEDS}
    assert next_digest != digest


@pytest.mark.slow
def test_a_build_that_goes_on_takes_the_replay_for_new(shop: Shop) -> None:
    shop.put("sales", "sale", "loan")
    shop.ingest()
    shop.declare("sale", "loan")
    shop.build(Night(DAY))
    shop.replay()
    shop.build(Night(NEXT))
    assert shop.query(
        "select d.replay_of is null, s.is_new from staging.stg_deliveries as s"
        " inner join raw.deliveries as d on s.delivery_id = d.delivery_id order by 1"
    ) == [(False, True), (True, False)]


def test_the_replay_is_its_own_balanced_entry(shop: Shop) -> None:
    shop.put("sales", "sale", "loan", "gift")
    shop.ingest()
    shop.declare("sale", "loan")
    shop.replay()
    ((original, replayed),) = shop.query(
        "select min(delivery_id), max(delivery_id) from raw.deliveries"
    )
    assert shop.query(
        "select replay_of, status, path, delivered_on, revision, rows_in, rows_loaded,"
        " rows_quarantined from raw.deliveries order by delivery_id"
    ) == [
        (None, "loaded", "shop/2026-01-05/sales.csv", DAY, 0, 3, 1, 2),
        (original, "loaded", "shop/2026-01-05/sales.csv", DAY, 0, 1, 1, 0),
    ]
    assert shop.query("select _delivery_id, _line, _delivered_on from raw.sales order by 2") == [
        (original, 2, DAY),
        (replayed, 3, DAY),
    ]
    assert shop.query("select line from raw.quarantine where replayed_at is null") == [(4,)]
    ((sales,),) = [status(shop.settings)["feeds"]]
    assert (sales["deliveries"], sales["rows_loaded"], sales["rows_quarantined"]) == (1, 2, 1)


@pytest.mark.slow
def test_a_replay_in_two_goes_counts_as_one_and_as_a_clean_load(shop: Shop) -> None:
    """The same key three times, the same version: the last line of the file wins each time."""
    folder = shop.settings.landing / "shop" / DAY.isoformat()
    folder.mkdir(parents=True)
    (folder / "sales.csv").write_text(
        HEADER + "".join(f"1,{kind},{DAY}\n" for kind in ("loan", "gift", "sale"))
    )
    shop.ingest()
    for allowed in (("sale", "gift"), ("sale", "gift", "loan")):
        shop.declare(*allowed)
        assert shop.replay() == 1
        assert shop.build(Night(DAY))[1]["sales"] == [("1", "sale", 4)]


@pytest.mark.parametrize("feed", ["clicks", "stock"])
def test_a_replay_never_replaces_nor_revives_its_delivery(shop: Shop, feed: str) -> None:
    shop.put(feed, "sale", "loan")
    if feed == "clicks":
        shop.put(feed, "sale", revision=".r2")
    else:
        shop.put(feed, "sale", day=NEXT)
    shop.ingest()
    shop.declare("sale", "loan")
    assert shop.replay() == 1
    assert shop.build(Night(NEXT))[1][feed] == [("1", "sale", 2)]


def test_the_content_of_a_replay_is_the_file_and_its_lines() -> None:
    one = replay.replay_sha256("a", [2, 3])
    assert one == replay.replay_sha256("a", [2, 3])
    others = {replay.replay_sha256(*c) for c in (("b", [2, 3]), ("a", [2]), ("a", [23]))}
    assert len(others - {one}) == 3
