"""What a step counted, as a line for people."""

from __future__ import annotations

from collections.abc import Mapping

# What a step says of itself, in the order it is told. Anything else is told by its name.
FACTS = {
    "loaded": "files loaded",
    "redelivered": "delivered before",
    "refused": "files refused",
    "unexpected_files": "files that no feed expects",
    "rows_loaded": "rows loaded",
    "rows_quarantined": "rows in quarantine",
    "not_yet_due": "files of later nights",
    "expectations": "expectations",
    "nodes": "tables and tests",
    "histories": "purchase histories",
    "customers": "customers",
    "rows_changed": "published rows changed",
}
# Each refused file has a line of its own in the log.
KNOWN_ANYWAY = {"group", "gate", "as_of", "suites", "rows_in", "rows_redelivered", "refusals"}


def in_words(result: Mapping[str, object]) -> str:
    """A step's result as a line for people; zeros and what the line says anyway are left out."""
    counted = [f"{result[name]:,} {words}" for name, words in FACTS.items() if result.get(name)]
    others = [
        f"{name.replace('_', ' ')}: {_in_words(value)}"
        for name, value in result.items()
        if name not in FACTS.keys() | KNOWN_ANYWAY and isinstance(value, int | str | list) and value
    ]
    return ", ".join([*counted, *others])


def _in_words(value: int | str | list[str]) -> str:
    if isinstance(value, bool):
        return "yes"
    if isinstance(value, list):
        return "; ".join(value)
    return f"{value:,}" if isinstance(value, int) else value
