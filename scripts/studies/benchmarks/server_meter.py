"""What the embedded server has cost so far: CPU of all its processes, bytes of its log."""

from __future__ import annotations

from dataclasses import dataclass

from regulars import warehouse
from regulars.settings import Settings
from studies.benchmarks import processes


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
        return processes.cpu_seconds(postmaster)

    def _wal_mb(self) -> float:
        with warehouse.connect(self._settings, "admin") as connection:
            row = connection.execute(
                "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"
            ).fetchone()
        return float(row[0]) / 2**20 if row else 0.0
