"""`make list-truth`: every list beside a plain rule, by what is true of those on it (ten minutes).

    python -m studies.list_truth                  five companies through a night each, then the page
    python -m studies.list_truth shared_wallets   this company again, then the page
    python -m studies.list_truth --page           the page from what was found before

What was found is kept in var/studies/list_truth.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

from regulars import warehouse
from regulars.nights.run import run_night
from regulars.sample_company import LAST_NIGHT
from regulars.settings import Settings
from studies import report
from studies.list_truth import joined
from studies.list_truth.companies import COMPANIES, USUAL
from studies.list_truth.known_truth import Truth
from studies.list_truth.questions import QUESTIONS, Question
from studies.world_warehouse import delivered

CUSTOMERS = 3_000
ON_A_LIST = """
    select customer_id{detail} from lists.{code}
    where ineligible_code is null and {only}
    order by score desc nulls last, tie_break_value desc nulls last, customer_id
"""


@dataclass(frozen=True)
class Mean:
    """Of so many people: what is measured, and the standard error of its mean."""

    people: int
    mean: float
    error: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Mean:
        if not values:
            return cls(0, math.nan, math.nan)
        mean = sum(values) / len(values)
        spread = sum((value - mean) ** 2 for value in values) / max(len(values) - 1, 1)
        return cls(len(values), mean, math.sqrt(spread / len(values)))


def main() -> None:
    base = Settings.from_env()
    results = base.home / "studies" / "list_truth"
    if "--page" not in sys.argv[1:]:
        for world in sys.argv[1:] or COMPANIES:
            found = _run(base, world, results)
            (results / f"{world}.json").write_text(json.dumps(found, indent=1) + "\n")
    found = {}
    for world in COMPANIES:
        if (results / f"{world}.json").exists():
            found |= json.loads((results / f"{world}.json").read_text())
    report.fill(
        "list-truth.md", {"lists": _lists(found), "joined": joined.table(found.get("joined", {}))}
    )


def _run(base: Settings, world: str, results: Path) -> dict[str, Any]:
    home, asked = results / world, COMPANIES[world]
    with delivered(base, asked.world, home, seed=asked.seed, customers=CUSTOMERS) as settings:
        run_night(settings, LAST_NIGHT)
        return _asked(settings, world, Truth(home / "truth", asked.world))


def _asked(settings: Settings, world: str, truth: Truth) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with warehouse.connect(settings, "admin") as connection:
        for code, question in QUESTIONS.items():
            if question.world == world:
                found[code] = [asdict(one) for one in beside(connection, code, question, truth)]
        if world == USUAL.name:
            found["joined"] = joined.compare(connection, truth)
    return found


def beside(
    connection: psycopg.Connection, code: str, question: Question, truth: Truth
) -> tuple[Mean, Mean]:
    """The list's people, and as many of the rule's, as far as the rule finds them."""
    detail = f", {question.detail}" if question.detail else ""
    named = question.list_code or code
    query = ON_A_LIST.format(code=named, detail=detail, only=question.only or "true")
    on_it = [_key(row) for row in connection.execute(query.encode())][: question.most]
    if question.detail == "unit_id":
        product: dict[str, str] = dict(
            connection.execute("select unit_id, product_id from published.fct_units").fetchall()
        )
        on_it = [(who, product[unit]) for who, unit in on_it]
    rule = [_key(row) for row in connection.execute(question.rule.encode())]
    known = question.measure(truth)
    limit = len(on_it) or question.most
    return _mean(known, on_it), _mean(known, list(dict.fromkeys(rule))[:limit])


def _key(row: tuple) -> Any:
    return row if len(row) > 1 else row[0]


def _mean(known: Mapping[Any, float], people: Sequence[Any]) -> Mean:
    return Mean.of([known.get(one, 0.0) for one in people])


# ---------- the page


def _lists(found: Mapping[str, Any]) -> str:
    lines = [
        "| list | right is | on the list | by the list | plain rule | people | by the rule | |",
        "|---|---|--:|--:|---|--:|--:|---|",
    ]
    for code, question in QUESTIONS.items():
        if code not in found:
            continue
        ours, plain = (Mean(**one) for one in found[code])
        lines.append(
            f"| `{question.list_code or code}` | {question.right} | {ours.people} |"
            f" {_said(ours, question)} | {question.rule_words} | {plain.people} |"
            f" {_said(plain, question)} | {_verdict(ours, plain)} |"
        )
    return "\n".join(lines) + "\n"


def _said(mean: Mean, question: Question) -> str:
    if not mean.people:
        return "nobody"
    if question.how == "share":
        return f"{100 * mean.mean:.0f} ± {100 * mean.error:.0f}%"
    unit = "€" if question.how == "euros" else ""
    digits = 2 if question.how == "euros" else 3
    return f"{unit}{mean.mean:,.{digits}f} ± {mean.error:.{digits}f}"


def _verdict(ours: Mean, plain: Mean) -> str:
    """Better and worse beyond two standard errors of the difference."""
    if not ours.people or not plain.people:
        return ""
    reach = 2 * math.hypot(ours.error, plain.error)
    if abs(ours.mean - plain.mean) <= reach:
        return "as good"
    return "better" if ours.mean > plain.mean else "worse"


if __name__ == "__main__":
    main()
