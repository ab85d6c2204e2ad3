"""What the product believed of a world's customers, and what was true of them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from regulars import warehouse
from regulars.sample_company import LAST_NIGHT
from regulars.settings import Settings
from studies.worlds.backtests import Backtest

BELIEFS = """
    select
        v.customer_id, v.probability_alive, v.expected_orders_12m, v.net_clv_12m,
        coalesce(s.breaches, 0) > 0 as has_breach
    from marts.customer_lifetime_values as v
    left join (
        select customer_id, count(*) as breaches
        from marts.fct_service_cases where is_breach group by customer_id
    ) as s on v.customer_id = s.customer_id
    order by v.customer_id collate "C"
"""
LISTS = """
    select list_code, count(*) from lists.list_members group by list_code
    order by list_code collate "C"
"""
BANDS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True)
class Beliefs:
    """One entry per customer with a value, beside the same customer's truth.

    alive, orders, value: believed; is_alive, true_orders, true_value: what was so on the last
    night and in the 365 days after it. has_breach: the product saw a broken promise.
    is_alive_if_served_well: had no case gone badly.
    """

    alive: np.ndarray
    orders: np.ndarray
    value: np.ndarray
    has_breach: np.ndarray
    is_alive: np.ndarray
    is_alive_if_served_well: np.ndarray
    true_orders: np.ndarray
    true_value: np.ndarray
    lists: dict[str, int]


def find(settings: Settings, truth: Path) -> Beliefs:
    """Read both sides; customers in the order of their ids."""
    with warehouse.connect(settings, "admin") as connection:
        rows = connection.execute(BELIEFS).fetchall()
        lists: dict[str, int] = dict(connection.execute(LISTS).fetchall())
    people = pq.read_table(truth / "customers.parquet").to_pylist()
    known = {row["customer_id"]: row for row in people}
    true = [known[row[0]] for row in rows]

    def believed(place: int) -> np.ndarray:
        return np.array([float(row[place]) for row in rows])

    def is_alive(column: str) -> np.ndarray:
        return np.array(
            [row[column] is None or row[column] > LAST_NIGHT for row in true], dtype=bool
        )

    return Beliefs(
        alive=believed(1),
        orders=believed(2),
        value=believed(3),
        has_breach=believed(4) > 0,
        is_alive=is_alive("dropped_out_on"),
        is_alive_if_served_well=is_alive("dropped_out_on_if_served_well"),
        true_orders=np.array([row["purchase_days_next_365d"] for row in true], dtype=float),
        true_value=np.array(
            [row["margin_next_365d_eur"] - row["service_cost_next_365d_eur"] for row in true]
        ),
        lists=lists,
    )


@dataclass(frozen=True)
class Findings:
    """The comparison in figures; pairs are (believed, true), money in euros.

    deciles: mean value next year, from those believed most valuable to those believed least
    captured: share of all true value that the top tenth holds: as believed, and at best
    bands: customers, then P(alive) and share alive, by fifths of P(alive); empty fifths are None
    ranks_alive: chance that of one alive and one gone, the living is believed likelier alive
    breach_gap: P(alive) and share alive of those with a broken promise less the others'
    service_effect: share alive of those with a broken promise, less what it had been served well
    backtest: the night's own judgement of its model, which knows nothing of the truth
    """

    world: str
    stopped: str
    customers: int
    lists: dict[str, int]
    orders: tuple[float, float]
    deciles: list[tuple[float, float]]
    captured: tuple[float, float] | None
    alive: tuple[float, float]
    bands: list[tuple[int, float, float] | None]
    ranks_alive: float | None
    breaches: int
    breach_gap: tuple[float, float] | None
    service_effect: float | None
    backtest: Backtest

    @classmethod
    def of(cls, world: str, stopped: str, b: Beliefs, backtest: Backtest) -> Findings:
        """Compare."""
        served = b.has_breach
        gap = effect = None
        if served.any() and not served.all():
            gap = (
                float(b.alive[served].mean() - b.alive[~served].mean()),
                float(b.is_alive[served].mean() - b.is_alive[~served].mean()),
            )
            effect = float(b.is_alive[served].mean() - b.is_alive_if_served_well[served].mean())
        return cls(
            world,
            stopped,
            len(b.alive),
            b.lists,
            (float(b.orders.sum()), float(b.true_orders.sum())),
            _deciles(b),
            _captured(b),
            (float(b.alive.mean()), float(b.is_alive.mean())),
            _bands(b),
            _ranks(b.alive, b.is_alive),
            int(served.sum()),
            gap,
            effect,
            backtest,
        )

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def read(cls, path: Path) -> Findings:
        stored = json.loads(path.read_text())
        return cls(**stored | {"backtest": Backtest(**stored["backtest"])})


def _deciles(b: Beliefs) -> list[tuple[float, float]]:
    order = np.argsort(-b.value, kind="stable")
    return [
        (float(b.value[part].mean()), float(b.true_value[part].mean()))
        for part in np.array_split(order, 10)
    ]


def _captured(b: Beliefs) -> tuple[float, float] | None:
    """None where customers as a whole bring nothing to share."""
    total = b.true_value.sum()
    if total <= 0:
        return None
    top = max(len(b.value) // 10, 1)
    best = np.sort(b.true_value)[::-1]
    chosen = np.argsort(-b.value, kind="stable")[:top]
    return float(b.true_value[chosen].sum() / total), float(best[:top].sum() / total)


def _bands(b: Beliefs) -> list[tuple[int, float, float] | None]:
    bands: list[tuple[int, float, float] | None] = []
    for low, high in pairwise(BANDS):
        inside = (b.alive >= low) & ((b.alive < high) | (high == BANDS[-1]))
        bands.append(
            (int(inside.sum()), float(b.alive[inside].mean()), float(b.is_alive[inside].mean()))
            if inside.any()
            else None
        )
    return bands


def _ranks(score: np.ndarray, is_true: np.ndarray) -> float | None:
    """Area under the ROC curve, ties counted half; None where all are one or the other."""
    if is_true.all() or not is_true.any():
        return None
    values, place = np.unique(score, return_inverse=True)
    alive = np.bincount(place, is_true, len(values))
    gone = np.bincount(place, ~is_true, len(values))
    below = np.cumsum(gone) - gone
    return float((alive * (below + gone / 2)).sum() / (alive.sum() * gone.sum()))
