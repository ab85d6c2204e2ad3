"""What Jinja has compiled of dbt's models and macros, left for the next night. Imports dbt: import
it late.

A night renders some six hundred templates, and to compile one takes longer than to render it.
"""

from __future__ import annotations

from functools import partialmethod
from importlib.metadata import version
from pathlib import Path
from pickle import UnpicklingError
from types import CodeType

from dbt_common.clients.jinja import MacroFuzzEnvironment
from jinja2 import Environment, nodes
from jinja2.bccache import Bucket, BytecodeCache, FileSystemBytecodeCache

from regulars.private_files import make_folder

FOLDER = "templates"
MADE_BY = " ".join(version(package) for package in ("jinja2", "dbt-common", "dbt-core"))


class Templates(FileSystemBytecodeCache):
    """One file each; of one that is not whole (the disk lost it) nothing is known."""

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except (EOFError, UnpicklingError):
            bucket.reset()


def keep(folder: Path) -> None:
    """From now on in this process, dbt takes what is compiled from `folder`, and leaves it there.

    A template is known by its text: one that has changed is another.
    """
    left = Templates(str(make_folder(folder / FOLDER)))
    MacroFuzzEnvironment.compile = partialmethod(_compiled, left)  # type: ignore[assignment]


def _compiled(
    environment: Environment, left: BytecodeCache, source: str | nodes.Template, *more: object
) -> CodeType:
    """As Jinja's own, which dbt calls with a text alone."""
    if more or not isinstance(source, str):
        return Environment.compile(environment, source, *more)  # type: ignore[call-overload,no-any-return]
    name = f"{MADE_BY} {type(environment).__name__} {source}"
    bucket = left.get_bucket(environment, name, None, source)
    if bucket.code is None:
        bucket.code = Environment.compile(environment, source)
        left.set_bucket(bucket)
    return bucket.code
