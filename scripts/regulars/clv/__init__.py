"""Lifetime-value models: pure functions on arrays and frames, no database.

Every model of purchases is a `PurchaseModel`:

model = ModifiedBetaGeometric().fit(histories)     # frequency, recency, T[, weight]
model.expected_purchases(histories, days=365)
"""

from regulars.clv._purchase_model import PurchaseModel
from regulars.clv.beta_discrete_weibull import BetaDiscreteWeibull
from regulars.clv.beta_geometric import BetaGeometric
from regulars.clv.bg_bb import BetaGeometricBetaBinomial
from regulars.clv.covariates import WithCovariates
from regulars.clv.gamma_gamma import GammaGamma, SpendDistribution
from regulars.clv.histories import HistoryError
from regulars.clv.modified_beta_geometric import ModifiedBetaGeometric
from regulars.clv.nbd import NBD
from regulars.clv.next_spend import NextSpend
from regulars.clv.pareto_nbd import ParetoNBD
from regulars.clv.regular_mbg import RegularModifiedBetaGeometric
from regulars.clv.shifted_beta_geometric import ShiftedBetaGeometric

__all__ = [
    "NBD",
    "BetaDiscreteWeibull",
    "BetaGeometric",
    "BetaGeometricBetaBinomial",
    "GammaGamma",
    "HistoryError",
    "ModifiedBetaGeometric",
    "NextSpend",
    "ParetoNBD",
    "PurchaseModel",
    "RegularModifiedBetaGeometric",
    "ShiftedBetaGeometric",
    "SpendDistribution",
    "WithCovariates",
]
