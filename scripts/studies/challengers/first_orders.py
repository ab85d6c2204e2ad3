"""What a company's files tell of first orders: how they were served, and where they came from.

As the night knows it (`int_first_orders_served`): a case of the first order opened within 30 days;
it is bad where by the origin the promised reply was overdue, a bad CSAT had come, or a complaint
was still unsolved. Whoever is younger than 30 days can not be told yet.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from regulars.sample_company import company, surveys
from regulars.sample_company.company import CHANNELS, SALE
from regulars.sample_company.localtime import DAY, MISSING, local_day
from regulars.sample_company.service import COMPLAINT
from regulars.scores.covariate_effects import FEWEST

BAD_SCORE = 2  # as the variable bad_csat_score
SERVED_DAYS = 30  # as the variable first_order_served_days
SERVICE = ("case_first", "bad_first")
CHANNEL = "channel_"
NEVER = np.datetime64("NaT", "D")


def known(
    firsts: pd.Series, origin: date, orders: pd.DataFrame | None, cases: pd.DataFrame | None
) -> pd.DataFrame:
    """Covariates 0 and 1, a row per customer of `firsts` (days of first purchases): SERVICE where
    there are `cases`, CHANNEL… (each but the commonest) where `orders` have channels."""
    parts = [pd.DataFrame(index=firsts.index)]
    if cases is not None:
        parts.append(_served(firsts, pd.Timestamp(origin), cases))
    if orders is not None:
        parts.append(_channels(firsts, orders))
    return pd.concat(parts, axis=1).astype(np.float64).reset_index(drop=True)


def _served(firsts: pd.Series, origin: pd.Timestamp, cases: pd.DataFrame) -> pd.DataFrame:
    delay = (cases["opened_on"] - cases["ordered_on"]).dt.days
    is_first = cases["ordered_on"] == cases["customer"].map(firsts)
    is_known = (cases["opened_on"] <= origin) & (delay <= SERVED_DAYS)
    its = cases[is_first & is_known]
    is_open = its["is_complaint"] & ~(its["solved_on"] <= origin)
    is_bad = (its["overdue_on"] <= origin) | (its["bad_answer_on"] <= origin) | is_open
    flags = pd.DataFrame({"case_first": True, "bad_first": is_bad})
    by_customer = flags.groupby(its["customer"]).max()
    return by_customer.reindex(firsts.index, fill_value=False)


def _channels(firsts: pd.Series, orders: pd.DataFrame) -> pd.DataFrame:
    """A column per channel with FEWEST first orders or more, but for the commonest; `orders` in
    order of time."""
    by_day = orders.drop_duplicates(["customer", "date"]).set_index(["customer", "date"])["channel"]
    came = by_day.reindex(pd.MultiIndex.from_arrays([firsts.index, firsts])).to_numpy()
    counts = pd.Series(came).value_counts()
    names = sorted(counts.index[counts >= FEWEST], key=lambda name: (-counts[name], name))
    return pd.DataFrame({f"{CHANNEL}{name}": came == name for name in names[1:]}, firsts.index)


def sample_orders(lived: company.Company) -> pd.DataFrame:
    """customer, date, channel of each sale of a sample company, in order of time."""
    orders = lived.orders
    rows = np.flatnonzero(is_sale(lived))
    rows = rows[np.argsort(orders.ordered_at[rows], kind="stable")]
    return pd.DataFrame(
        {
            "customer": orders.customer[rows],
            "date": _dates(orders.ordered_at[rows]),
            "channel": np.array(CHANNELS)[orders.channel[rows]],
        }
    )


def sample_cases(lived: company.Company) -> pd.DataFrame:
    """A row per case of a sale: customer, ordered_on, opened_on, is_complaint, and the days on
    which the promised reply fell overdue, a bad CSAT came, the case was (first) solved."""
    cases, orders = lived.cases, lived.orders
    of_sale = (cases.order >= 0) & is_sale(lived)[cases.order]
    promised = cases.opened_at + 60 * cases.promised_minutes
    overdue = np.where(cases.first_reply_at > promised, promised, MISSING)
    frame = pd.DataFrame(
        {
            "customer": cases.customer,
            "ordered_on": _dates(orders.ordered_at[cases.order]),
            "opened_on": _dates(cases.opened_at),
            "is_complaint": cases.kind == COMPLAINT,
            "overdue_on": _dates(overdue),
            "bad_answer_on": _dates(_bad_answers(lived)),
            "solved_on": _dates(cases.resolved_at),
        }
    )
    return frame[of_sale].reset_index(drop=True)


def is_sale(lived: company.Company) -> np.ndarray:
    """Orders sold and not cancelled."""
    kept: np.ndarray = (lived.orders.order_type == SALE) & (lived.orders.cancelled_at < 0)
    return kept


def _bad_answers(lived: company.Company) -> np.ndarray:
    """Instant of each case's bad CSAT; MISSING without one."""
    answers = lived.surveys
    is_bad = (answers.case >= 0) & (answers.kind == surveys.CSAT) & (answers.score <= BAD_SCORE)
    answered_at = np.full(len(lived.cases.customer), MISSING)
    answered_at[answers.case[is_bad]] = answers.answered_at[is_bad]
    return answered_at


def _dates(instants: np.ndarray) -> np.ndarray:
    """Local dates; NaT where MISSING."""
    is_missing = instants == MISSING
    days = local_day(np.where(is_missing, DAY, instants)).astype("datetime64[D]")
    return np.where(is_missing, NEVER, days).astype("datetime64[ns]")
