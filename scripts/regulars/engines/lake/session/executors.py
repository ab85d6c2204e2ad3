"""Whether anybody works on a cluster: Spark itself would wait for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable

LOOKS = 60  # without an executor, one after the other, until nobody waits any more


class NoExecutors(Exception):
    """A cluster that nobody answers for, or on which nobody works."""


def is_left_alone(
    executors: Callable[[], int], patience_seconds: float, is_over: threading.Event
) -> bool:
    """Wait until there was no executor for so long, or it is over, and return which."""
    looks = 0
    while looks < LOOKS and not is_over.wait(patience_seconds / LOOKS):
        looks = 0 if executors() else looks + 1
    return looks == LOOKS
