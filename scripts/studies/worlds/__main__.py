"""`make worlds`: every world through a whole night to its lists; truth beside belief.

    python -m studies.worlds                 every world, then the page
    python -m studies.worlds tiny contracts  these worlds again, then the page
    python -m studies.worlds --page          the page from what was found before

What each world gave is kept in var/studies/worlds, so that one can be run again without the others.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from regulars.gates.check import GateFailed
from regulars.nights.run import run_night
from regulars.sample_company import LAST_NIGHT, WORLDS
from regulars.settings import Settings
from studies.world_warehouse import delivered
from studies.worlds import backtests, page
from studies.worlds.findings import Findings, find

# Enough for a world to show, few enough for a minute.
CUSTOMERS = 1_200
SEED = 7


def main() -> None:
    arguments = _arguments()
    base = Settings.from_env()
    results = base.home / "studies" / "worlds"
    if not arguments.page:
        for name in arguments.worlds or WORLDS:
            _run(base, name, results)
    kept = [results / f"{name}.json" for name in WORLDS]
    page.write([Findings.read(path) for path in kept if path.exists()])


def _run(base: Settings, name: str, results: Path) -> None:
    """The last night of one world; leaves results/<name>.json."""
    started = time.perf_counter()
    home = results / name
    with delivered(base, name, home, seed=SEED, customers=CUSTOMERS) as settings:
        stopped = _night(settings)
        beliefs = find(settings, home / "truth")
        findings = Findings.of(name, stopped, beliefs, backtests.read(settings))
        findings.write(results / f"{name}.json")
    print(f"{name:<20} {stopped or 'published'} after {time.perf_counter() - started:.0f} s")


def _night(settings: Settings) -> str:
    """Run the last night; the message of the gate that stopped it, or nothing."""
    try:
        run_night(settings, LAST_NIGHT)
    except GateFailed as failed:
        return str(failed)
    return ""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m studies.worlds")
    parser.add_argument("worlds", nargs="*", choices=[*WORLDS, []], help="default: every world")
    parser.add_argument("--page", action="store_true", help="write the page, run nothing")
    return parser.parse_args()


if __name__ == "__main__":
    main()
