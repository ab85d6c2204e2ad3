"""The pages: templates to text, in the report's words and style."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment

from regulars.phrases import phrase
from regulars.report.html import speaking_environment, style_sheet
from regulars.web.desk import OUTCOMES

TEMPLATES = Path(__file__).with_name("templates")
CHANNELS = {
    "email": phrase("e-mail"),
    "phone": phrase("telephone"),
    "post": phrase("post"),
    "ads": phrase("advertising"),
}
KINDS = {
    "approval": phrase("approval"),
    "call": phrase("call"),
    "download": phrase("download"),
    "no": phrase("no contact any more"),
}


@cache
def _environment() -> Environment:
    env = speaking_environment(TEMPLATES)
    env.globals |= {"OUTCOMES": OUTCOMES, "CHANNELS": CHANNELS, "KINDS": KINDS}
    return env


def render(name: str, **values: object) -> str:
    """A page as text; what comes from outside stays words."""
    return _environment().get_template(f"{name}.html.j2").render(**values)


def style() -> str:
    """The report's style sheet and the desk's own after it."""
    ours = (TEMPLATES / "desk.css").read_text(encoding="utf-8")
    return f"{style_sheet()}\n{ours}"
