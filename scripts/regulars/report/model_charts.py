"""How good the law behind the forecasts was, as drawings."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from regulars.phrases import say
from regulars.report import charts
from regulars.report.sections import Pair
from regulars.report.words import decimal, percent


def decile_chart(pairs: Sequence[Pair]) -> Markup:
    """Purchases per customer in ten groups by forecast, the highest first."""
    ticks = charts.nice_ticks(max(max(p.expected, p.actual) for p in pairs))
    rise, slot = charts.vertical(ticks[-1]), _slot(len(pairs))
    body = charts.grid(rise, ticks, charts.plain_number)
    for index, pair in enumerate(pairs):
        left, expected = charts.LEFT + index * slot, rise(pair.expected)
        ring = f'<circle class="expected" cx="{left + slot / 2:.1f}" cy="{expected:.1f}" r="6.5"/>'
        body.append(
            charts.titled(
                _bar(left, slot, rise, pair.actual) + ring,
                say(
                    "tenth {tenth}: expected {expected}, actual {actual}",
                    tenth=pair.at,
                    expected=decimal(pair.expected),
                    actual=decimal(pair.actual),
                ),
            )
        )
        body.append(_under(left, slot, str(pair.at)))
    body.append(_foot(say("tenth by forecast, highest first")))
    body += charts.legend()
    return charts.svg(
        "deciles",
        say("Purchases per customer by tenth of the forecast, expected against actual"),
        charts.against(pairs),
        body,
    )


def purchases_pit_histogram(shares: Sequence[float]) -> Markup:
    return _pit_histogram(
        shares,
        "pit",
        say("tenth of each customer's law, least purchases first"),
        say("Where purchases fell in the laws that were forecast"),
    )


def sales_pit_histogram(shares: Sequence[float]) -> Markup:
    return _pit_histogram(
        shares,
        "sales-pit",
        say("tenth of each customer's law, least net sales first"),
        say("Where net sales fell in the laws that were forecast"),
    )


def _pit_histogram(shares: Sequence[float], name: str, foot: str, title: str) -> Markup:
    """Share of customers in each tenth of the law; a true law has 10% in each."""
    ticks = charts.nice_ticks(max(*shares, 0.12))
    rise, slot = charts.vertical(ticks[-1]), _slot(len(shares))
    body = charts.grid(rise, ticks, lambda tick: percent(tick))
    for index, share in enumerate(shares):
        left = charts.LEFT + index * slot
        words = say(
            "{low} to {high} of the law: {share} of customers",
            low=percent(index / 10),
            high=percent((index + 1) / 10),
            share=percent(share, 1),
        )
        body.append(charts.titled(_bar(left, slot, rise, share), words))
        body.append(_under(left, slot, str(index + 1)))
    even = rise(0.1)
    body.append(charts.line(charts.LEFT, even, charts.WIDTH - charts.RIGHT, even, "line-expected"))
    body.append(_foot(foot))
    return charts.svg(
        name,
        title,
        "; ".join(f"{n}: {percent(share, 1)}" for n, share in enumerate(shares, start=1)),
        body,
    )


def _slot(count: int) -> float:
    return (charts.WIDTH - charts.LEFT - charts.RIGHT) / count


def _bar(left: float, slot: float, rise: charts.Scale, value: float) -> str:
    top = rise(value)
    return (
        f'<rect class="bar" x="{left + 4:.1f}" y="{top:.1f}" width="{slot - 8:.1f}" '
        f'height="{rise(0) - top:.1f}"/>'
    )


def _under(left: float, slot: float, words: str) -> str:
    return charts.text(left + slot / 2, charts.HEIGHT - charts.BOTTOM + 15, words)


def _foot(words: str) -> str:
    return charts.text(charts.LEFT, charts.HEIGHT - 6, words, "label", "start")
