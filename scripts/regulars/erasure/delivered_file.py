"""A delivered file as an erasure finds it, and the one that takes its place."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from regulars.feeds.model import Delivery, Feed

UNDECLARED = Delivery(path="")


class FileUnreadable(ValueError):
    """A file that is no text, or cannot be read or unpacked: nobody knows whom it names."""


class FileChanged(ValueError):
    """A file that somebody wrote to, renamed or removed while it was read."""


def limits(feed: Feed | None) -> Delivery:
    """How large a file may unpack; one that no feed declares, as any that says nothing of it."""
    return feed.delivery if feed else UNDECLARED


@contextmanager
def new_file(target: Path, like: Path, is_packed: bool = False) -> Iterator[IO[bytes]]:
    """A file that is whole or not there, with the owner and the rights of the one it replaces.

    Raises FileChanged where that is gone.
    """
    try:
        stand = like.stat()
    except FileNotFoundError:
        raise FileChanged(like.name) from None
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        os.fchmod(descriptor, stand.st_mode & 0o777)
        if os.geteuid() == 0:
            os.fchown(descriptor, stand.st_uid, stand.st_gid)
        if like.name.endswith(".gz") and not is_packed:
            with gzip.GzipFile("", "wb", fileobj=stream, mtime=0) as packed:
                yield cast(IO[bytes], packed)
        else:
            yield stream
        stream.flush()
        os.fsync(descriptor)
