"""What bad service and the channel of the first order go with: how readily people leave.

Measured effects, beside the scores and not part of them. Pareto/NBD with covariates that everybody
has from the first order on:

  service  of the rate and of drop-out for whoever had a case with their first order (heavy buyers
           have more of them), and of drop-out again where the case went badly: luck among those
           who had one. Why only the first order's experience is fair: docs/clv-methods.md
  channel  of the rate and of drop-out for whoever first bought through another channel than most
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from regulars.backtesting.names import channel_covariate
from regulars.clv import ParetoNBD, WithCovariates

FEWEST = 20  # customers in each of two groups that are compared: fewer say nothing
MOST_CHANNELS = 4  # beside the commonest; the rarest count with that
COLUMNS = ("frequency", "recency", "T", "case_first", "bad_first")


def with_channels(first_orders: pd.DataFrame) -> pd.DataFrame:
    """First orders' histories by the channels that are compared, in key order: COLUMNS, a column
    of 0 and 1 per such channel, and weight."""
    compared = compared_channels(channel_sizes(first_orders))
    came_by = {
        name: (first_orders["channel"] == channel).astype("float64")
        for name, channel in compared.items()
    }
    keys = [*COLUMNS, *compared]
    return first_orders.assign(**came_by).groupby(keys, sort=True)["weight"].sum().reset_index()


def channel_sizes(first_orders: pd.DataFrame) -> list[tuple[str, int]]:
    """Channels with their numbers of people, the largest first, of equals the first by name."""
    people = first_orders.groupby("channel")["weight"].sum()
    return sorted(
        ((str(channel), int(count)) for channel, count in people.items()),
        key=lambda size: (-size[1], size[0]),
    )


def compared_channels(sizes: Sequence[tuple[str, int]]) -> dict[str, str]:
    """Covariate -> channel: those after the commonest that enough people came by. `sizes` are
    channels with their numbers of people, the largest first."""
    return {
        channel_covariate(channel, sizes[0][0]): channel
        for channel, people in sizes[1 : MOST_CHANNELS + 1]
        if people >= FEWEST
    }


def known_or_fitted(
    known: Mapping[str, float] | None, first_orders: pd.DataFrame
) -> WithCovariates | None:
    """The model with the `known` parameters, or fitted; None where there is nothing to compare."""
    columns = covariates(first_orders)
    if known:
        columns = {
            process: [name for name in names if f"{process}_{name}" in known]
            for process, names in columns.items()
        }
    if not any(columns.values()):
        return None
    model = WithCovariates(ParetoNBD(), **columns)
    return model.with_params(**known).assess(first_orders) if known else model.fit(first_orders)


def covariates(first_orders: pd.DataFrame) -> dict[str, list[str]]:
    """Columns that act on the rate, and on drop-out."""
    channels = [name for name in first_orders.columns if name not in (*COLUMNS, "weight")]
    if is_too_few(first_orders):
        return {"rate": channels, "dropout": channels}
    return {
        "rate": ["case_first", *channels],
        "dropout": ["case_first", "bad_first", *channels],
    }


def is_too_few(first_orders: pd.DataFrame) -> bool:
    """Fewer than FEWEST customers served badly, or well."""
    had_case, weight = first_orders["case_first"] == 1, first_orders["weight"]
    badly = float(weight[first_orders["bad_first"] == 1].sum())
    return min(badly, float(weight[had_case].sum()) - badly) < FEWEST
