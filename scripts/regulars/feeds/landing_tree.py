"""The landing folder as a tree: anybody may have put anything there, to any depth."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

log = logging.getLogger(__name__)
Entry = os.DirEntry[str]


def contents_of(
    folder: Path,
    is_entered: Callable[[Entry], bool] = lambda entry: True,
    on_unreadable: Callable[[Path], object] = lambda folder: None,
) -> Iterator[list[Entry]]:
    """What is in a folder, and in each below it that is entered; links are not followed, but where
    the folder itself is one.

    Without recursion, which a deep tree would end. A folder that cannot be read, or a link that
    leads nowhere, is passed over, with a warning; one that is not there has nothing.
    """
    waiting = [os.fspath(folder)]
    while waiting:
        above = waiting.pop()
        try:
            with os.scandir(above) as listing:
                entries = list(listing)
        except OSError as error:
            if isinstance(error, FileNotFoundError) and not os.path.lexists(above):
                continue
            name = ascii(os.path.relpath(above, folder.parent))  # it may hold control sequences
            log.warning("the folder %s cannot be read (%s): its files wait", name, error.strerror)
            on_unreadable(Path(above))
            continue
        yield entries
        waiting += [e.path for e in entries if e.is_dir(follow_symlinks=False) and is_entered(e)]


def files_below(
    landing: Path,
    systems: Collection[str] = (),
    on_unreadable: Callable[[Path], object] = lambda folder: None,
) -> list[Path]:
    """Every regular file below a landing folder, in the order of their paths; a system's own folder
    may be a link, as it may for the loader."""
    linked = [landing / system for system in systems if (landing / system).is_symlink()]
    return sorted(
        Path(entry.path)
        for folder in (landing, *linked)
        for entries in contents_of(folder, on_unreadable=on_unreadable)
        for entry in entries
        if entry.is_file(follow_symlinks=False)
    )
