"""YAML that still knows on which line each value stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from regulars import own_project
from regulars.project.bounds import Bounds
from regulars.settings import SettingsError

Key = tuple[str | int, ...]
Place = tuple[str, int]  # file and line, from 1; 0 where there are no lines
DEEPEST = 50


class DeclarationError(SettingsError):
    """A declaration makes no sense; names file, line, what stands there and what is allowed."""


@dataclass(frozen=True)
class Located:
    """A value of a YAML file, and the place of every value in it by its path."""

    value: Any
    places: Mapping[Key, Place]
    key: Key = ()

    def __getitem__(self, name: str | int) -> Located:
        return Located(self.value[name], self.places, (*self.key, name))

    def get(self, name: str) -> Located | None:
        is_there = isinstance(self.value, Mapping) and self.value.get(name) is not None
        return self[name] if is_there else None

    @property
    def where(self) -> str:
        file, line = self.places[self.key]
        return f"{file}, line {line}" if line else file

    def refuse(self, what: str) -> DeclarationError:
        """The error to raise: where this stands, and what is wrong with it."""
        return DeclarationError(f"{self.where}: {what}")

    def below(self, *names: str) -> Located:
        """The same value below these names, with nothing else around it."""
        value = self.value
        for name in reversed(names):
            value = {name: value}
        inner: dict[Key, Place] = {
            (*names, *path[len(self.key) :]): place
            for path, place in self.places.items()
            if path[: len(self.key)] == self.key
        }
        above: dict[Key, Place] = {names[:depth]: inner[names] for depth in range(len(names))}
        return Located(value, {**above, **inner})

    def check_values(self, fields: Mapping[str, Bounds], more: tuple[str, ...] = ()) -> None:
        """Raise DeclarationError at a name that is neither in fields nor in more, at a value out of
        its bounds, or where this is no mapping."""
        if not isinstance(self.value, Mapping):
            raise self.refuse(f"'{self.value}' must be names with values (name: value).")
        if odd := sorted(self.value.keys() - fields.keys() - set(more)):
            raise self[odd[0]].refuse(f"'{odd[0]}' is none of {', '.join([*fields, *more])}.")
        for name, bounds in fields.items():
            (self.get(name) or self).check_within(name, bounds, self.value.get(name))

    def check_within(self, name: str, bounds: Bounds, value: Any) -> None:
        """Raise DeclarationError, told with this place, for a value out of its bounds, and for a
        number in quotes: SQL and Python would reckon with a text."""
        if fault := bounds.fault(name, value):
            raise self.refuse(fault)
        if bounds.low is not None and isinstance(value, str):
            raise self.refuse(f"{name} is a text: write the number {value} without quotes.")

    def over(self, other: Located) -> Located:
        """These values, and where they say nothing the other's; each keeps its own place."""
        upper, lower = self.below(), other.below()
        return Located(_over(upper.value, lower.value), {**lower.places, **upper.places})


def _over(upper: Any, lower: Any) -> Any:
    if not (isinstance(upper, Mapping) and isinstance(lower, Mapping)):
        return upper
    return {
        **lower,
        **{name: _over(value, lower.get(name)) for name, value in upper.items()},
    }


def read_own(path: Path, dbt_project: Path) -> Located:
    """The content of a file of the project that dbt runs or of its package, named in messages with
    the folder of the project it belongs to."""
    return read(path, own_project.layer_of(dbt_project, path).parent)


def read(path: Path, folder: Path) -> Located:
    """The content of a YAML file, named in messages relative to the folder."""
    name = str(path.relative_to(folder))
    try:
        return _located(name, path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise DeclarationError(f"{name}: is not written in UTF-8.") from None


@lru_cache(maxsize=64)
def _located(name: str, text: str) -> Located:
    """Each step reads every list: the same text is parsed once a process."""
    loader = yaml.CSafeLoader(text)
    try:
        lines: dict[Key, int] = {(): 1}  # of an empty file too
        value = _value(loader, loader.get_single_node(), (), lines)
        return Located(value, {key: (name, line) for key, line in lines.items()})
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DeclarationError(f"{name}, line {line}: no YAML: {error.problem}.") from None
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        raise DeclarationError(f"{name}, line {line}: no YAML: {error.reason}.") from None
    finally:
        loader.dispose()


def _value(
    loader: yaml.CSafeLoader, node: yaml.Node | None, key: Key, lines: dict[Key, int]
) -> Any:
    """A node as Python has it; its line, and those of all below it, are noted."""
    if node is None:
        return None
    if len(key) > DEEPEST:
        problem = f"it goes more than {DEEPEST} levels deep, or names itself as a part"
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
    lines.setdefault(key, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for name, _ in node.value:
            _note(name, key, lines)
        return {n.value: _value(loader, v, (*key, n.value), lines) for n, v in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, v, (*key, place), lines) for place, v in enumerate(node.value)]
    try:
        return loader.construct_object(node)
    except ValueError as error:  # a 30 February
        raise yaml.MarkedYAMLError(problem=str(error), problem_mark=node.start_mark) from None


def _note(name: yaml.Node, key: Key, lines: dict[Key, int]) -> None:
    """The line of a name. Twice the same would leave the last one to count, without a word."""
    if not isinstance(name, yaml.ScalarNode) or (*key, name.value) in lines:
        problem = f"{name.value!r} stands here as a name, and is none or stands here already"
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=name.start_mark)
    lines[(*key, name.value)] = name.start_mark.line + 1
