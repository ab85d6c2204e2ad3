"""What the embedded server has cost so far: CPU of all its processes, bytes of its log."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from regulars import warehouse
from regulars.settings import Settings

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
PROCESSES = Path("/proc")


@dataclass(frozen=True)
class Spent:
    """CPU seconds and megabytes of log (WAL)."""

    server_cpu: float
    wal_mb: float

    def __sub__(self, before: Spent) -> Spent:
        return Spent(self.server_cpu - before.server_cpu, self.wal_mb - before.wal_mb)


class ServerMeter:
    """Reads the meters of the server that `settings` names."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def read(self) -> Spent:
        return Spent(self.cpu_seconds(), self._wal_mb())

    def cpu_seconds(self) -> float:
        """Of the postmaster, of those it has waited for, and of those that live."""
        file = self._settings.server_folder / "data" / "postmaster.pid"
        postmaster = int(file.read_text().split("\n", 1)[0])
        living = [stat for stat in _stats() if stat.parent == postmaster]
        own = _Stat.of((PROCESSES / str(postmaster) / "stat").read_text())
        ticks = own.ticks + own.waited_ticks + sum(stat.ticks for stat in living)
        return ticks / TICKS_A_SECOND

    def _wal_mb(self) -> float:
        with warehouse.connect(self._settings, "admin") as connection:
            row = connection.execute(
                "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"
            ).fetchone()
        return float(row[0]) / 2**20 if row else 0.0


@dataclass(frozen=True)
class _Stat:
    """What /proc/<pid>/stat says of a process: its parent, its CPU, that of children waited for."""

    parent: int
    ticks: int
    waited_ticks: int

    @classmethod
    def of(cls, text: str) -> _Stat:
        fields = text.rpartition(")")[2].split()  # from the third field on: a name may hold blanks
        user, system, user_waited, system_waited = map(int, fields[11:15])
        return cls(int(fields[1]), user + system, user_waited + system_waited)


def _stats() -> list[_Stat]:
    found = []
    for process in PROCESSES.glob("[0-9]*"):
        try:
            found.append(_Stat.of((process / "stat").read_text()))
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
    return found
