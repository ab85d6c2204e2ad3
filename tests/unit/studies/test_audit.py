"""The bill of materials is what the lock files pin."""

from __future__ import annotations

import re
import subprocess

import pytest

from regulars.settings import PROJECT
from studies.audit import LOCKS, NOT_REACHED, VULNERABLE, bill, vulnerabilities


def test_every_pin_of_the_lock_files_is_in_the_bill_with_its_hashes() -> None:
    texts = {name: (PROJECT / f"requirements/{name}.txt").read_text() for name in LOCKS}
    made = bill(texts)["components"]
    assert isinstance(made, list)
    pins = {
        (name.lower(), version)
        for text in texts.values()
        for name, version in re.findall(r"(?m)^([\w.-]+)(?:\[.*?\])?==([^\s;]+)", text)
    }
    assert len(pins) > 100
    assert {(one["name"], one["version"]) for one in made} == pins
    assert all(one["hashes"] for one in made)


@pytest.mark.parametrize(
    ("ended", "complained", "code", "said"),
    [
        (0, "No known vulnerabilities found", 0, ""),
        (1, "Found 2 known vulnerabilities in 1 package", VULNERABLE, ""),
        (1, "ConnectionError: the index does not answer", NOT_REACHED, "nothing is known of it"),
        (2, "error: Failed to fetch pip-audit", NOT_REACHED, "nothing is known of it"),
    ],
)
def test_nothing_known_is_another_thing_than_nothing_found(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ended: int,
    complained: str,
    code: int,
    said: str,
) -> None:
    done = subprocess.CompletedProcess(
        [], ended, stdout="a-package 1.0 PYSEC-1\n", stderr=complained
    )
    monkeypatch.setattr("studies.audit.subprocess.run", lambda *words, **options: done)
    assert vulnerabilities(PROJECT / "requirements/runtime.txt") == code
    assert said in capsys.readouterr().out
