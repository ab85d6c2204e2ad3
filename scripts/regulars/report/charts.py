"""Section data to SVG. Pure functions; colours and fonts belong to the page's style sheet.

Every drawing is one `<svg role="img">` with a title and a description for those who cannot
see it, and coordinates printed to a tenth, so that equal data gives equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor, log10

from markupsafe import Markup, escape

from regulars.phrases import count, numerals, plural, say
from regulars.report.sections import Movement, Pair, SecondPurchasePoint, ValueBin
from regulars.report.tonight_words import moved
from regulars.report.words import decimal, named, people, percent, short_money

WIDTH, HEIGHT = 460, 250
LEFT, RIGHT, TOP, BOTTOM = 48, 14, 18, 40
NOTE_WIDTH = 130  # what a note inside a drawing takes


@dataclass(frozen=True)
class Scale:
    """A straight line from data to drawing units."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        if self.high == self.low:
            return self.start
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def vertical(high: float, low: float = 0.0) -> Scale:
    return Scale(low, high, HEIGHT - BOTTOM, TOP)


def horizontal(high: float, low: float = 0.0) -> Scale:
    return Scale(low, high, LEFT, WIDTH - RIGHT)


def nice_ticks(high: float, about: int = 4) -> list[float]:
    """Round values from 0 to the first at or above `high`: 0, 50, 100, 150 ..."""
    if high <= 0:
        return [0.0, 1.0]
    rough = high / about
    power = 10.0 ** floor(log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999999)
    ticks = [0.0]
    while ticks[-1] < high * 0.999999:
        ticks.append(round(len(ticks) * step, 10))
    return ticks


def svg(
    chart_id: str,
    title: str,
    description: str,
    body: Iterable[str],
    width: int = WIDTH,
    height: int = HEIGHT,
    fit: str = "xMidYMid",
) -> Markup:
    """Wrap drawing elements; `body` is markup of this module's own making."""
    return Markup(
        f'<svg class="chart" role="img" viewBox="0 0 {width} {height}" '
        f'preserveAspectRatio="{fit}" '
        f'aria-labelledby="{chart_id}-title {chart_id}-desc" xmlns="http://www.w3.org/2000/svg">'
        f'<title id="{chart_id}-title">{escape(title)}</title>'
        f'<desc id="{chart_id}-desc">{escape(description)}</desc>'
        f"{''.join(body)}</svg>"
    )


def text(x: float, y: float, words: str, style: str = "tick", anchor: str = "middle") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{style}" {place}>{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def path(points: Sequence[tuple[float, float]], style: str, close: bool = False) -> str:
    steps = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path class="{style}" d="M{steps}{" Z" if close else ""}"/>'


def titled(mark: str, words: str) -> str:
    """A mark that says what it is when pointed at."""
    return f"<g>{mark}<title>{escape(words)}</title></g>"


def grid(scale: Scale, ticks: Sequence[float], label: Callable[[float], str]) -> list[str]:
    """Horizontal rules with their values at the left."""
    marks = []
    for tick in ticks:
        y = scale(tick)
        marks.append(line(LEFT, y, WIDTH - RIGHT, y, "axis" if tick == 0 else "gridline"))
        marks.append(text(LEFT - 7, y + 3.5, label(tick), anchor="end"))
    return marks


def plain_number(value: float) -> str:
    return count(int(value)) if value == int(value) else numerals(f"{value:,.2f}".rstrip("0"))


# ---------------------------------------------------------------- value


def bin_label(value_bin: ValueBin, currency: str) -> str:
    if value_bin.lower is None:
        return say("below {amount}", amount=short_money(value_bin.upper or Decimal(0), currency))
    low = short_money(value_bin.lower, currency)
    if value_bin.upper is None:
        return say("{amount} and more", amount=low)
    return say("{low} to {high}", low=low, high=short_money(value_bin.upper, currency))


def value_histogram(bins: Sequence[ValueBin], currency: str) -> Markup:
    """How many people are worth how much; the bins widen as values grow."""
    total = sum(b.people for b in bins)
    ticks = nice_ticks(max(b.people for b in bins))
    rise = vertical(ticks[-1])
    slot = (WIDTH - LEFT - RIGHT) / len(bins)
    body = grid(rise, ticks, plain_number)
    for i, each in enumerate(bins):
        x, y = LEFT + i * slot, rise(each.people)
        is_loss = each.upper is not None and each.upper <= 0
        body.append(
            titled(
                f'<rect class="{"loss" if is_loss else "bar"}" x="{x + 1.5:.1f}" y="{y:.1f}" '
                f'width="{slot - 3:.1f}" height="{rise(0) - y:.1f}"/>',
                say(
                    "{band}: {people}, {share}",
                    band=bin_label(each, currency),
                    people=people(each.people),
                    share=percent(each.people / total if total else 0),
                ),
            )
        )
        if each.lower is not None and (len(bins) <= 8 or i % 2 == 1):
            body.append(text(x, HEIGHT - BOTTOM + 15, short_money(each.lower, currency)))
    body.append(
        text(LEFT, HEIGHT - 6, say("net value per person, next 12 months"), "label", "start")
    )
    largest = max(bins, key=lambda b: b.people)
    return svg(
        "value-histogram",
        say("People by net value over the next 12 months"),
        say(
            "{people}; the fullest band is {band} with {count}.",
            people=people(total),
            band=bin_label(largest, currency),
            count=count(largest.people),
        ),
        body,
    )


def concentration_curve(cumulative: Sequence[Decimal], tier_cuts: Mapping[str, int]) -> Markup:
    """Share of all net value held by the best x% of people, with the tier cuts as bands."""
    total = float(cumulative[-1])
    shares = [0.0] + [float(value) / total for value in cumulative]
    ticks = nice_ticks(max(1.0, *shares))
    across, rise = horizontal(100), vertical(ticks[-1])
    # two points for every percent of people: the curve starts at nobody, nothing
    points = [(across(i * 100 / len(cumulative)), rise(s)) for i, s in enumerate(shares)]
    body = tier_bands(across, tier_cuts)
    body += grid(rise, ticks, lambda tick: percent(tick))
    body.append(line(across(0), rise(0), across(100), rise(1), "even"))
    body.append(path([(across(0), rise(0)), *points, (across(100), rise(0))], "area", close=True))
    body.append(path(points, "curve"))
    body += tier_marks(across, rise, shares)
    body.append(
        text(LEFT, HEIGHT - 6, say("share of people, most valuable first"), "label", "start")
    )
    return svg(
        "value-concentration",
        say("How concentrated value is"),
        "; ".join(
            say(
                "the best {cut} of people hold {share} of net value",
                cut=percent(cut / 100),
                share=percent(share_at(shares, cut)),
            )
            for cut in (1, 5, 10, 25, 50)
        ),
        body,
    )


def share_at(shares: Sequence[float], cut: int) -> float:
    return shares[round(cut * (len(shares) - 1) / 100)]


def tier_bands(across: Scale, tier_cuts: Mapping[str, int]) -> list[str]:
    bands, start = [], 0
    for i, (tier, cut) in enumerate(tier_cuts.items()):
        x, width = across(start), across(cut) - across(start)
        bands.append(
            titled(
                f'<rect class="band band-{i}" x="{x:.1f}" y="{TOP}" width="{width:.1f}" '
                f'height="{HEIGHT - BOTTOM - TOP}"/>',
                say(
                    "{tier}: best {low} to {high}",
                    tier=named(tier),
                    low=percent(start / 100),
                    high=percent(cut / 100),
                ),
            )
        )
        start = cut
    return bands


def tier_marks(across: Scale, rise: Scale, shares: Sequence[float]) -> list[str]:
    marks = []
    for cut in (1, 5, 10, 25, 50, 100):
        if cut >= 10:
            marks.append(text(across(cut), HEIGHT - BOTTOM + 15, percent(cut / 100)))
    for cut in (10, 25, 50):
        share = share_at(shares, cut)
        marks.append(f'<circle class="dot" cx="{across(cut):.1f}" cy="{rise(share):.1f}" r="3.5"/>')
        marks.append(text(across(cut) + 8, rise(share) + 13, percent(share), "value", "start"))
    return marks


# ---------------------------------------------------------------- relationships


def second_purchase_curve(
    points: Sequence[SecondPurchasePoint], from_day: int | None, to_day: int | None
) -> Markup:
    """Share who have bought again within so many days, and the window in which to nudge."""
    last_day = max(p.day for p in points)
    ticks = nice_ticks(max(p.share for p in points) or 0.1)
    across, rise = horizontal(last_day), vertical(ticks[-1])
    body = []
    if from_day is not None and to_day is not None:
        body += nudge_window(across, from_day, to_day)
    body += grid(rise, ticks, lambda tick: percent(tick))
    body.append(path(stairs(points, across, rise), "curve"))
    step = 30 if last_day <= 120 else 90
    for on in range(0, last_day + 1, step):
        body.append(text(across(on), HEIGHT - BOTTOM + 15, count(on)))
    body.append(text(LEFT, HEIGHT - 6, say("days since the first purchase"), "label", "start"))
    window = (
        say(
            "; the nudge window is day {from_day} to day {to_day}", from_day=from_day, to_day=to_day
        )
        if from_day
        else ""
    )
    return svg(
        "second-purchase",
        say("When the second purchase comes"),
        say(
            "{share} have bought again within {days} days{window}.",
            share=percent(points[-1].share, 1),
            days=last_day,
            window=window,
        ),
        body,
    )


def nudge_window(across: Scale, from_day: int, to_day: int) -> list[str]:
    x, end = across(from_day), across(min(to_day, int(across.high)))
    return [
        f'<rect class="window" x="{x:.1f}" y="{TOP}" width="{max(end - x, 1):.1f}" '
        f'height="{HEIGHT - BOTTOM - TOP}"/>',
        text(
            x + 6,
            TOP + 13,
            say("nudge, day {from_day} to {to_day}", from_day=from_day, to_day=to_day),
            "note",
            "start",
        ),
    ]


def stairs(
    points: Sequence[SecondPurchasePoint], across: Scale, rise: Scale
) -> list[tuple[float, float]]:
    """A Kaplan-Meier curve holds its value until the next event."""
    drawn = [(across(0), rise(0))]
    for point in sorted(points, key=lambda p: p.day):
        drawn += [(across(point.day), drawn[-1][1]), (across(point.day), rise(point.share))]
    return drawn


# ---------------------------------------------------------------- model check


def expected_against_actual(pairs: Sequence[Pair]) -> Markup:
    """Orders per frequency band: a ring where the model said, a dot where it came out."""
    ticks = nice_ticks(max(max(p.expected, p.actual) for p in pairs))
    rise = vertical(ticks[-1])
    slot = (WIDTH - LEFT - RIGHT) / len(pairs)
    body = grid(rise, ticks, plain_number)
    for i, pair in enumerate(pairs):
        x, expected, actual = LEFT + (i + 0.5) * slot, rise(pair.expected), rise(pair.actual)
        band = f"{pair.at}+" if pair.at == pairs[-1].at and pair.at >= 7 else str(pair.at)
        body.append(
            titled(
                line(x, expected, x, actual, "stem")
                + f'<circle class="actual" cx="{x:.1f}" cy="{actual:.1f}" r="5"/>'
                + f'<circle class="expected" cx="{x:.1f}" cy="{expected:.1f}" r="6.5"/>',
                say(
                    "{band} earlier repeats: expected {expected}, actual {actual}",
                    band=band,
                    expected=decimal(pair.expected),
                    actual=decimal(pair.actual),
                ),
            )
        )
        body.append(text(x, HEIGHT - BOTTOM + 15, band))
    body.append(text(LEFT, HEIGHT - 6, say("repeat purchases before the test"), "label", "start"))
    body += legend()
    return svg(
        "by-frequency",
        say("Orders in the backtest, expected against actual, by earlier repeats"),
        against(pairs),
        body,
    )


def against(pairs: Sequence[Pair]) -> str:
    """The figures of a drawing, for those who cannot see it."""
    return "; ".join(
        say(
            "{at}: {expected} against {actual}",
            at=p.at,
            expected=decimal(p.expected),
            actual=decimal(p.actual),
        )
        for p in pairs
    )


def legend() -> list[str]:
    y = HEIGHT - 9.5
    return [
        f'<circle class="actual" cx="{WIDTH - 142}" cy="{y}" r="4.5"/>',
        text(WIDTH - 133, y + 3.5, say("actual"), "label", "start"),
        f'<circle class="expected" cx="{WIDTH - 72}" cy="{y}" r="5"/>',
        text(WIDTH - 62, y + 3.5, say("expected"), "label", "start"),
    ]


def tracking(pairs: Sequence[Pair], held_back_days: int | None) -> Markup:
    """Cumulative repeat purchases week by week: the model's line against what happened."""
    weeks = max(p.at for p in pairs)
    ticks = nice_ticks(max(max(p.expected, p.actual) for p in pairs))
    across, rise = horizontal(weeks), vertical(ticks[-1])
    body = held_back(across, weeks - held_back_days / 7) if held_back_days else []
    body += grid(rise, ticks, plain_number)
    body.append(path([(across(p.at), rise(p.expected)) for p in pairs], "line-expected"))
    body.append(path([(across(p.at), rise(p.actual)) for p in pairs], "line-actual"))
    step = 2 if weeks <= 12 else 4 if weeks <= 30 else 13
    for week in range(0, weeks + 1, step):
        body.append(text(across(week), HEIGHT - BOTTOM + 15, str(week)))
    last = pairs[-1]
    body.append(text(LEFT, HEIGHT - 6, say("weeks since the first order"), "label", "start"))
    body += line_legend()
    return svg(
        "tracking",
        say("Cumulative repeat purchases, week by week"),
        plural(
            last.at,
            "After {number} week the model expected {expected} repeats and {actual} came.",
            "After {number} weeks the model expected {expected} repeats and {actual} came.",
            expected=decimal(last.expected, 0),
            actual=decimal(last.actual, 0),
        ),
        body,
    )


def held_back(across: Scale, from_week: float) -> list[str]:
    """The part of the window that the model had not seen."""
    x, end = across(max(from_week, 0)), across(across.high)
    is_wide = end - x > NOTE_WIDTH
    return [
        f'<rect class="unseen-weeks" x="{x:.1f}" y="{TOP}" width="{end - x:.1f}" '
        f'height="{HEIGHT - BOTTOM - TOP}"/>',
        text(
            x + 6 if is_wide else x - 6,
            TOP + 13,
            say("not seen by the model"),
            "note",
            "start" if is_wide else "end",
        ),
    ]


def line_legend() -> list[str]:
    y = HEIGHT - 9.5
    return [
        line(WIDTH - 154, y, WIDTH - 138, y, "line-actual"),
        text(WIDTH - 133, y + 3.5, say("actual"), "label", "start"),
        line(WIDTH - 84, y, WIDTH - 67, y, "line-expected"),
        text(WIDTH - 62, y + 3.5, say("expected"), "label", "start"),
    ]


# ---------------------------------------------------------------- movement


def movement_strip(code: str, movement: Movement) -> Markup:
    """Who entered, stayed and left, as one strip in that order."""
    width, height = 300, 10
    parts = (("entered", movement.entered), ("stayed", movement.stayed), ("left", movement.left))
    total = sum(size for _, size in parts)
    body, x = [], 0.0
    for style, size in parts:
        span = width * size / total if total else 0
        if span:
            body.append(
                f'<rect class="{style}" x="{x:.1f}" y="0" width="{max(span - 1.5, 0.5):.1f}" '
                f'height="{height}"/>'
            )
        x += span
    return svg(
        f"movement-{code}".replace("_", "-"),
        say("Movement since the last published night"),
        f"{moved(movement)}.",
        body,
        width=width,
        height=height,
        fit="none",
    )
