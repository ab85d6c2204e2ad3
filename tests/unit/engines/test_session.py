"""A session does not outlive the process that waits for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from regulars.engines.lake.engine import SESSION

WORKS_FOR_EVER = f"""
import sys, threading
sys.path.insert(0, {str(SESSION.parent)!r})
import session
sys.stdin.readline()
session.end_with_parent()
print("at work", flush=True)
threading.Event().wait()
"""


@pytest.fixture
def working() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WORKS_FOR_EVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write("{}\n")
    process.stdin.flush()
    assert process.stdout.readline() == "at work\n"
    return process


def test_a_session_goes_on_while_somebody_waits(working: subprocess.Popen[str]) -> None:
    with working, pytest.raises(subprocess.TimeoutExpired):
        working.wait(timeout=0.5)


def test_a_session_ends_when_nobody_holds_its_pipe_any_more(
    working: subprocess.Popen[str],
) -> None:
    with working:
        assert working.stdin
        working.stdin.close()
        assert working.wait(timeout=10) == 1
