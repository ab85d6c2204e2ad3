"""Sentences told a second time: a template, its facts and the language's words, without dbt."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from regulars.project import list_definitions
from regulars.project.list_words import SENTENCES
from regulars.settings import PROJECT

Facts = Mapping[str, Any]
FACT = re.compile(r"{(\w+):?(\w*)}")
UNITS = ((1440, "days"), (60, "hours"), (1, "minutes"))


@dataclass(frozen=True)
class Telling:
    """words: what macros/campaigns/words says in one language; as_of: the night."""

    words: Mapping[str, Any]
    as_of: date

    def told(self, template: str, facts: Facts) -> str | None:
        """The sentence; None if one of its facts is not known. Raises KeyError for a fact that
        nobody has worked out."""
        if any(facts[name] is None for name, _ in FACT.findall(template)):
            return None
        return FACT.sub(lambda match: self._said(facts[match[1]], match[2]), template)

    def _said(self, value: Any, form: str) -> str:
        built_in: dict[str, Callable[[Any], str]] = {
            "": str,
            "date": self._date,
            "number": self._grouped,
            "decimal": self._grouped,
            "duration": self._duration,
            "exact_duration": self._exact_duration,
            "in_100": self._in_100,
            "plain": lambda code: str(code).lower().replace("_", " "),
        }
        if form in built_in:
            return built_in[form](value)
        if form in self.words["codes"]:
            return str(self.words["codes"][form].get(value, str(value).replace("_", " ")))
        return self._counted(value, form)

    def _counted(self, value: Any, form: str) -> str:
        forms, number = self.words["forms"][form], half_up(value)
        if number == 0 and "none" in forms:
            return str(forms["none"])
        said = str(forms["one"] if number == 1 else forms["many"])
        return said.replace("#", self._grouped(number))

    def _grouped(self, number: Any) -> str:
        whole, _, digits = f"{number:,}".partition(".")
        whole = whole.replace(",", self.words["thousands_mark"])
        return f"{whole}{self.words['decimal_mark']}{digits}" if digits else whole

    def _date(self, day: date) -> str:
        month = self.words["months"][day.month - 1]
        said = str(self.words["day_of_month"].format(day=day.day, month=month))
        return said if day.year == self.as_of.year else f"{said} {day.year}"

    def _in_100(self, share: Any) -> str:
        if half_up(Decimal(share) * 100) == 100 and share < 1:
            return str(self.words["forms"]["in_100"]["almost"])
        return self._counted(Decimal(share) * 100, "in_100")

    def _duration(self, minutes: int) -> str:
        """What passed, in the largest unit of which it is two or more."""
        unit, form = next(unit for unit in UNITS if minutes >= 2 * unit[0] or unit[0] == 1)
        said = self._counted(minutes // unit, form)
        return said if minutes % unit == 0 else self.words["more_than"].replace("#", said)

    def _exact_duration(self, minutes: int) -> str:
        """What was promised, in the largest unit of which it is two or more and no part."""
        unit, form = next(
            unit
            for unit in UNITS
            if unit[0] == 1 or (minutes >= 2 * unit[0] and minutes % unit[0] == 0)
        )
        return self._counted(minutes // unit, form)


def half_up(value: Any) -> int:
    """Rounded to a whole number, halves away from zero."""
    value = Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else value
    return int(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP))


# ---------- every sentence there is, with facts to try it with


@cache
def every_sentence(language: str) -> dict[str, str]:
    """`list kind name` → template, of all lists."""
    lists = list_definitions.for_dbt(PROJECT / "dbt_project")
    return {
        f"{code} {kind} {name}": template
        for code, entry in lists.items()
        for kind in SENTENCES
        for name, template in entry["definition"]["words"][language].get(kind, {}).items()
    }


def facts_in(template: str) -> dict[tuple[str, str], None]:
    """(fact, form) in the order of the sentence, each once."""
    return dict.fromkeys(FACT.findall(template))


def example(telling: Telling, fact: str, form: str, count: int) -> Any:
    """A value of a fact: the count itself where one is told, else something that fits."""
    if form == "date":
        return date(2024 + count % 3, 3, 1 + count % 3)
    if form == "in_100":
        return Decimal(count) / 100
    if form in telling.words["codes"]:
        codes = list(telling.words["codes"][form])
        return codes[count % len(codes)]
    return TEXTS.get(fact, count)


TEXTS = {
    "currency": "EUR",
    "product_name": "Kettle 1",
    "event_name": "Open day",
    "other_cases": "K1, K2",
    "first_category": "Coffee_Beans",
    "due_category": "Coffee_Beans",
    "suggested_category": "Coffee_Beans",
    "expert_category": "Coffee_Beans",
}


def literal(value: Any) -> str:
    """The value in SQL."""
    if isinstance(value, date):
        return f"date '{value}'"
    return f"'{value}'" if isinstance(value, str) else str(value)
