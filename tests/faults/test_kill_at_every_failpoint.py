"""Kill a night (-9) at each named place; run it again; nothing may differ from a quiet night."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from regulars import failpoints
from regulars.nights.steps import STEPS
from regulars.settings import PROJECT
from tests import parsed
from tests.company import LAST_NIGHT, clone
from tests.faults.harness import INSIDE_THE_FIT
from tests.faults.quiet import Quiet
from tests.server import drop_database

# One on each kind of edge, killed one after another by `make nights`; each of all failpoints by
# itself by `make slow`. The second kill at the publication is of `publish` tried again alone, as
# Airflow tries a task again.
ONE_AFTER_ANOTHER = (
    ("load:before_commit", tuple(STEPS)),
    ("transform:before_scores_built", tuple(STEPS)),
    (INSIDE_THE_FIT, tuple(STEPS)),
    ("publish:before_commit", tuple(STEPS)[list(STEPS).index("score") :]),
    ("publish:after_commit", ("publish",)),
)


@pytest.mark.nights
def test_a_night_killed_in_one_place_after_another_equals_a_quiet_night_when_run_again(
    quiet: Quiet, tmp_path: Path
) -> None:
    _assert_nothing_differs_after(ONE_AFTER_ANOTHER, quiet, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("failpoint", failpoints.OF_NIGHTS)
def test_a_night_killed_here_and_run_again_equals_a_quiet_night(
    quiet: Quiet, failpoint: str, tmp_path: Path
) -> None:
    _assert_nothing_differs_after([(failpoint, tuple(STEPS))], quiet, tmp_path)


def _assert_nothing_differs_after(
    kills: Iterable[tuple[str, Sequence[str]]], quiet: Quiet, tmp_path: Path
) -> None:
    """Kill these steps at these failpoints, run the whole night, compare it with the quiet one."""
    settings = clone(quiet.before, parsed.COPY, tmp_path / "home")
    log = tmp_path / "night.log"
    try:
        for failpoint, steps in kills:
            ended = quiet.nights.run(settings, LAST_NIGHT, log, failpoint, steps)
            assert ended is signal.SIGKILL, f"{failpoint} was never reached:\n{log.read_text()}"
        assert quiet.nights.run(settings, LAST_NIGHT, log) == 0, log.read_text()
        quiet.assert_equals(settings)
    finally:
        drop_database(settings)


def test_every_failpoint_in_the_code_is_named_and_every_name_is_used() -> None:
    pattern = re.compile(r"failpoints\.hit\(\s*\"([^\"]+)\"")
    used = {
        name
        for file in (PROJECT / "scripts").rglob("*.py")
        for name in pattern.findall(file.read_text())
    }
    assert used == failpoints.NAMES
