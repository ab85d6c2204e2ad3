"""Processes of a Spark session that this process has started, and the loss of one."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXECUTOR, DRIVER = b"CoarseGrainedExecutorBackend", b"SparkSubmit"  # in their command lines


@contextmanager
def one_lost(kind: bytes, scratch: Path) -> Iterator[list[int]]:
    """Meanwhile, kill one of a kind as soon as rows for a next stage are written to scratch.

    Yields a list that gets its process id.
    """
    lost: list[int] = []
    is_over = threading.Event()

    def watch() -> None:
        while not lost and not is_over.wait(0.1):
            if _has_shuffled(scratch) and (found := _own(kind)):
                os.kill(found[0], signal.SIGKILL)
                lost.append(found[0])

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield lost
    finally:
        is_over.set()
        watcher.join()


def _own(kind: bytes) -> list[int]:
    """Ids of those of a kind among the processes that this one has started, and theirs."""
    parents = dict(_processes())
    return [
        process for process in parents if _descends(process, parents) and kind in _command(process)
    ]


def _has_shuffled(scratch: Path) -> bool:
    names = (name for _, _, files in os.walk(scratch) for name in files)
    return any(name.startswith("shuffle_") and name.endswith(".data") for name in names)


def _processes() -> Iterator[tuple[int, int]]:
    """(process, its parent) of all that there are."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:  # it has ended meanwhile
            continue
        yield int(stat.parent.name), int(text.rpartition(")")[2].split()[1])


def _descends(process: int, parents: dict[int, int]) -> bool:
    while process in parents:
        process = parents[process]
        if process == os.getpid():
            return True
    return False


def _command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""
