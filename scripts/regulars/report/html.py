"""Templates to text: the words and drawings that every page may use."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from regulars.report import earned_words, words

TEMPLATES = Path(__file__).with_name("templates")


@cache
def environment(currency: str) -> Environment:
    """Autoescape on; a name the template misspells is an error, not a blank."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for function in (
        words.count,
        words.people,
        words.plural,
        words.percent,
        words.decimal,
        words.difference,
        words.day,
        words.short_day,
        words.long_day,
        words.month,
        words.spaced,
        words.model_name,
        words.without_addresses,
    ):
        env.globals[function.__name__] = function
        env.filters[function.__name__] = function
    env.filters["money"] = lambda amount: words.money(amount, currency)
    env.filters["signed"] = lambda amount: earned_words.signed(amount, currency)
    env.filters["cents"] = lambda amount: words.cents(amount, currency)
    return env
