"""Archives of real companies' files, which may lie beside the project."""

from __future__ import annotations

import tarfile
from pathlib import Path

from regulars.settings import PROJECT

DATA = PROJECT.parent / "shared" / "data"


def is_there(archive: str) -> bool:
    return (DATA / archive).exists()


def unpack(archive: str, folder: Path) -> Path:
    """Unpack DATA/<archive> and return the folder it holds."""
    with tarfile.open(DATA / archive) as tar:
        tar.extractall(folder, filter="data")
    files = sorted(path for path in folder.rglob("*.csv") if path.is_file())
    return files[0].parent
