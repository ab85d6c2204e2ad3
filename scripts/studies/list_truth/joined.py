"""Who is one person, who lives together, who owns what and who brought whom: marts beside truth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import psycopg

from studies.list_truth.known_truth import Truth

Pairs = set[tuple]
KNOWN_UNITS = """
    select customer_id, product_id from published.fct_units
    where status = 'owned' and customer_id <> '(unknown)'
"""
REFERRALS = """
    select customer_id, brought_by_customer_id from published.customer_referrals
    where brought_by_customer_id is not null
"""


def compare(connection: psycopg.Connection, truth: Truth) -> dict[str, list[float]]:
    """What is asked -> pairs true, precision, recall."""
    person: dict[str, str] = dict(
        connection.execute(
            "select account_id, customer_id from published.customer_accounts"
        ).fetchall()
    )
    true_person = {account: who for account, who in truth.person.items() if account in person}
    told = {account: who for account, who in truth.told_persons.items() if account in person}
    owned = {(person[who], product) for who, product in truth.owned if who in person}
    brought = {(person[who], person[by]) for who, by in truth.brought if {who, by} <= person.keys()}
    return {
        "who is one person": _judged(_together(person), _together(true_person)),
        "who is one person, and the feed has said so": _judged(_together(person), _together(told)),
        "who owns a unit of which product": _judged(_pairs(connection, KNOWN_UNITS), owned),
        "who brought whom": _judged(_pairs(connection, REFERRALS), brought),
    }


def _pairs(connection: psycopg.Connection, query: str) -> Pairs:
    return set(connection.execute(query.encode()).fetchall())


def _together(group_of: Mapping[str, Any]) -> Pairs:
    groups: dict[Any, list[str]] = {}
    for who, group in sorted(group_of.items()):
        groups.setdefault(group, []).append(who)
    return {pair for group in groups.values() for pair in combinations(group, 2)}


def _judged(said: Pairs, true: Pairs) -> list[float]:
    both = len(said & true)
    return [len(true), _share(both, said), _share(both, true)]


def _share(both: int, pairs: Pairs) -> float:
    return both / len(pairs) if pairs else math.nan


def table(found: Mapping[str, list[float]]) -> str:
    lines = ["| | pairs in truth | precision | recall |", "|---|--:|--:|--:|"]
    lines += [
        f"| {asked} | {true:,.0f} | {100 * precision:.1f}% | {100 * recall:.1f}% |"
        for asked, (true, precision, recall) in found.items()
    ]
    return "\n".join(lines) + "\n"
