"""Kill a night (-9) at each named place; run it again; nothing may differ from a quiet night."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from regulars import failpoints
from regulars.settings import PROJECT, Settings
from tests.company import LAST_NIGHT, clone, difference, files_of, fingerprint
from tests.faults.harness import Nights
from tests.server import drop_database, durable

# One on each kind of edge in every `make test`; all of them in `make slow`.
SOON = {
    "load:before_commit",
    "transform:before_scores_built",
    "publish:before_commit",
    "publish:after_commit",
}


@dataclass(frozen=True)
class Quiet:
    """A company before the night, and what an undisturbed night makes of it."""

    nights: Nights
    before: Settings
    tables: dict[str, str]
    files: dict[str, str]


@pytest.fixture(scope="module")
def quiet(company: Settings, company_before: Settings) -> Iterator[Quiet]:
    nights = Nights()
    with durable(company):
        yield Quiet(
            nights, company_before, fingerprint(company), files_of(company.home / "current")
        )
    nights.close()


@pytest.mark.parametrize(
    "failpoint",
    [
        pytest.param(name, marks=() if name in SOON else pytest.mark.slow)
        for name in failpoints.NAMES
    ],
)
def test_a_night_killed_here_and_run_again_equals_a_quiet_night(
    quiet: Quiet, failpoint: str, tmp_path: Path
) -> None:
    settings = clone(quiet.before, "killed", tmp_path / "home")
    log = tmp_path / "night.log"
    try:
        ended = quiet.nights.run(settings, LAST_NIGHT, log, failpoint)
        assert ended is signal.SIGKILL, f"the night never reached {failpoint}:\n{log.read_text()}"
        assert quiet.nights.run(settings, LAST_NIGHT, log) == 0, log.read_text()
        assert difference(fingerprint(settings), quiet.tables) == []
        assert files_of(settings.home / "current") == quiet.files
    finally:
        drop_database(settings)


def test_every_failpoint_in_the_code_is_named_and_every_name_is_used() -> None:
    pattern = re.compile(r"failpoints\.hit\(\s*\"([^\"]+)\"")
    used = {
        name
        for file in (PROJECT / "scripts").rglob("*.py")
        for name in pattern.findall(file.read_text())
    }
    assert used == {*failpoints.NAMES, *failpoints.OF_ERASURES}
