"""What one process has parsed of the project, left for the next: each task of Airflow is one.

dbt itself would read its file, look for what is new in the project, and write everything again.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from regulars import lasting

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

PARSED = "partial_parse.msgpack"  # dbt's own; it may be written without us, so its digest is kept
SEAL = "parsed_from.txt"


def take(folder: Path, key: tuple[str, ...]) -> Manifest | None:
    """What was parsed from exactly this, if it was the last in this folder."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    seal, parsed = folder / SEAL, folder / PARSED
    if not (seal.exists() and parsed.exists() and (folder / "manifest.json").exists()):
        return None
    content = parsed.read_bytes()
    if seal.read_text() != _sealed(key, content):
        return None
    with lasting.unsearched():
        manifest = Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder)
        manifest.build_flat_graph()
    return manifest


def leave(folder: Path, key: tuple[str, ...]) -> None:
    """Say from what dbt has made what lies here; it may have been told to leave nothing."""
    if (folder / PARSED).exists():
        (folder / SEAL).write_text(_sealed(key, (folder / PARSED).read_bytes()))


def _sealed(key: tuple[str, ...], content: bytes) -> str:
    made_by = [version(package) for package in ("dbt-core", "dbt-adapters", "dbt-postgres")]
    made_from = hashlib.sha256(repr((key, made_by)).encode()).hexdigest()
    return f"{made_from} {hashlib.sha256(content).hexdigest()}\n"
