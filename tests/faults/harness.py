"""Run a night in a process of its own that can be killed, without paying for imports each time."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from datetime import date
from pathlib import Path

from regulars.settings import Settings


def warm_up() -> None:
    """Import what a night needs once; children are forked from here."""
    import dbt.cli.main
    import great_expectations  # noqa: F401 - the cost is what matters
    import pandas
    import scipy.optimize  # noqa: F401

    assert dbt.cli.main
    assert pandas


def night_in_child(
    settings: Settings, as_of: date, log: Path, failpoint: str | None = None
) -> int | signal.Signals:
    """Run a night in a forked child. Returns its exit code, or the signal that ended it."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _child(settings, as_of, log, failpoint)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status))
    return os.WEXITSTATUS(status)


def _child(settings: Settings, as_of: date, log: Path, failpoint: str | None) -> None:
    """Never returns: the child must not run the parent's test session to its end."""
    code = 1
    try:
        with log.open("a") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        if failpoint:
            os.environ["REGULARS_FAILPOINT"] = failpoint
        from regulars.night import run_night

        run_night(settings, as_of)
        code = 0
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)
