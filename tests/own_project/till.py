"""What the till of the shop in wheel_and_bell/ delivers: made up, the same each time."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random

FIRST = date(2024, 11, 1)
MEMBERS = 240
PRICES = {
    "city bicycle": ("bicycles", 890), "racing bicycle": ("bicycles", 1490),
    "tube": ("parts", 9), "chain": ("parts", 34), "brake pads": ("parts", 18),
    "first check": ("workshop", 0), "service": ("workshop", 79),
}  # fmt: skip


def deliver(landing: Path, night: date) -> None:
    """A night's files: all members, every receipt since the shop opened, and three slips of which
    two cannot be read; one of these comes again, corrected."""
    folder = landing / "till" / night.isoformat()
    folder.mkdir(parents=True)
    members, receipts = [], []
    for number in range(MEMBERS):
        joined, bought = _life(number, night)
        if joined <= night:
            members.append(
                f"m{number};m{number}@example.com;Kim;{joined};{str(number % 5 != 0).lower()}"
            )
            receipts += bought
    _write(folder / "members.csv", "member_no;mail;given_name;joined_on;mail_ok", members)
    header = "receipt_no;line_no;member_no;rung_up_at;article;shelf;pieces;price"
    _write(folder / "receipts.csv", header, receipts)
    header, at = "slip_no;member_no;asked_at", f"{night}T11:30:00+01:00"
    slips = [f"s1;m3;{at}", "s2;M0007;at noon", "s3;m8;at noon"]
    _write(folder / "goodbyes.csv", header, slips)
    _write(folder / "goodbyes.r1.csv", header, [f"s3;m9;{at}"])


def _life(number: int, night: date) -> tuple[date, list[str]]:
    """A bicycle on the first day, then parts and the workshop, at a pace of their own."""
    draw = Random(number)
    joined = day = FIRST + timedelta(days=draw.randrange(700))
    pace = draw.uniform(20, 160)
    bought: list[str] = []
    article = draw.choice(["city bicycle", "racing bicycle"])
    while day <= night and len(bought) < 40:
        shelf, price = PRICES[article]
        receipt = f"r{number}-{len(bought)}"
        bought.append(f"{receipt};1;m{number};{day}T11:30:00+01:00;{article};{shelf};1;{price}.00")
        if draw.random() < 0.15:
            break
        day += timedelta(days=1 + int(draw.expovariate(1 / pace)))
        article = draw.choice(["tube", "chain", "brake pads", "tube", "chain", "service"])
    return joined, bought


def _write(path: Path, header: str, lines: list[str]) -> None:
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
