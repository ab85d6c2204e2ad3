"""One night's models, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from regulars.backtesting.names import COVARIATES
from regulars.clv import PurchaseModel, SpendDistribution, WithCovariates
from regulars.night import Night
from regulars.runs import run_id
from regulars.scores import decision_log

Fitted = PurchaseModel | SpendDistribution | WithCovariates


@dataclass
class Run:
    """One night's models and what is said of them.

    logged     parameters of this (as_of, input) found in the decision log: model -> name -> value
    purchases  models of purchases by name: the champion, and the model of rhythm
    spend      None where nobody has spent anything
    effects    None where there is nothing to compare
    sizes      by model, the customers and the distinct rows that it was fitted on
    """

    night: Night
    digest: str
    logged: decision_log.Parameters
    library_versions: str
    window: tuple[date | None, date | None]
    purchases: dict[str, PurchaseModel] = field(default_factory=dict)
    spend: SpendDistribution | None = None
    effects: WithCovariates | None = None
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=dict)

    @property
    def run_id(self) -> str:
        return run_id(self.night.as_of, self.digest)

    @property
    def models(self) -> dict[str, Fitted]:
        """All that were fitted or replayed, by name."""
        others = {SpendDistribution.name: self.spend, COVARIATES: self.effects}
        return {**self.purchases, **{name: each for name, each in others.items() if each}}

    def remark(self, name: str, words: str) -> None:
        self.remarks.setdefault(name, []).append(words)

    def words(self, name: str) -> list[str]:
        """What is to be said of a model: its own warnings, and remarks."""
        model = self.models.get(name)
        return [*(model.warnings if model else []), *self.remarks.get(name, [])]
