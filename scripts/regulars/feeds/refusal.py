"""A file-level fault."""

from __future__ import annotations


class FileRefused(Exception):
    """The whole file is refused. The message says what, where and what to do; never a value."""
