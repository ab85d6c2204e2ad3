"""One person as the cells of a target's row, or the reason why there is no row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from regulars.phrases import phrase, say
from regulars.targets.declaration import TargetColumn
from regulars.targets.destinations import Destination
from regulars.targets.forms import FORMS, sha256

UNUSABLE = {
    "email": phrase("no usable e-mail address"),
    "phone_e164": phrase("no usable phone number"),
    "customer_id": phrase("no usable customer_id"),
}
SAME = {
    "email": phrase("same e-mail address as somebody who ranks higher"),
    "phone_e164": phrase("same phone number as somebody who ranks higher"),
}

Facts = Mapping[str, Any]


@dataclass
class RowMaker:
    """Makes rows of one file and counts the cells that the tool would not have taken.

    blanked  by heading, how many cells were left empty for that
    """

    destination: Destination
    blanked: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.headings = [column.heading for column in self.destination.columns]
        target = self.destination.target
        self._patterns = [target.accepts.cells.get(heading) for heading in self.headings]
        self._groups = [[self.headings.index(h) for h in group] for group in target.together]

    def row(self, facts: Facts) -> tuple[list[str], str | None]:
        """(cells, None), or ([], reason). A reason names no personal data."""
        if reason := why_refused(self.destination, facts):
            return [], reason
        cells = []
        for column, pattern in zip(self.destination.columns, self._patterns, strict=True):
            cell = written(column, facts.get(column.source))
            if cell and pattern and not pattern.fullmatch(cell):
                if column.is_required:
                    return [], say(
                        "{heading} is not as {target} takes it",
                        heading=column.heading,
                        target=self.destination.target.name,
                    )
                self.blanked[column.heading] += 1
                cell = ""
            if not cell and column.is_required:
                return [], say("no {heading}", heading=column.heading)
            cells.append(cell)
        return self._whole_groups(cells), None

    def _whole_groups(self, cells: list[str]) -> list[str]:
        for group in self._groups:
            if not all(cells[place] for place in group):
                for place in group:
                    cells[place] = ""
        return cells


def written(column: TargetColumn, value: object) -> str:
    """The text of one cell."""
    if column.values is not None:
        return column.values.get("none" if value is None else str(value), "")
    cell = FORMS[column.form](value)
    return sha256(cell) if column.is_hashed else cell


def why_refused(destination: Destination, facts: Facts) -> str | None:
    """No key, a key that somebody who ranks higher has, too young, or no consent; or None.

    facts: beside a person's, `<key>_place` (1 for the first with that address on the list) and
    `granted`, the consents that stand, as "channel:purpose" between spaces.
    """
    target = destination.target
    if not facts.get(target.key):
        return say(UNUSABLE[target.key])
    if target.key != "customer_id" and facts[f"{target.key}_place"] > 1:
        return say(SAME[target.key])
    if target.least_age and not is_old_enough(
        facts.get("birth_date"), target.least_age, facts["as_of"]
    ):
        return say("not known to be {age} or older", age=target.least_age)
    granted = (facts.get("granted") or "").split()
    missing = [f"{c} {p}" for c, p in target.consents if f"{c}:{p}" not in granted]
    return say("no consent to {what}", what=say(" and ").join(missing)) if missing else None


def is_old_enough(born: object, years: int, as_of: date) -> bool:
    """Whether somebody is known to have turned so many years old; 29 February turns on 1 March."""
    if not isinstance(born, date):
        return False
    return (born.year + years, born.month, born.day) <= (as_of.year, as_of.month, as_of.day)
