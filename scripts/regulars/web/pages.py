"""The pages: templates to text, in the report's words and style."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from regulars.report import words
from regulars.report.html import TEMPLATES as REPORT
from regulars.web.desk import OUTCOMES

TEMPLATES = Path(__file__).with_name("templates")


@cache
def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for function in (words.count, words.plural, words.day, words.long_day, words.spaced):
        env.filters[function.__name__] = function
    env.globals["OUTCOMES"] = OUTCOMES
    return env


def render(name: str, **values: object) -> str:
    """A page as text; what comes from outside stays words."""
    return _environment().get_template(f"{name}.html.j2").render(**values)


@cache
def style() -> str:
    """The report's style sheet and the desk's own after it."""
    ours = TEMPLATES / "desk.css"
    return "\n".join(p.read_text(encoding="utf-8") for p in (REPORT / "report.css", ours))
