"""What dbt gives to templates, for the SQL linter, which renders them without dbt.

Not used by dbt. Named in .sqlfluff as library_path.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import yaml
from jinja2 import pass_context
from jinja2.runtime import Context

_VARIABLES = yaml.safe_load((Path(__file__).parents[1] / "dbt_project.yml").read_text())["vars"]


class adapter:
    """`adapter.dispatch` finds PostgreSQL's implementation: the default one."""

    @staticmethod
    @pass_context
    def dispatch(context: Context, name: str, package: str | None = None) -> Callable:
        return context.resolve(f"default__{name}")


class _Package:
    """`regulars.<macro>`: the package's name before its own macros, as they call one another."""

    def __getattr__(self, name: str) -> Callable:
        @pass_context
        def call(context: Context, *arguments: object, **named: object) -> object:
            return context.resolve(name)(*arguments, **named)

        return call


regulars = _Package()


class dbt:
    """dbt's own macros that models use."""

    @staticmethod
    def type_string() -> str:
        return "text"

    @staticmethod
    def position(substring: str, text: str) -> str:
        return f"position({substring} in {text})"

    @staticmethod
    def listagg(measure: str, delimiter: str, order_by: str) -> str:
        return f"string_agg({measure}, {delimiter} {order_by})"


# what every run must give
_GIVEN = {"as_of": "2026-10-31", "lists": ["a_list"]}


def var(name: str, default: object = None) -> object:
    """A variable's value in dbt_project.yml, or an example of what every run must give."""
    return _GIVEN.get(name, _VARIABLES.get(name, default))
