"""docs/gates.md names every expectation; a threshold is explained where it stands."""

from __future__ import annotations

import ast
import re

import pytest

from regulars.gates.check import GATES
from regulars.gates.suites import STRENGTHS, meaning
from regulars.settings import PROJECT

DOCUMENT = (PROJECT / "docs" / "gates.md").read_text(encoding="utf-8")


def tree(gate: str) -> ast.Module:
    return ast.parse((PROJECT / "expectations" / f"{gate}.py").read_text(encoding="utf-8"))


def claims(gate: str) -> set[str]:
    """The claim of every truth(...).filled(...) and the like, and of lists.py's table of them."""
    claimed = set()
    for node in ast.walk(tree(gate)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            subject = node.func.value
            if isinstance(subject, ast.Call) and getattr(subject.func, "id", "") in STRENGTHS:
                claim = node.args[2 if node.func.attr == "one_of" else 1]
                if isinstance(claim, ast.Constant):
                    claimed.add(str(claim.value))
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "TRUE_FOR_ALL":
            claimed |= {row[1] for row in ast.literal_eval(node.value)}
    return claimed


def thresholds(gate: str) -> list[str]:
    """Lines of a module that set a number in capitals."""
    lines = (PROJECT / "expectations" / f"{gate}.py").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if re.match(r"[A-Z_, ]+ = [\d._, ]+(#|$)", line)]


def section(gate: str) -> str:
    return DOCUMENT.split(f"\n## {gate}:")[1].split("\n## ")[0]


@pytest.mark.parametrize("gate", GATES)
def test_every_expectation_has_a_line_in_the_docs_and_no_line_is_left_over(gate: str) -> None:
    rows = re.findall(r"^\| (.+?) \| (?:truth|judgement|warning)", section(gate), re.MULTILINE)
    assert len(rows) >= 10
    assert set(rows) == claims(gate)


@pytest.mark.parametrize("gate", GATES)
def test_every_threshold_says_what_it_means(gate: str) -> None:
    assert len(thresholds(gate)) >= 2
    assert [line for line in thresholds(gate) if "  # " not in line] == []


def test_every_strength_is_explained() -> None:
    for strength in STRENGTHS:
        assert f"\n| {strength} |" in DOCUMENT


def test_an_expectation_of_no_known_strength_is_refused() -> None:
    with pytest.raises(ValueError, match="truth, judgement, warning"):
        meaning("maybe", "claim", "table", "column", "what")
