"""Words and purchases of people who were on last night's lists, added to whole deliveries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random

HEADERS = {
    "deaths": "customer_id,died_on,is_withdrawn,reported_at",
    "erasure_requests": "request_id,customer_id,is_withdrawn,requested_at",
    "identities": "old_customer_id,customer_id,is_merged,changed_at",
}


@dataclass(frozen=True, order=True)
class Member:
    """Of a list, with the address that its file gives, and when it expects their next order."""

    customer_id: str
    address: str
    expected_on: date | None = field(default=None, compare=False)


def plant(
    random: Random, house: Path, day: date, listed: dict[str, list[Member]], claiming: set[str]
) -> None:
    """Somebody of each list that claims the contrary buys; others withdraw, unsubscribe, have died,
    ask to be erased, or do so under another account of theirs."""
    folder = house / day.isoformat()
    for name in sorted(claiming & listed.keys()):
        for place, who in enumerate(random.sample(listed[name], min(2, len(listed[name])))):
            _buys(folder, day, f"{who.customer_id}-{place}", who.customer_id)
    everybody = sorted({who for people in listed.values() for who in people})
    speakers = random.sample(everybody, min(len(WORDS), len(everybody)))
    for who, speak in zip(speakers, WORDS, strict=False):
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


def _withdraws(folder: Path, day: date, who: Member) -> None:
    _add(folder, "consents", f"{who.customer_id},email,marketing,{_at(day, 12)},false")


def _leaves(folder: Path, day: date, who: Member, outcome: str = "unsubscribed") -> None:
    contact = f"X{day:%m%d}-{who.customer_id}"
    line = f"{contact},second_purchase,{who.customer_id},email,{_at(day, 9)},{outcome}"
    _add(folder, "campaign_contacts", line)


def _complains(folder: Path, day: date, who: Member) -> None:
    _leaves(folder, day, who, "complained")


def _died(folder: Path, day: date, who: Member) -> None:
    _add(folder, "deaths", f"{who.customer_id},,false,{_at(day, 10)}")


def _erase(folder: Path, day: date, who: Member) -> None:
    line = f"X{day:%m%d}-{who.customer_id},{who.customer_id},false,{_at(day, 10)}"
    _add(folder, "erasure_requests", line)


def _other_account(folder: Path, day: date, who: Member, address: str) -> Member:
    other = Member(f"Y{day:%m%d}-{who.customer_id}", address)
    line = f"{other.customer_id},{address},,Other,Account,,,nl,NL,Europe/Amsterdam,email,false"
    _add(folder, "customers", f"{line},{_at(day, 7)},{_at(day, 7)}")
    return other


def _withdraws_elsewhere(folder: Path, day: date, who: Member) -> None:
    """Under a new account with the same address, in another spelling."""
    _withdraws(folder, day, _other_account(folder, day, who, who.address.upper()))


def _merged(folder: Path, day: date, who: Member) -> Member:
    """A new account with an address of its own, merged with theirs at once."""
    other = _other_account(folder, day, who, f"y{day:%m%d}.{who.customer_id.lower()}@example.com")
    _add(folder, "identities", f"{other.customer_id},{who.customer_id},true,{_at(day, 8)}")
    return other


def _leaves_elsewhere(folder: Path, day: date, who: Member) -> None:
    _leaves(folder, day, _merged(folder, day, who))


def _buys_elsewhere(folder: Path, day: date, who: Member) -> None:
    other = _merged(folder, day, who)
    _buys(folder, day, other.customer_id, other.customer_id)


WORDS: tuple[Callable[[Path, date, Member], None], ...] = (
    _withdraws,
    _leaves,
    _complains,
    _died,
    _erase,
    _withdraws_elsewhere,
    _leaves_elsewhere,
    _buys_elsewhere,
)
