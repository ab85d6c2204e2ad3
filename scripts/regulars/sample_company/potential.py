"""The truth about contacts: both futures of everybody, per list, as of the last night."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from regulars.sample_company import fatigue, response
from regulars.sample_company.columns import Ids
from regulars.sample_company.localtime import DAY, HOUR, to_instant
from regulars.sample_company.response import EFFECTS, STRATA, Untreated

_STRATUM = pa.array(STRATA)
_KIND = pa.array(response.KINDS)


def outcomes(known: Untreated, list_code: str, nights: int) -> pa.Table:
    """A row per customer known by the last of the nights, contacted on the morning after it.

    A first contact of its episode, at the weariness that newsletters left; nobody at home
    contacted. buys_* : an own order, not cancelled, within the list's window.
    """
    customer = np.flatnonzero(known.company.who.night < nights)
    morning = to_instant(np.array([(known.company.first_day + nights) * DAY + 10 * HOUR]))[0]
    at = np.full(len(customer), morning)
    level = _weariness(known, customer, morning)
    found = response.outcomes(known, list_code, customer, at, np.zeros_like(customer), level)
    return pa.table({
        "customer_id": Ids("C", customer + 1).text(np.arange(len(customer))),
        "list_code": pa.repeat(pa.scalar(list_code), len(customer)),
        "stratum": _STRATUM.take(pa.array(found.stratum)),
        "kind": _KIND.take(pa.array(found.kind)),
        "buys_if_left_alone": found.buys_if_left,
        "buys_if_contacted": found.buys_if_contacted,
        "weariness": level,
    })  # fmt: skip


def by_stratum(found: pa.Table) -> pa.Table:
    """Per list and stratum: how many, what share buys either way, and the difference."""
    effect = response.effect_of(found["list_code"][0].as_py()) if len(found) else response.OTHERS
    rows = []
    for place, stratum in enumerate(STRATA):
        here = found.filter(pc.equal(found["stratum"], stratum))
        left, contacted = (
            here[name].to_numpy() for name in ("buys_if_left_alone", "buys_if_contacted")
        )
        size = max(len(here), 1)
        rows.append({
            "list_code": found["list_code"][0].as_py() if len(found) else "",
            "stratum": stratum, "customers": len(here), "window_days": effect.window_days,
            "persuades": effect.persuades[place], "puts_off": effect.puts_off[place],
            "buys_if_left_alone": round(float(left.sum()) / size, 6),
            "buys_if_contacted": round(float(contacted.sum()) / size, 6),
            "effect": round(float(contacted.sum() - left.sum()) / size, 6),
        })  # fmt: skip
    return pa.Table.from_pylist(rows)


def write(known: Untreated, nights: int, folder: Path) -> None:
    """Both tables as Parquet, a list at a time."""
    summaries, writer = [], None
    for list_code in EFFECTS:
        found = outcomes(known, list_code, nights)
        summaries.append(by_stratum(found))
        writer = writer or pq.ParquetWriter(folder / "potential_outcomes.parquet", found.schema)
        writer.write_table(found)
    if writer:
        writer.close()
    pq.write_table(pa.concat_tables(summaries), folder / "contact_effects.parquet")


def _weariness(known: Untreated, customer: np.ndarray, morning: int) -> np.ndarray:
    """Of each customer on that morning, from the newsletters so far."""
    mail = known.company.contacts
    past = mail.sent_at < morning
    level = fatigue.before(
        np.concatenate([customer, mail.customer[past]]),
        np.concatenate([np.full(len(customer), morning), mail.sent_at[past]]),
    )
    return level[: len(customer)]
