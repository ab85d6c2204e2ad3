"""The bill of materials is what the lock files pin."""

from __future__ import annotations

import re

from regulars.settings import PROJECT
from studies.audit import LOCKS, bill


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
