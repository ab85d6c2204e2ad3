"""How the simulator is built: an island whose chances stand in one file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import regulars.sample_company

ROOT = Path(regulars.sample_company.__file__).parent
MODULES = sorted(path for path in ROOT.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Modules that a file's import statements name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            yield str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def drawn_against_numbers(tree: ast.AST) -> list[int]:
    """Lines that compare a draw with a number written on the spot, or pick by such numbers."""
    return sorted(
        {
            node.lineno
            for node in ast.walk(tree)
            if (
                isinstance(node, ast.Compare)
                and _draws(node.left)
                and _is_number(node.comparators[0])
            )
            or (
                isinstance(node, ast.Call)
                and _name(node.func) == "pick"
                and _is_number(node.args[2])
            )
        }
    )


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _draws(expression: ast.expr) -> bool:
    return any(
        isinstance(node, ast.Call) and _name(node.func) in ("random", "uniforms")
        for node in ast.walk(expression)
    )


def _is_number(expression: ast.expr) -> bool:
    parts = expression.elts if isinstance(expression, ast.Tuple) else [expression]
    return all(isinstance(part, ast.Constant) for part in parts)


def test_no_module_imports_anything_else_of_regulars() -> None:
    assert len(MODULES) > 40
    outside = {
        (str(path.relative_to(ROOT)), name)
        for path in MODULES
        for name in imported(path)
        if name.split(".")[0] == "regulars" and name.split(".")[1:2] != ["sample_company"]
    }
    assert outside == set()


def test_no_module_imports_the_face_that_imports_it() -> None:
    faces = {"regulars.sample_company"} | {
        f"regulars.sample_company.{path.parent.name}" for path in ROOT.glob("*/__init__.py")
    }
    assert "regulars.sample_company.loop" in faces
    inner = [path for path in MODULES if path.name != "__init__.py"]
    assert {path.name for path in inner if faces & set(imported(path))} == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_chances_stand_among_the_parts_and_not_beside_the_draw(path: Path) -> None:
    assert drawn_against_numbers(ast.parse(path.read_text())) == []


@pytest.mark.parametrize(
    "line",
    [
        "moved = rng.random(size) < 0.06",
        "late = is_sold & (uniforms(seed, 'late', who) <= 0.2)",
        "reason = pick(rng, size, (3, 5, 2))",
    ],
)
def test_a_chance_written_beside_its_draw_is_noticed(line: str) -> None:
    assert drawn_against_numbers(ast.parse(line)) == [1]
