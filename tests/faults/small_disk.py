"""A disk of a few megabytes that a test fills."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """The folder, inside on a disk of its own; skips where this account may not mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    size = f"size={megabytes}m,mode=755"
    mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this account may not mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def little_room(folder: Path, megabytes: int) -> Iterator[None]:
    """Inside, a file leaves so few megabytes of the folder's disk."""
    ballast = folder / "ballast"
    with ballast.open("wb") as stream:
        for _ in range(shutil.disk_usage(folder).free // 2**20 - megabytes):
            stream.write(bytes(2**20))
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def no_room(folder: Path) -> Iterator[None]:
    """Inside, the folder's disk is full: whatever becomes free is taken at once."""
    ballast, is_full, is_over = folder / "ballast", threading.Event(), threading.Event()

    def fill() -> None:
        with ballast.open("wb", buffering=0) as stream:
            while not is_over.is_set():
                try:
                    stream.write(bytes(2**16))
                except OSError:
                    is_full.set()
                    is_over.wait(0.005)

    filling = threading.Thread(target=fill)
    filling.start()
    is_full.wait()
    try:
        yield
    finally:
        is_over.set()
        filling.join()
        ballast.unlink()
