"""A night on another engine, killed: what is published stays, and the next run is whole."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from regulars import failpoints
from regulars.engines.lake import folders
from regulars.night import Night
from regulars.nights.steps import STEPS
from regulars.private_files import make_missing
from regulars.settings import Settings
from tests.company import LAST_NIGHT, clone, difference, files_of, fingerprint
from tests.engines.engines import QUICK_START, SPARK
from tests.faults.harness import Nights
from tests.server import drop_database, durable

AROUND_THE_COMMIT = (
    ("publish:before_commit", tuple(STEPS)),
    ("publish:after_commit", ("publish",)),
)
# In the first layer, then in one that goes on from what the first has left.
ALL = (
    *((name, ("transform",)) for name in failpoints.OF_LAKES),
    ("engine:ordered", ("transform", "score", "value")),
    *AROUND_THE_COMMIT,
)
# Minutes each: once in every place, and none twice where only Python works.
FEW = (*((name, ("transform",)) for name in failpoints.OF_LAKES[:3]), *AROUND_THE_COMMIT)


@pytest.fixture
def nights(monkeypatch: pytest.MonkeyPatch) -> Iterator[Nights]:
    monkeypatch.setenv("SPARK_CONF_DIR", str(QUICK_START))
    served = Nights()
    yield served
    served.close()


@pytest.mark.slow
@pytest.mark.timeout(3600)  # nine nights or parts of one
@pytest.mark.parametrize(
    ("engine", "kills"),
    [
        pytest.param("duckdb", ALL, id="duckdb"),
        pytest.param("spark", FEW, id="spark", marks=SPARK.marks),
    ],
)
def test_a_night_killed_in_one_place_after_another_equals_a_quiet_night_of_postgres(
    nights: Nights,
    company_before: Settings,
    company: Settings,
    tmp_path: Path,
    engine: str,
    kills: tuple[tuple[str, tuple[str, ...]], ...],
) -> None:
    settings = replace(clone(company_before, "killed", tmp_path / "home"), engine=engine)
    log = tmp_path / "night.log"
    published = fingerprint(settings, ["published"])
    with durable(settings):
        for failpoint, steps in kills:
            ended = nights.run(settings, LAST_NIGHT, log, failpoint, steps)
            assert ended is signal.SIGKILL, f"{failpoint} was never reached:\n{log.read_text()}"
            if failpoint != "publish:after_commit":
                assert difference(fingerprint(settings, ["published"]), published) == []
                assert files_of(settings.home / "current") == files_of(
                    company_before.home / "current"
                )
        left = _leave_halves(settings)
        assert nights.run(settings, LAST_NIGHT, log) == 0, log.read_text()
    schemas = ("published", "decisions")
    assert difference(fingerprint(settings, schemas), fingerprint(company, schemas)) == []
    assert files_of(settings.home / "current") == files_of(company.home / "current")
    assert [path for path in left if path.exists()] == []
    drop_database(settings)


def _leave_halves(settings: Settings) -> list[Path]:
    """What a machine that went down leaves: a file of the mirror, an attempt, an older night."""
    (orders,) = (settings.lake / "sources/raw").glob("orders-*")
    left = [
        orders / ".7-9.parquet.unfinished",
        folders.of_night(settings, Night(LAST_NIGHT)) / "lists" / "dead" / "tables" / "x.parquet",
        settings.lake / "2026-10-01-abc" / "before_scores.json",
    ]
    for path in left:
        make_missing(path.parent)
        path.write_bytes(b"PAR1 half")
    return left
