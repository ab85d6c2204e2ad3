"""A company with one feed, `sales`: its declaration, its files, its warehouse."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import yaml

from regulars import warehouse
from regulars.feeds.load import ingest
from regulars.settings import Settings

AS_OF = date(2026, 1, 31)
COLUMNS: dict[str, tuple[str, dict]] = {
    "sale_id": ("text", {"required": True}),
    "sold_at": ("timestamptz", {"required": True}),
    "quantity": ("integer", {"min": 1, "max": 1000}),
    "price": ("numeric(12,2)", {"min": 0}),
    "kind": ("text", {"allowed": ["sale", "gift"]}),
    "is_paid": ("boolean", {}),
    "due_on": ("date", {"future": "allowed"}),
    "note": ("text", {}),
    "reason": ("text", {"code": True}),
    "updated_at": ("timestamptz", {"required": True}),
}
HEADER = ",".join(COLUMNS) + "\n"
SOUND = {
    "sale_id": "s1",
    "sold_at": "2026-01-05T10:00:00+01:00",
    "quantity": "2",
    "price": "9.50",
    "kind": "sale",
    "is_paid": "true",
    "due_on": "2026-02-28",
    "note": "fine",
    "reason": "late",
    "updated_at": "2026-01-05T10:00:00Z",
}
DELIVERY = {
    "path": "{delivered_on}/sales{.revision}.csv",
    "load": "upsert",
    "key": ["sale_id"],
    "version": "updated_at",
    "multiplied": ["quantity", "price"],
    "quarantine_limit_pct": 100,
}


def row(**changes: str) -> str:
    return ",".join((SOUND | changes).values()) + "\n"


class Shop:
    """A company with one feed, `sales`, and a warehouse of its own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.declare()

    def declare(self, columns: dict | None = None, **delivery: object) -> None:
        """Write the declaration; delivery keys replace the usual ones."""
        table = {
            "name": "sales",
            "config": {"meta": {"group": "sales", "delivery": DELIVERY | delivery}},
            "columns": [
                {"name": name, "data_type": kind, "config": {"meta": meta}}
                for name, (kind, meta) in (COLUMNS | (columns or {})).items()
            ],
        }
        meta = {"timezone": "Europe/Amsterdam"}
        source = {"name": "shop", "config": {"meta": meta}, "tables": [table]}
        path = self.settings.dbt_project / "models/staging/shop/_shop__sources.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump({"version": 2, "sources": [source]}))
        (self.settings.dbt_project / "dbt_project.yml").write_text("vars: {guards: [sales]}")

    def put(self, content: str | bytes, name: str = "2026-01-05/sales.csv") -> Path:
        file = self.settings.landing / "shop" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def empty(self) -> None:
        """Forget everything that was delivered."""
        shutil.rmtree(self.settings.landing, ignore_errors=True)
        with warehouse.connect(self.settings, "admin") as connection:
            connection.execute("alter table raw.sales drop constraint if exists quirk")
            connection.execute(
                "truncate raw.sales, raw.quarantine, raw.deliveries, ops.seen_files cascade"
            )
            connection.execute("truncate ops.built_deliveries")

    def ingest(self, as_of: date = AS_OF) -> dict:
        result = ingest(self.settings, "sales", as_of)
        self.assert_balanced()
        return result

    def query(self, statement: str) -> list[tuple]:
        with warehouse.connect(self.settings, "admin") as connection:
            return list(connection.execute(statement))  # type: ignore[arg-type]

    def execute(self, statement: str) -> None:
        with warehouse.connect(self.settings, "admin") as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def reason(self) -> str:
        """Why the last delivery was refused."""
        ((reason,),) = self.query(
            "select reason from raw.deliveries where status = 'refused'"
            " order by delivery_id desc limit 1"
        )
        return reason

    def rules(self) -> dict[int, str]:
        return dict(self.query("select line, rule from raw.quarantine where replayed_at is null"))

    def assert_balanced(self) -> None:
        """The ledger's counts are those of the tables."""
        wrong = self.query(
            """
            select d.path from raw.deliveries as d
            where
                rows_loaded <> (
                    select count(*) from raw.sales as s where s._delivery_id = d.delivery_id
                )
                or rows_quarantined <> (
                    select count(*) from raw.quarantine as q
                    where q.delivery_id = d.delivery_id
                )
                or (status <> 'refused'
                    and rows_in
                    <> rows_loaded + rows_quarantined + rows_redelivered + rows_erased)
            """
        )
        assert wrong == []
