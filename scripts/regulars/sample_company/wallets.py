"""Wallets shared with a competitor: what customers buy elsewhere, that we are never told.

Some customers buy some categories elsewhere: of the lines they would add to an order of ours, most
in those categories go to the competitor, at the same prices. The first line, what they came for,
stays ours. So their baskets show a gap beside those of like customers, which is all that a list
can see; how much really goes elsewhere stands in the truth.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from regulars.sample_company.catalogue import CATEGORIES, GIFT_CARDS
from regulars.sample_company.keyed import uniforms
from regulars.sample_company.parts import Wallet
from regulars.sample_company.records import entries
from regulars.sample_company.spend import Baskets


def shared(seed: int, wallet: Wallet, customers: int) -> np.ndarray:
    """Whether each customer buys each category elsewhere too: shape (customers, categories)."""
    customer, category = np.indices((customers, len(CATEGORIES)))
    draw = uniforms(seed, "shared wallets", customer.ravel(), category.ravel())
    return (draw.reshape(customer.shape) < wallet.shared_share) & (category != GIFT_CARDS)


def split(
    seed: int,
    wallet: Wallet,
    is_shared: np.ndarray,
    lines: Baskets,
    category: np.ndarray,
    customer: np.ndarray,
) -> tuple[Baskets, Baskets]:
    """(lines bought here, lines bought elsewhere on the same errand).

    category, customer: of each line. Lines here are numbered anew.
    """
    draw = uniforms(seed, "bought elsewhere", lines.order, lines.line_no)
    goes = is_shared[customer, category] & (draw < wallet.elsewhere_share) & (lines.line_no > 1)
    here = entries(lines, ~goes)
    place = np.arange(len(here.order))
    first = np.searchsorted(here.order, here.order, side="left")
    return replace(here, line_no=place - first + 1), entries(lines, goes)
