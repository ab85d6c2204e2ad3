"""What the lock files bring in: a bill of materials, and the vulnerabilities that are known of it.

    python -m studies.audit build/sbom.json

The bill (CycloneDX 1.5) is made of the lock files alone. Vulnerabilities come from pip-audit, which
asks a public data base; where it cannot be had or reached, that is said, and the exit code is 2:
nothing known is another thing than nothing found.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
LOCKS = ("runtime", "dev")
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
VULNERABLE, NOT_REACHED = 1, 2


def components(lock: str) -> Iterator[dict[str, object]]:
    """One component a pin of a lock file, with the hashes of its distributions."""
    for pin in re.split(r"\n(?=[A-Za-z0-9])", lock):
        if found := PIN.match(pin):
            name, version = found[1].lower(), found[2]
            yield {
                "type": "library",
                "name": name,
                "version": version,
                "purl": f"pkg:pypi/{name}@{version}",
                "hashes": [{"alg": "SHA-256", "content": one} for one in HASH.findall(pin)],
            }


def bill(locks: dict[str, str]) -> dict[str, object]:
    """CycloneDX of all lock files; the same pin in two of them is one component."""
    found = {str(one["purl"]): one for text in locks.values() for one in components(text)}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "components": [found[purl] for purl in sorted(found)],
    }


def vulnerabilities(lock: Path) -> int:
    """Let pip-audit print what is known of a lock file. Returns 0, VULNERABLE or NOT_REACHED."""
    command = ["uv", "tool", "run", "pip-audit", "--disable-pip", "--require-hashes"]
    done = subprocess.run(
        [str(Path(sys.executable).with_name(command[0])), *command[1:], "--requirement", str(lock)],
        capture_output=True,
        text=True,
    )
    print(done.stdout, end="")
    if done.returncode == 0:
        return 0
    if "Found" in done.stderr and "known vulnerabilit" in done.stderr:
        return VULNERABLE
    print(f"{lock.name}: pip-audit, or its data, could not be reached: nothing is known of it.")
    return NOT_REACHED


def main(target: Path) -> int:
    locks = {name: PROJECT / "requirements" / f"{name}.txt" for name in LOCKS}
    made = bill({name: path.read_text(encoding="utf-8") for name, path in locks.items()})
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    print(f"{target}: {len(made['components'])} components")  # type: ignore[arg-type]
    return max(vulnerabilities(path) for path in locks.values())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
