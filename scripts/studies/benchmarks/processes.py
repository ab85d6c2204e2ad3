"""CPU of processes, as /proc has it: of those that live, and of those that they have waited for."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
PROCESSES = Path("/proc")
SET_CHILD_SUBREAPER = 36  # prctl(2)


@dataclass(frozen=True)
class Stat:
    """What /proc/<pid>/stat says: a process, its parent, and its CPU in ticks with that of the
    children it has waited for."""

    process: int
    parent: int
    ticks: int

    @classmethod
    def of(cls, text: str) -> Stat:
        fields = text.rpartition(")")[2].split()  # from the third field on: a name may hold blanks
        return cls(int(text.split(" ", 1)[0]), int(fields[1]), sum(map(int, fields[11:15])))


def living() -> Iterator[Stat]:
    """Every process that there is, and those that ended and nobody has waited for."""
    for process in PROCESSES.glob("[0-9]*"):
        try:
            yield Stat.of((process / "stat").read_text())
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue


def cpu_seconds(root: int) -> float:
    """Of a process, its children and theirs, dead ones included as far as one of them has waited
    for them: whoever may leave orphans has to adopt them."""
    before, after = _family(root), _family(root)
    while before.keys() != after.keys():  # who ended while one was read may be in it twice or not
        before, after = after, _family(root)
    return sum(before.values()) / TICKS_A_SECOND


def _family(root: int) -> dict[int, int]:
    """Ticks of a process and of its living descendants."""
    stats = {stat.process: stat for stat in living()}
    tree = {root}
    while found := {s.process for s in stats.values() if s.parent in tree} - tree:
        tree |= found
    return {process: stats[process].ticks for process in tree if process in stats}


def adopt_orphans() -> None:
    """Become the parent of what descendants leave behind, such as the Java process of a session
    that has ended: else its CPU is nobody's. Raises OSError where the kernel refuses."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
