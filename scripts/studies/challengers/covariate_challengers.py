"""The night's models with covariates: what was known of each customer's first order.

In MBG/NBD, because that is the champion: where a covariate says nothing it is the champion again,
and what differs is the covariate's doing alone. Service in Pareto/NBD too, as the night measures
its effect (`regulars.scores.covariate_effects`, which also says which process each acts on). Fitted
on the window's own past.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from regulars.backtesting.past import HISTORY
from regulars.clv import PurchaseModel, WithCovariates
from regulars.clv.metrics import Forecast
from regulars.scores.covariate_effects import is_too_few
from studies.challengers.first_orders import CHANNEL, SERVED_DAYS, SERVICE
from studies.challengers.forecasts import Part, of_parts
from studies.challengers.windows import Window


def service(test: Window, _earlier: Sequence[Window]) -> Forecast | None:
    """How the first order was served: who had a case, and whose case went badly."""
    return _of_service("service", test, test.champion, []) if _has_service(test) else None


def service_in_pareto(test: Window, _earlier: Sequence[Window]) -> Forecast | None:
    """The same in Pareto/NBD."""
    return _of_service("service_in_pareto", test, test.pareto, []) if _has_service(test) else None


def channel(test: Window, _earlier: Sequence[Window]) -> Forecast | None:
    """Where the first order came from."""
    names = _channels(test)
    if not names:
        return None
    everybody = np.ones(len(test.who), dtype=bool)
    columns = {"rate": names, "dropout": names}
    return _forecast("channel", test, test.champion, columns, everybody)


def service_and_channel(test: Window, _earlier: Sequence[Window]) -> Forecast | None:
    names = _channels(test)
    if not names or not _has_service(test):
        return None
    return _of_service("service_and_channel", test, test.champion, names)


def _of_service(name: str, test: Window, plain: PurchaseModel, channels: list[str]) -> Forecast:
    """Whoever is too young to be told well served from not yet served badly is left out of the
    fit, as in the night, and forecast by the plain model."""
    case, bad = SERVICE
    columns = {"rate": [case, *channels], "dropout": [case, bad, *channels]}
    return _forecast(name, test, plain, columns, test.past.column("T") >= SERVED_DAYS)


def _forecast(
    name: str,
    test: Window,
    plain: PurchaseModel,
    columns: dict[str, list[str]],
    is_told: np.ndarray,
) -> Forecast:
    """A fit on those `is_told` of, who are forecast by their covariates; the rest by `plain`."""
    model = WithCovariates(type(plain)(), **columns)
    known = test.first_orders[list(model.columns)]
    histories = test.past.cells[HISTORY].join(known)[is_told]
    model.fit(histories.groupby(list(histories), sort=True).size().rename("weight").reset_index())
    z = known.to_numpy()
    parts = [Part(np.flatnonzero(~is_told), plain)]
    for each in np.unique(z[is_told], axis=0):
        rows = np.flatnonzero(is_told & (z == each).all(axis=1))
        parts.append(Part(rows, model.at(**dict(zip(model.columns, each.tolist(), strict=True)))))
    return of_parts(name, test, [part for part in parts if len(part.rows)])


def _has_service(test: Window) -> bool:
    if not set(SERVICE) <= set(test.first_orders):
        return False
    served = test.first_orders.loc[test.past.column("T") >= SERVED_DAYS, list(SERVICE)]
    return not is_too_few(served.assign(weight=1.0))


def _channels(test: Window) -> list[str]:
    return [name for name in map(str, test.first_orders) if name.startswith(CHANNEL)]
