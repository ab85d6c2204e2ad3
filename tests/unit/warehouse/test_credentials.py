"""Passwords are their owner's from the first byte, whatever a killed process left."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from regulars.settings import Settings
from regulars.warehouse import credentials


@pytest.fixture
def open_to_all() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_to_all")
def test_passwords_are_closed_also_where_a_wider_file_was_left(tmp_path: Path) -> None:
    settings = replace(Settings.from_env(), server=tmp_path)
    (tmp_path / "credentials.tmp").write_text("half")
    (tmp_path / "credentials.tmp").chmod(0o666)
    passwords = credentials.read(settings)
    kept = tmp_path / "credentials.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert credentials.read(settings) == passwords
