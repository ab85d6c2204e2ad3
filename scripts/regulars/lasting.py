"""Large libraries, imported without a search for garbage among what lasts as long as the process.

A gate's library makes half a million objects as it is imported, and dbt many as well: Python would
go through all of them again and again, and find nothing.
"""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def imported(name: str) -> None:
    """Import a library, unless it is there. Later searches for garbage pass it over."""
    if name in sys.modules:
        return
    with unsearched():
        importlib.import_module(name)
    gc.freeze()


@contextmanager
def unsearched() -> Iterator[None]:
    """Inside, nobody looks for garbage: for what makes many objects that stay."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
