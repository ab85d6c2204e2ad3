"""What was delivered: decisions.deliveries, a row per list, target and generation."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import date

from regulars import failpoints
from regulars.settings import Settings
from regulars.warehouse import connect


@dataclass(frozen=True)
class Delivered:
    """One copy. as_of: the day up to which it knew who said no; manifest_sha256 of what was sent
    (of the tables: of who was on the list)."""

    generation: int
    list_code: str
    target: str
    as_of: date
    place: str
    rows: int
    left_out: int
    manifest_sha256: str


def of(settings: Settings, generation: int, target: str) -> set[str]:
    """Lists of a generation that this target has."""
    with connect(settings, "transformer") as connection:
        rows = connection.execute(
            "select list_code from decisions.deliveries where generation = %s and target = %s",
            [generation, target],
        ).fetchall()
    return {code for (code,) in rows}


def note(settings: Settings, delivered: Delivered) -> None:
    with connect(settings, "transformer") as connection:
        connection.execute(
            "insert into decisions.deliveries (generation, list_code, target, as_of, place, rows,"
            " left_out, manifest_sha256) values (%s, %s, %s, %s, %s, %s, %s, %s)",
            astuple(delivered),
        )
        failpoints.hit("deliver:before_commit")
        connection.commit()
    failpoints.hit("deliver:after_commit")
