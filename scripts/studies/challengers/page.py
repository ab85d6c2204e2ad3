"""The tables of docs/studies/challengers.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from regulars.file_backtest.metric_table import LABELS
from studies.challengers.companies import (
    COMPANIES,
    QUARTER,
    QUARTER_AHEAD,
    YEAR,
    YEAR_AHEAD,
)
from studies.challengers.forecast_scores import REFERENCES, Scores
from studies.challengers.forecasts import CHAMPION
from studies.report import fill

REPORT = "challengers.md"
GROUPS = {
    "cdnow": ("cdnow",),
    "retail": ("online_retail",),
    "year": tuple(f"{world}-{YEAR}" for world in YEAR_AHEAD),
    "quarter": tuple(f"{world}-{QUARTER}" for world in QUARTER_AHEAD),
}
NAMES = LABELS | {
    "spend_on_means": "spend fitted on means",
    "season": "season of past years",
    "level": "level of the last hold-out",
    "calendar": "calendar",
    "first_order": "first order's value",
    "service": "first order's service",
    "service_in_pareto": "service in Pareto/NBD",
    "channel": "first order's channel",
    "service_and_channel": "service and channel",
    "blend": "blend",
    "boosted": "boosted trees",
    "boosted_ratio": "boosted trees × champion",
}
PRINTED = tuple(name for name in NAMES if name != "all_zero")
SLOPE = (0.9, 1.1)
MOST_SPEND_LOST = 0.01  # of the top tenth's share
ERRORS = 2.0
NONE = "-"


@dataclass(frozen=True)
class Pooled:
    """Means over companies, each counting alike: values, and (difference, error) by reference."""

    companies: int
    values: dict[str, float]
    differences: dict[str, dict[str, tuple[float, float]]]

    def beats(self, reference: str) -> list[str]:
        """The conditions it fails for being clearly better; none: it is."""
        apart = self.differences[reference]
        failed = [
            words
            for figure, words in (("rmse", "RMSE"), ("crps", "CRPS"), ("abs_bias", "bias"))
            if not apart[figure][0] < -ERRORS * apart[figure][1]
        ]
        if not SLOPE[0] <= self.values["calibration_slope"] <= SLOPE[1]:
            failed.append("slope")
        if self.differences["past_spend"]["top_decile_spend_share"][0] < -MOST_SPEND_LOST:
            failed.append("spend")
        return failed


def pooled(companies: Sequence[Scores], name: str) -> Pooled | None:
    """Over the companies in which the forecast was made; companies are independent."""
    made = [each for each in companies if name in each.values]
    if not made:
        return None
    differences = {
        reference: {
            figure: _mean_of([each.differences[name][reference][figure] for each in made])
            for figure in figures
        }
        for reference, figures in made[0].differences[name].items()
    }
    values = {
        figure: float(np.mean([each.values[name][figure] for each in made]))
        for figure in made[0].values[name]
    }
    return Pooled(len(made), values, differences)


def _mean_of(pairs: Sequence[Sequence[float]]) -> tuple[float, float]:
    apart, errors = np.array(pairs).T
    return float(np.mean(apart)), float(np.sqrt(np.sum(errors**2)) / len(pairs))


def write(scores: Mapping[str, Scores]) -> None:
    """Fill the report."""
    shown = {"companies": companies(scores), "summary": summary(scores)}
    fill(REPORT, shown | {group: detail(_of(scores, names)) for group, names in GROUPS.items()})


def _of(scores: Mapping[str, Scores], names: Sequence[str]) -> list[Scores]:
    return [scores[name] for name in names if name in scores]


# ---------- tables


def companies(scores: Mapping[str, Scores]) -> str:
    """Where it was judged, and the two references there."""
    rows = []
    for name in COMPANIES:
        if name in scores:
            each = scores[name]
            champion, spent = each.values[CHAMPION], each.values["past_spend"]
            rows.append(
                [
                    f"`{name.removesuffix(f'-{each.days}')}`",
                    str(each.days),
                    str(each.origins),
                    f"{each.customers:,}",
                    f"{champion['rmse']:.3f}",
                    f"{champion['crps']:.4f}",
                    f"{champion['abs_bias']:.0%}",
                    f"{champion['calibration_slope']:.2f}",
                    f"{champion['top_decile_spend_share']:.1%}",
                    f"{spent['top_decile_spend_share']:.1%}",
                ]
            )
    return _table(
        [
            "company",
            "days ahead",
            "origins",
            "customers",
            "RMSE",
            "CRPS",
            "bias off",
            "slope",
            "tenth's spend",
            "past spend's tenth",
        ],
        rows,
    )


def summary(scores: Mapping[str, Scores]) -> str:
    """RMSE and CRPS of every forecast beside the champion's, by group, and in how many companies
    it is clearly better than a reference."""
    rows = []
    for name in PRINTED:
        alone = [pool for each in scores.values() if (pool := pooled([each], name))]
        if not alone:
            continue
        row = [NAMES[name]]
        for names in GROUPS.values():
            pool = pooled(_of(scores, names), name)
            row += [NONE] * 2 if pool is None else _beside(pool, CHAMPION, ("rmse", "crps"))
        row += [NONE if name == reference else _count(alone, reference) for reference in REFERENCES]
        rows.append(row)
    heads = [
        f"{group}: {figure}"
        for group in ("CDNOW", "Online Retail", "samples, a year", "samples, a quarter")
        for figure in ("RMSE", "CRPS")
    ]
    better = ["better than the champion", "better than past spend"]
    return _table(["% of the champion's", *heads, *better], rows)


def _count(alone: Sequence[Pooled], reference: str) -> str:
    return f"{sum(not pool.beats(reference) for pool in alone)} of {len(alone)}"


def detail(scores: Sequence[Scores]) -> str:
    """Every figure of a group, and which conditions fail."""
    rows = []
    for name in PRINTED:
        pool = pooled(scores, name)
        if pool is not None:
            rows.append(
                [
                    NAMES[name],
                    *_beside(pool, CHAMPION, ("rmse", "mae", "crps", "abs_bias")),
                    f"{pool.values['calibration_slope']:.2f}",
                    *_beside(pool, CHAMPION, ("spearman",)),
                    *_beside(pool, "past_spend", ("top_decile_spend_share",)),
                    _verdict(pool, name, "past_spend"),
                    _verdict(pool, name, CHAMPION),
                ]
            )
    return _table(
        [
            "",
            "RMSE, %",
            "MAE, %",
            "CRPS, %",
            "bias off",
            "slope",
            "Spearman",
            "tenth's spend − past spend's",
            "short of past spend in",
            "short of the champion in",
        ],
        rows,
    )


def _beside(pool: Pooled, reference: str, figures: Sequence[str]) -> list[str]:
    """Differences in per cent or points; a dash for what stands beside itself."""
    pairs = [pool.differences[reference][figure] for figure in figures]
    return [
        NONE if np.isnan(apart) or error == 0 else f"{100 * apart:+.1f} ± {100 * error:.1f}"
        for apart, error in pairs
    ]


def _verdict(pool: Pooled, name: str, reference: str) -> str:
    if name == reference:
        return NONE
    return ", ".join(pool.beats(reference)) or "**nothing**"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
