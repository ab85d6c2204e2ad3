"""A company cut at an origin: what was known, what followed, and what the night's models say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

from regulars.backtesting.evaluation import expected_spend
from regulars.backtesting.origins import Split
from regulars.backtesting.past import Past
from regulars.backtesting.rules import forecasts
from regulars.backtesting.spend_distribution import known_or_fitted
from regulars.clv import GammaGamma, ModifiedBetaGeometric, ParetoNBD
from regulars.clv.histories import Floats
from regulars.clv.metrics import Forecast, Outcomes
from regulars.clv.summaries import purchase_days, summarise
from regulars.file_backtest.comparison import known_and_came, later_days, mean_log_gap_of
from studies.challengers import first_orders
from studies.challengers.companies import Company


@dataclass(frozen=True)
class Window:
    """A row per customer who had bought by the origin.

    past          its `repeats` are those known at the origin
    who           place of each customer among all of the company's
    first_orders  what was known of each one's first order: covariates 0 and 1, by name
    """

    past: Past
    who: np.ndarray
    first_orders: pd.DataFrame

    @property
    def origin(self) -> date:
        return self.past.split.origin

    @cached_property
    def champion(self) -> ModifiedBetaGeometric:
        return ModifiedBetaGeometric().fit(self.past.histories)

    @cached_property
    def pareto(self) -> ParetoNBD:
        return ParetoNBD().fit(self.past.histories)

    @cached_property
    def rules(self) -> dict[str, Forecast]:
        return {each.name: each for each in forecasts(self.past)}

    @cached_property
    def spend(self) -> Floats:
        """Expected spend per purchase day, by the night's distribution."""
        distribution = known_or_fitted(None, self.past.later_days, self.past.spends)
        return expected_spend(distribution, self.past)

    @cached_property
    def spend_on_means(self) -> Floats:
        """The same, Gamma-Gamma fitted on customers' means."""
        return expected_spend(GammaGamma().fit(self.past.spends), self.past)

    @cached_property
    def expected(self) -> Floats:
        """The champion's purchases in the hold-out, per customer."""
        return self.champion.expected_purchases(self.past.histories, self.past.days)[
            self.past.row_of
        ]

    @property
    def outcomes(self) -> Outcomes:
        rows = np.ones(len(self.who))
        return Outcomes(self.past.column("actual"), self.past.column("spend"), rows, rows > 0)


def windows(company: Company) -> tuple[list[Window], int]:
    """A window per origin and earlier date, the first one first, and the number of customers."""
    customers = pd.Index(np.sort(company.lines["customer"].unique()))
    return [_window(company, on, customers) for on in company.earlier], len(customers)


def _window(company: Company, origin: date, customers: pd.Index) -> Window:
    cut = Split(company.lines["date"].min().date(), origin, origin + timedelta(days=company.days))
    customers_known = summarise(
        company.lines, calibration_end=cut.origin, holdout_end=cut.end, known_until=cut.end
    )
    known = purchase_days(company.lines, cut.origin)
    cells = known_and_came(customers_known, known, cut).astype(np.float64).reset_index(drop=True)
    past = Past(
        split=cut,
        cells=cells.assign(weight=1.0),
        repeats=_repeats(known, cut),
        later_days=later_days(known),
        mean_log_gap=mean_log_gap_of(customers_known),
    )
    told = first_orders.known(customers_known["first_on"], origin, company.orders, company.cases)
    return Window(past, customers.get_indexer(customers_known.index), told)


def _repeats(known: pd.DataFrame, cut: Split) -> pd.DataFrame:
    """day (from the first one of the company), repeats: of the purchase days `known`."""
    later = known.loc[known["customer"].duplicated(), "date"]
    by_day = (later - pd.Timestamp(cut.start)).dt.days.value_counts().sort_index()
    return pd.DataFrame({"day": by_day.index, "repeats": by_day.to_numpy()})
