"""The landing folder as a tree: anybody may have put anything there, to any depth."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

log = logging.getLogger(__name__)
Entry = os.DirEntry[str]


def contents_of(
    folder: Path, is_entered: Callable[[Entry], bool] = lambda entry: True
) -> Iterator[list[Entry]]:
    """What is in a folder, and in each below it that is entered; links are not followed.

    Without recursion, which a deep tree would end. A folder that cannot be read is passed over,
    with a warning; one that is not there has nothing.
    """
    waiting = [os.fspath(folder)]
    while waiting:
        above = waiting.pop()
        try:
            with os.scandir(above) as found:
                entries = list(found)
        except FileNotFoundError:
            continue
        except OSError as error:
            name = ascii(os.path.relpath(above, folder.parent))  # it may hold control sequences
            log.warning("the folder %s cannot be read (%s): its files wait", name, error.strerror)
            continue
        yield entries
        waiting += [e.path for e in entries if e.is_dir(follow_symlinks=False) and is_entered(e)]


def files_below(folder: Path) -> list[Path]:
    """Every regular file below a folder, in the order of their paths."""
    return sorted(
        Path(entry.path)
        for entries in contents_of(folder)
        for entry in entries
        if entry.is_file(follow_symlinks=False)
    )
