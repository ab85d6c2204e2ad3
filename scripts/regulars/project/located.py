"""YAML that still knows on which line each value stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from regulars.settings import SettingsError

Key = tuple[str | int, ...]


class DeclarationError(SettingsError):
    """A declaration makes no sense; names file, line, what stands there and what is allowed."""


@dataclass(frozen=True)
class Located:
    """A value of a YAML file, the file, and the line (from 1) of every value in it by its path."""

    file: str
    value: Any
    lines: Mapping[Key, int]
    key: Key = ()

    def __getitem__(self, name: str | int) -> Located:
        return Located(self.file, self.value[name], self.lines, (*self.key, name))

    def get(self, name: str) -> Located | None:
        is_there = isinstance(self.value, Mapping) and self.value.get(name) is not None
        return self[name] if is_there else None

    @property
    def where(self) -> str:
        return f"{self.file}, line {self.lines[self.key]}"

    def refuse(self, what: str) -> DeclarationError:
        """The error to raise: where this stands, and what is wrong with it."""
        return DeclarationError(f"{self.where}: {what}")


def read(path: Path, folder: Path) -> Located:
    """The content of a YAML file, named in messages relative to the folder."""
    name = str(path.relative_to(folder))
    loader = yaml.CSafeLoader(path.read_text(encoding="utf-8"))
    try:
        lines: dict[Key, int] = {}
        return Located(name, _value(loader, loader.get_single_node(), (), lines), lines)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DeclarationError(f"{name}, line {line}: no YAML: {error.problem}.") from None
    finally:
        loader.dispose()


def _value(
    loader: yaml.CSafeLoader, node: yaml.Node | None, key: Key, lines: dict[Key, int]
) -> Any:
    """A node as Python has it; its line, and those of all below it, are noted."""
    if node is None:
        return None
    lines.setdefault(key, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for name, _ in node.value:
            lines[(*key, name.value)] = name.start_mark.line + 1
        return {n.value: _value(loader, v, (*key, n.value), lines) for n, v in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, v, (*key, place), lines) for place, v in enumerate(node.value)]
    return loader.construct_object(node)
