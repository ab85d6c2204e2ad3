"""Environments of the peers, one each: pinned, made by uv, kept under build/."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from regulars.settings import PROJECT

FOLDER = PROJECT / "build" / "peers"
_PATIENCE_SECONDS = 1200


@dataclass(frozen=True)
class Peer:
    """A library to be measured against; `pins` install it as its users had it."""

    name: str
    pins: tuple[str, ...]

    @property
    def python(self) -> Path:
        return FOLDER / self.name / "bin" / "python"


# lifetimes is archived: it needs the pandas, SciPy and autograd of its last days
LIFETIMES = Peer(
    "lifetimes",
    (
        "lifetimes==0.11.3",
        "pandas==1.5.3",
        "numpy==1.23.5",
        "scipy==1.10.1",
        "autograd==1.5",
        "pyarrow==16.1.0",
    ),
)
PYMC_MARKETING = Peer("pymc-marketing", ("pymc-marketing==0.19.2", "pyarrow"))
PEERS = (LIFETIMES, PYMC_MARKETING)


def install(peer: Peer) -> str | None:
    """Make the environment unless it is there; the reason when it cannot be made."""
    stamp = FOLDER / peer.name / "installed.txt"
    if stamp.exists() and stamp.read_text() == "\n".join(peer.pins):
        return None
    uv = Path(sys.executable).parent / "uv"
    commands: tuple[list[str | Path], ...] = (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, FOLDER / peer.name],
        [uv, "pip", "install", "--quiet", "--python", peer.python, *peer.pins],
    )
    for command in commands:
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{peer.name}: {type(error).__name__}"
        if done.returncode:
            return f"{peer.name}: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}"
    stamp.write_text("\n".join(peer.pins))
    return None
