"""What must hold of a night's bridge, worked out from published tables."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from regulars import warehouse
from regulars.settings import Settings

AMOUNTS = (
    "time_amount",
    "corrections_amount",
    "purchases_amount",
    "service_amount",
    "averages_amount",
    "model_amount",
    "assumptions_amount",
)


def published_values(settings: Settings) -> dict[str, Decimal]:
    """customer_id -> net_clv_12m of the live generation."""
    with warehouse.connect(settings, "analyst") as connection:
        return dict(
            connection.execute(
                "select customer_id, net_clv_12m from published.customer_lifetime_values"
            ).fetchall()
        )


def faults(
    settings: Settings, before: dict[str, Decimal], *, is_somebody_erased: bool = False
) -> list[str]:
    """What is wrong with the live bridge, given what the night before it had published and left,
    after it had erased somebody or not."""
    return [
        *_of_people(settings, before, published_values(settings)),
        *_of_totals(settings, before, published_values(settings), is_somebody_erased),
    ]


def _of_people(
    settings: Settings, before: dict[str, Decimal], now: dict[str, Decimal]
) -> list[str]:
    columns = ", ".join(("customer_id", "value_before", *AMOUNTS, "value_now"))
    with warehouse.connect(settings, "analyst") as connection:
        found = {
            row[0]: row[1:]
            for row in connection.execute(
                f"select {columns} from published.customer_value_changes".encode()
            )
        }
    wrong = [f"{who} has no bridge" for who in (before.keys() | now.keys()) - found.keys()]
    for who, (first, *amounts, last) in found.items():
        if first != before.get(who, 0):
            wrong.append(f"{who} began at {first}, published was {before.get(who)}")
        if last != now.get(who, 0):
            wrong.append(f"{who} ends at {last}, published is {now.get(who)}")
        if first + sum(amounts) != last:
            wrong.append(f"{who}: {first} and {amounts} are not {last}")
    return wrong


def _of_totals(
    settings: Settings,
    before: dict[str, Decimal],
    now: dict[str, Decimal],
    is_somebody_erased: bool,
) -> list[str]:
    with warehouse.connect(settings, "analyst") as connection:
        found = connection.execute(
            "select scope, part, amount from published.value_bridge order by scope, place"
        ).fetchall()
    scopes: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for scope, part, amount in found:
        scopes[scope][part] = amount
    wrong = [
        f"{scope}: {parts} do not add up"
        for scope, parts in scopes.items()
        if sum(parts.values()) - parts["now"] != parts["now"]
    ]
    company = scopes["company"]
    left = company["before"] + company["restated"]  # of what was published, less the erased
    if left != sum(before.values()) or company["now"] != sum(now.values()):
        wrong.append(f"the company's {company} is not from {sum(before.values())}")
    if any(parts["restated"] for parts in scopes.values()) and not is_somebody_erased:
        wrong.append("last night was valued otherwise again")
    return wrong
