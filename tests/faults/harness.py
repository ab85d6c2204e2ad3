"""Run nights in processes that can be killed, without paying for imports each time.

A server process imports what a night needs and never runs one itself (dbt's parser starts
threads, which do not survive a fork); each night is a fork of it.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import IO, Any

from regulars.nights.steps import STEPS
from regulars.settings import PROJECT, Settings

INSIDE_THE_FIT = "inside the fit"  # no place in the product's own code


class Nights:
    """A server of nights: `run` forks one and waits for its end."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.harness"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self,
        settings: Settings,
        as_of: date,
        log: Path,
        failpoint: str | None = None,
        steps: Sequence[str] = tuple(STEPS),
    ) -> int | signal.Signals:
        """Returns the night's exit code, or the signal that ended it. Its words go to log."""
        order = {
            "settings": settings.to_env(),
            "as_of": as_of.isoformat(),
            "log": str(log),
            "failpoint": failpoint,
            "steps": steps,
        }
        _write(self._server.stdin, order)
        status = int(_read(self._server.stdout))
        if os.WIFSIGNALED(status):
            return signal.Signals(os.WTERMSIG(status))
        return os.WEXITSTATUS(status)

    def close(self) -> None:
        if self._server.stdin:
            self._server.stdin.close()
        self._server.wait(timeout=30)


def serve() -> None:
    """Fork a night for each order on stdin; answer with its wait status."""
    import dbt.cli.main
    import great_expectations
    import pandas
    import scipy.optimize

    warm = (dbt.cli.main, great_expectations, pandas, scipy.optimize)
    assert all(warm)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _night(order)
        _, status = os.waitpid(child, 0)
        print(status, flush=True)


def _night(order: dict) -> None:
    """Never returns: the child must not go on with the server's loop."""
    code = 1
    try:
        with Path(order["log"]).open("a") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        if order["failpoint"] == INSIDE_THE_FIT:
            _die_in_the_optimiser()
        elif order["failpoint"]:
            os.environ["REGULARS_FAILPOINT"] = order["failpoint"]
        from regulars.nights.run import run_step

        for step in order["steps"]:
            run_step(step, date.fromisoformat(order["as_of"]), Settings.from_env(order["settings"]))
        code = 0
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _die_in_the_optimiser() -> None:
    """At an evaluation of the likelihood, in the middle of a climb."""
    import scipy.optimize

    minimize = scipy.optimize.minimize

    def mortal(descent: Callable, *arguments: Any, **options: Any) -> Any:
        evaluations = itertools.count(1)

        def dying(theta: Any) -> Any:
            if next(evaluations) == 4:
                os.kill(os.getpid(), signal.SIGKILL)
            return descent(theta)

        return minimize(dying, *arguments, **options)

    scipy.optimize.minimize = mortal


def _write(stream: IO[str] | None, value: object) -> None:
    assert stream
    stream.write(json.dumps(value) + "\n")
    stream.flush()


def _read(stream: IO[str] | None) -> str:
    assert stream
    return stream.readline()


if __name__ == "__main__":
    serve()
