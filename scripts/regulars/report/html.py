"""Templates to text: the words and drawings that every page may use."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from regulars import phrases
from regulars.report import earned_words, tonight_words, words

TEMPLATES = Path(__file__).with_name("templates")


def speaking_environment(templates: Path) -> Environment:
    """Autoescape on; a name the template misspells is an error, not a blank."""
    env = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals |= {"say": say, "spoken": phrases.spoken}
    for function in (
        phrases.count,
        words.people,
        phrases.plural,
        phrases.told,
        words.percent,
        words.decimal,
        words.difference,
        words.day,
        words.short_day,
        words.long_day,
        words.month,
        tonight_words.moved,
        tonight_words.newest,
        words.named,
        words.spaced,
        words.model_name,
        words.without_addresses,
    ):
        env.globals[function.__name__] = function
        env.filters[function.__name__] = function
    return env


def style_sheet() -> Markup:
    """The report's, with the one thing that it says."""
    swipe = json.dumps(phrases.say("Wide: swipe for the rest →"), ensure_ascii=False)
    sheet = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    return Markup(f":root {{ --swipe: {swipe}; }}\n{sheet}")


def say(english: str, **values: object) -> Markup:
    """A template's own phrase, which may hold markup; what fills it in is text."""
    return Markup(phrases.told(english)).format(**values)


@cache
def environment(currency: str) -> Environment:
    env = speaking_environment(TEMPLATES)
    env.filters["money"] = lambda amount: words.money(amount, currency)
    env.filters["signed"] = lambda amount: earned_words.signed(amount, currency)
    env.filters["cents"] = lambda amount: words.cents(amount, currency)
    return env
