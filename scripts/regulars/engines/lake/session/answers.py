"""The answer of a session, in order["answer"]; its text can quote rows."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import Any


def write(order: dict[str, Any], outcome: dict[str, Any]) -> None:
    """Whole or not at all."""
    answer = Path(order["answer"])
    unfinished = answer.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(outcome))
    unfinished.replace(answer)


def write_death(order: dict[str, Any], error: Exception) -> None:
    """Class and text of an error, also where Java, which has the text, is gone."""
    text = str(traceback.TracebackException.from_exception(error))
    write(order, {"died_of": (type(error).__name__, text)})
