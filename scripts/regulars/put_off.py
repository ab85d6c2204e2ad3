"""Libraries that another one imports and hardly ever uses, imported only once somebody does.

A gate's library names one for statistics and one for charts, which take 60 MB and a second of its
start. Python's own lazy loader imports them all the same: it is set off by whoever asks each module
that there is for its file, as `inspect` does.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


class _StandIn(ModuleType):
    """Stands for a library: has what it has, by importing it."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def put_off(*libraries: str) -> Iterator[None]:
    """Inside, whoever imports one of these is given a stand-in. What is there already is left."""
    stand_ins = {name: _StandIn(name) for name in libraries if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
