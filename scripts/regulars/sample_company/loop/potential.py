"""The truth about contacts: both futures of everybody, per list, as of the last night."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import regulars.sample_company.fatigue as fatigue
import regulars.sample_company.loop.response as response
from regulars.sample_company.columns import Ids
from regulars.sample_company.localtime import DAY, HOUR, to_instant
from regulars.sample_company.loop.made_orders import Moved, made_orders
from regulars.sample_company.loop.response import STRATA, Untreated
from regulars.sample_company.loop.sent import key_of
from regulars.sample_company.parts import LIST_EFFECTS

_STRATUM = pa.array(STRATA)
_KIND = pa.array(response.KINDS)
_SCHEMA = pa.schema(
    {
        "customer_id": pa.string(),
        "list_code": pa.string(),
        "stratum": pa.string(),
        "kind": pa.string(),
        "buys_if_left_alone": pa.bool_(),
        "buys_if_contacted": pa.bool_(),
        "spend_if_left_alone_eur": pa.float64(),
        "spend_if_contacted_eur": pa.float64(),
        "weariness": pa.float64(),
    }
)


@dataclass(frozen=True)
class Morning:
    """Everybody known by a company's last night, on the morning after it: place, instant, and the
    weariness that newsletters left."""

    customer: np.ndarray
    at: np.ndarray
    weariness: np.ndarray

    @classmethod
    def after(cls, untreated: Untreated, nights: int) -> Morning:
        customer = np.flatnonzero(untreated.company.who.night < nights)
        wall = np.full(len(customer), (untreated.company.first_day + nights) * DAY + 10 * HOUR)
        at, mail = to_instant(wall), untreated.company.contacts
        past = mail.sent_at < at.max(initial=0)
        level = fatigue.before(
            np.concatenate([customer, mail.customer[past]]),
            np.concatenate([at, mail.sent_at[past]]),
            untreated.company.world.response,
        )
        return cls(customer, at, level[: len(customer)])


def outcomes(untreated: Untreated, list_code: str, morning: Morning) -> pa.Table:
    """A row per customer: a first contact on that morning, or none; nobody at home contacted.

    buys_*: an own order, not cancelled, within the list's window; spend_*_eur: for such orders,
    returned ones too, after discount.
    """
    customer, level = morning.customer, morning.weariness
    first = np.zeros_like(customer)
    both = response.outcomes(untreated, list_code, customer, morning.at, first, level)
    left, contacted = _spend(untreated, list_code, morning, both.kind)
    return pa.table(
        {
            "customer_id": Ids("C", customer + 1).text(np.arange(len(customer))),
            "list_code": pa.repeat(pa.scalar(list_code), len(customer)),
            "stratum": _STRATUM.take(pa.array(both.stratum)),
            "kind": _KIND.take(pa.array(both.kind)),
            "buys_if_left_alone": both.buys_if_left,
            "buys_if_contacted": both.buys_if_contacted,
            "spend_if_left_alone_eur": left / 100,
            "spend_if_contacted_eur": contacted / 100,
            "weariness": level,
        },
        schema=_SCHEMA,
    )


def _spend(
    untreated: Untreated, list_code: str, morning: Morning, kind: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Cents per customer within the list's window, if left alone and if contacted."""
    c, customer, size = untreated.company, morning.customer, len(morning.customer)
    until = morning.at + response.effect_of(list_code).window_days * DAY
    entry, order = untreated.orders_between(customer, morning.at, until)
    net = np.bincount(c.lines.order, weights=c.lines.net, minlength=len(c.orders.customer))
    left = np.bincount(entry, weights=net[order], minlength=size)
    persuadable = np.flatnonzero(kind == response.PERSUADABLE)
    moved = Moved(
        customer=customer[persuadable],
        list_key=np.full(len(persuadable), key_of(list_code)),
        at=morning.at[persuadable],
        episode=np.zeros_like(persuadable),
    )
    orders, lines, _ = made_orders(untreated, moved)
    place = np.searchsorted(customer, orders.customer)
    paid = np.bincount(lines.order, weights=lines.net, minlength=len(orders.customer))
    paid = np.where(orders.ordered_at <= until[place], paid, 0)
    gained = np.bincount(place, weights=paid, minlength=size)
    return left, np.where(kind == response.SLEEPING_DOG, 0.0, left) + gained


def by_stratum(list_code: str, of_list: pa.Table) -> pa.Table:
    """Per stratum of one list: how many, what share buys either way, and the difference."""
    effect = response.effect_of(list_code)
    rows = []
    for place, stratum in enumerate(STRATA):
        here = of_list.filter(pc.equal(of_list["stratum"], stratum))
        size = max(len(here), 1)
        left, contacted = (
            float(pc.sum(here[name]).as_py() or 0) / size
            for name in ("buys_if_left_alone", "buys_if_contacted")
        )
        gain = pc.sum(pc.subtract(here["spend_if_contacted_eur"], here["spend_if_left_alone_eur"]))
        rows.append(
            {
                "list_code": list_code,
                "stratum": stratum,
                "customers": len(here),
                "window_days": effect.window_days,
                "persuades": effect.persuades[place],
                "puts_off": effect.puts_off[place],
                "buys_if_left_alone": round(left, 6),
                "buys_if_contacted": round(contacted, 6),
                "effect": round(contacted - left, 6),
                "effect_spend_eur": round(float(gain.as_py() or 0) / size, 4),
            }
        )
    return pa.Table.from_pylist(rows)


def write(untreated: Untreated, nights: int, folder: Path) -> None:
    """Both tables as Parquet, a list at a time."""
    morning, summaries = Morning.after(untreated, nights), []
    path = folder / "potential_outcomes.parquet"
    with pq.ParquetWriter(path, _SCHEMA) as writer:
        for list_code in LIST_EFFECTS:
            of_list = outcomes(untreated, list_code, morning)
            summaries.append(by_stratum(list_code, of_list))
            writer.write_table(of_list)
    pq.write_table(pa.concat_tables(summaries), folder / "contact_effects.parquet")
