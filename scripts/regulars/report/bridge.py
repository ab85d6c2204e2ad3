"""The bridge from last night's value to tonight's: its parts in words, and where their bars lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from regulars.phrases import phrase, say
from regulars.report.sections import Bridge, BridgePart

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "restated": phrase("Last night, valued again"),
        "time": phrase("Time passing"),
        "corrections": phrase("Refunds and corrections"),
        "purchases": phrase("Purchases"),
        "new_customers": phrase("New customers"),
        "service": phrase("Service cases"),
        "averages": phrase("Averages of country and company"),
        "refit": phrase("Models fitted anew"),
        "new_model": phrase("Another model"),
        "model": phrase("Models fitted anew, or another"),
        "assumptions": phrase("Changed settings"),
        "tier_moves": phrase("Moves between tiers"),
        "tier_cuts": phrase("Other cuts of tiers"),
    }
)


@dataclass(frozen=True)
class Bar:
    """A part as drawn: where its bar begins and how long it is, in hundredths of the width."""

    part: BridgePart
    start: float
    width: float

    @property
    def words(self) -> str:
        return say(WORDS[self.part.name])

    @property
    def is_loss(self) -> bool:
        return self.part.amount < 0


@dataclass(frozen=True)
class Waterfall:
    """Bars between the two levels. before, now: places of the levels, in hundredths."""

    before: float
    now: float
    bars: tuple[Bar, ...]


def waterfall(bridge: Bridge) -> Waterfall:
    """Each bar begins where the one before it ended. The scale holds the changes, not zero: a day
    moves a hundredth of a company's value."""
    levels = _levels(bridge.before, bridge.parts)
    low, high = min(levels), max(levels)
    places = [float(100 * (level - low) / (high - low)) if high > low else 0.0 for level in levels]
    bars = tuple(
        Bar(part, min(places[i], places[i + 1]), abs(places[i + 1] - places[i]))
        for i, part in enumerate(bridge.parts)
    )
    return Waterfall(places[0], places[-1], bars)


def _levels(before: Decimal, parts: Sequence[BridgePart]) -> list[Decimal]:
    levels = [before]
    for part in parts:
        levels.append(levels[-1] + part.amount)
    return levels


def largest(bridge: Bridge) -> str | None:
    """What moved the value most, in words; None where nothing did."""
    moved = [part for part in bridge.parts if part.amount]
    if not moved:
        return None
    return say(WORDS[max(moved, key=lambda part: abs(part.amount)).name])
