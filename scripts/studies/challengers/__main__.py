"""`make challengers`: what could beat the night's model, judged at rolling origins.

    python -m studies.challengers                 every company, then the tables
    python -m studies.challengers cdnow           this company again, then the tables
    python -m studies.challengers --page          the tables from what was found before

What each company gave is kept in var/studies/challengers.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from threadpoolctl import threadpool_limits

from regulars.clv.metrics import Forecast
from regulars.settings import Settings
from studies.challengers import page
from studies.challengers.calendar_time import calendar
from studies.challengers.companies import COMPANIES, Company
from studies.challengers.covariate_challengers import (
    channel,
    service,
    service_and_channel,
    service_in_pareto,
)
from studies.challengers.forecast_scores import Scores, measured, summed_up, weights
from studies.challengers.forecasts import candidates, of_spend_on_means
from studies.challengers.learners import blend, boosted, boosted_ratio
from studies.challengers.multipliers import first_order, level, season
from studies.challengers.windows import Window, windows

CHALLENGERS: tuple[Callable[[Window, Sequence[Window]], Forecast | None], ...] = (
    season,
    calendar,
    level,
    first_order,
    service,
    service_in_pareto,
    channel,
    service_and_channel,
    blend,
    boosted,
    boosted_ratio,
)


def main() -> None:
    arguments = _arguments()
    results = Settings.from_env().home / "studies" / "challengers"
    if not arguments.page:
        with threadpool_limits(1):  # a tree's sums depend on the number of threads
            for name in arguments.companies or COMPANIES:
                _run(name, results)
    kept = {name: results / f"{name}.json" for name in COMPANIES}
    page.write({name: Scores.read(path) for name, path in kept.items() if path.exists()})


def _run(name: str, results: Path) -> None:
    started = time.perf_counter()
    company = COMPANIES[name]()
    if company is None:
        print(f"{name:<24} left out: its data are not here")
        return
    evaluate(company).write(results / f"{name}.json")
    print(f"{name:<24} {time.perf_counter() - started:.0f} s", flush=True)


def evaluate(company: Company) -> Scores:
    """Everything at every origin of a company."""
    every, customers = windows(company)
    drawn = weights(customers)
    origins = [
        measured(forecasts(window, known_at(window, every)), window, drawn)
        for window in every
        if window.origin in company.origins
    ]
    return summed_up(company.name, company.days, origins, customers)


def known_at(test: Window, every: Sequence[Window]) -> list[Window]:
    """Windows whose hold-out had ended at the origin of `test`, the latest last."""
    return [window for window in every if window.past.split.end <= test.origin]


def forecasts(test: Window, earlier: Sequence[Window]) -> list[Forecast]:
    """The night's candidates, the plain rules, and the challengers that can be tried there."""
    own = [*candidates(test), *test.rules.values(), of_spend_on_means(test)]
    made = (challenger(test, earlier) for challenger in CHALLENGERS)
    return own + [each for each in made if each is not None]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m studies.challengers")
    parser.add_argument("companies", nargs="*", choices=[*COMPANIES, []], help="default: all")
    parser.add_argument("--page", action="store_true", help="write the tables, run nothing")
    return parser.parse_args()


if __name__ == "__main__":
    main()
