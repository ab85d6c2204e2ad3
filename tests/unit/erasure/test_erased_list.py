"""The list of erased people beside the database outlives a kill in the middle of a line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from regulars.erasure.erased_list import FILE, ErasedId, ErasedListDamaged, remember, remembered
from regulars.settings import PROJECT, Settings

ONE, TWO = (ErasedId(letter * 64, "2026-10-31", "the night") for letter in "ab")


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_a_line_that_a_kill_cut_harms_neither_those_before_nor_those_after(
    tmp_path: Path, cut: int
) -> None:
    settings = Settings(project=PROJECT, home=tmp_path, landing=tmp_path / "landing")
    remember(settings, [ONE, TWO])
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes()[:-cut])
    assert remembered(settings)[0] == ONE
    remember(settings, [TWO])
    assert set(remembered(settings)) == {ONE, TWO}


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content.replace(b'"as_of"', b'"as_of', 1),
        lambda content: content.replace(b"2026-10-31", b"2026-1\x00-31", 1),
        lambda content: b"\xff" + content,
        lambda content: content[:30] + b"\n" + content[content.index(b"\n") + 1 :],
        lambda content: content.removesuffix(b"\n").replace(b'"by"', b'"b"'),
        lambda content: content.replace(b"\n", b"\n\n", 1),
    ],
)
def test_any_other_line_that_cannot_be_read_is_said_by_its_number(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    settings = Settings(project=PROJECT, home=tmp_path, landing=tmp_path / "landing")
    remember(settings, [ONE, TWO])
    file = tmp_path / FILE
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ErasedListDamaged, match=r"Line [12] of erased\.jsonl cannot be read"):
        remembered(settings)


def test_a_list_of_nobody_is_empty(tmp_path: Path) -> None:
    settings = Settings(project=PROJECT, home=tmp_path, landing=tmp_path / "landing")
    assert remembered(settings) == []
    (tmp_path / FILE).touch()
    remember(settings, [ONE])
    assert remembered(settings) == [ONE]
