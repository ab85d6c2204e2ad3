"""What the tests of other engines share."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from regulars.engines.dbt_results import FAILED
from tests.engines.engines import QUICK_START


@pytest.fixture(scope="module")
def quick_start() -> Iterator[None]:
    """Spark reads its own configuration from here, as from a company's folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(QUICK_START))
        yield


ATTEMPT = re.compile(r"/\S+/[0-9a-f]{8}\b")  # as the message of a failed build names its folder
LINES = 60


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a session said that failed is shown: these tests have no rows but made-up ones."""
    report = yield
    for attempt in ATTEMPT.findall(str(call.excinfo.value)) if call.excinfo else ():
        report.sections += _said(Path(attempt))
    return report


def _said(attempt: Path) -> Iterator[tuple[str, str]]:
    """(title, text) of the session's last words, and of what dbt said of its failures."""
    if (log := attempt / "session.log").is_file():
        with log.open(errors="replace") as lines:
            yield f"end of {log}", "".join(deque(lines, LINES))
    if (answer := attempt / "answer.json").is_file():
        results = json.loads(answer.read_text()).get("results", ())
        failures = (f"{node}: {text}" for status, node, text in results if status in FAILED)
        yield f"failures in {answer}", "\n".join(failures)
