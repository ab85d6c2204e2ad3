"""Words and purchases of people who were on last night's lists, added to whole deliveries."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

HEADERS = {
    "deaths": "customer_id,died_on,is_withdrawn,reported_at",
    "erasure_requests": "request_id,customer_id,is_withdrawn,requested_at",
}


def plant(random: Random, house: Path, day: date, listed: dict[str, list[str]]) -> None:
    """Somebody of each list buys; others withdraw, unsubscribe, have died, ask to be erased."""
    folder = house / day.isoformat()
    for people in listed.values():
        for place, who in enumerate(random.sample(people, min(2, len(people)))):
            _buys(folder, day, f"{who}-{place}", who)
    everybody = sorted({who for people in listed.values() for who in people})
    speakers = random.sample(everybody, min(5, len(everybody)))
    for who, speak in zip(speakers, (_withdraws, _leaves, _complains, _died, _erase), strict=False):
        speak(folder, day, who)


def _at(day: date, hour: int) -> str:
    return f"{day}T{hour:02}:15:00+01:00"


def _add(folder: Path, feed: str, line: str) -> None:
    file = folder / f"{feed}.csv"
    if not file.exists():
        file.write_text(HEADERS[feed] + "\n")
    with file.open("a") as lines:
        lines.write(line + "\n")


def _buys(folder: Path, day: date, name: str, who: str) -> None:
    order = f"X{day:%m%d}-{name}"
    at = _at(day, 11)
    _add(folder, "orders", f"{order},{who},{at},paid,sale,EUR,4.95,0.77,web,,{at}")
    _add(folder, "order_lines", f"{order},1,P0039,1,48.60,0.00,{at}")


def _withdraws(folder: Path, day: date, who: str) -> None:
    _add(folder, "consents", f"{who},email,marketing,{_at(day, 12)},false")


def _leaves(folder: Path, day: date, who: str, outcome: str = "unsubscribed") -> None:
    contact = f"X{day:%m%d}-{who}"
    line = f"{contact},second_purchase,{who},email,{_at(day, 9)},{outcome}"
    _add(folder, "campaign_contacts", line)


def _complains(folder: Path, day: date, who: str) -> None:
    _leaves(folder, day, who, "complained")


def _died(folder: Path, day: date, who: str) -> None:
    _add(folder, "deaths", f"{who},,false,{_at(day, 10)}")


def _erase(folder: Path, day: date, who: str) -> None:
    _add(folder, "erasure_requests", f"X{day:%m%d}-{who},{who},false,{_at(day, 10)}")
