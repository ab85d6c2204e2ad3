"""The one error of a file's backtest."""

from __future__ import annotations


class FileError(ValueError):
    """A file that cannot be used as it is; the message says where and what to do, and quotes
    nothing that stands in the file."""
