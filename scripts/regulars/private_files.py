"""Files and folders for their owner alone, from their first moment and under temporary names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, TextIO


def make_folder(path: Path) -> Path:
    """Make a folder, 0700, and those above it that are missing; one that is there is closed."""
    make_missing(path)
    path.chmod(0o700)
    return path


def make_missing(path: Path) -> Path:
    """A folder and those above it, 0700 where they are missing: `mkdir(parents=True)` would leave
    those above to the process's mask. What is there stays as its owner has it."""
    for folder in (*reversed(path.parents), path):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
    return path


def open_text(path: Path) -> TextIO:
    """Open a text file for writing, 0600; what a killed run left under that name is replaced."""
    return os.fdopen(_new(path), "w", encoding="utf-8", newline="")


def open_bytes(path: Path) -> BinaryIO:
    """The same for bytes."""
    return os.fdopen(_new(path), "wb")


def _new(path: Path) -> int:
    path.unlink(missing_ok=True)  # it may have been made wider
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def sync(path: Path) -> None:
    """Have the disk keep a file's content, or a folder's names, through a loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
