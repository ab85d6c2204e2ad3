"""The warehouse's disk is full when a step begins: a sentence that says so and what to do, readers
keep the night before, the lock is free; with room again the night equals an undisturbed one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from regulars.nights.run import run_step
from regulars.nights.steps import STEPS
from regulars.settings import Settings
from regulars.transform import TransformError
from regulars.warehouse import WarehouseError
from tests import server
from tests.company import (
    LAST_NIGHT,
    BuiltCompany,
    copy_of_company,
    difference,
    files_of,
    fingerprint,
)
from tests.faults.small_disk import no_room, small_disk

# A company on a disk of its own and a night in pieces: three minutes.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]
MEGABYTES = 1_500
FULL_AT = ("transform", "score", "value", "lists", "publish")


@dataclass
class FullInTurn:
    """A company whose disk was full at one step after another, and what was seen of each."""

    company: BuiltCompany
    said: dict[str, str] = field(default_factory=dict)
    live: dict[str, tuple[dict, dict]] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return self.company.before

    def run(self) -> None:
        """The last night, each step of FULL_AT first without room, then with it."""
        for step in STEPS:
            if step in FULL_AT:
                self._without_room(step)
            run_step(step, LAST_NIGHT, self.settings)

    def _without_room(self, step: str) -> None:
        with no_room(self.company.server):
            with pytest.raises((TransformError, WarehouseError)) as stopped:
                run_step(step, LAST_NIGHT, self.settings)
            self.said[step] = str(stopped.value)
        server.start(self.company.server)  # one that could not write its log has stopped
        self.live[step] = readers_have(self.settings)


def readers_have(settings: Settings) -> tuple[dict, dict]:
    """What is published, as tables and as files."""
    return fingerprint(settings, ["published"]), files_of(settings.home / "current")


@pytest.fixture(scope="module")
def night_before_and_full() -> Iterator[tuple[tuple[dict, dict], FullInTurn]]:
    folder = Path(tempfile.mkdtemp(prefix="regulars-company-"))
    with small_disk(folder / "server", MEGABYTES):
        company = copy_of_company(folder)
        try:
            server.start(company.server)
            before = readers_have(company.before)
            full = FullInTurn(company)
            full.run()
            yield before, full
        finally:
            server.stop(company.server)
    company.discard()


@pytest.mark.parametrize("step", FULL_AT)
def test_a_step_without_room_says_what_is_full_and_what_to_do(
    night_before_and_full: tuple[tuple[dict, dict], FullInTurn], step: str
) -> None:
    _, full = night_before_and_full
    says_it = "make room" in full.said[step]
    # one that cannot write its log stops, and nobody is left to say why
    assert says_it or "Run `regulars doctor`" in full.said[step], full.said[step]


@pytest.mark.parametrize("step", FULL_AT)
def test_readers_keep_the_night_before(
    night_before_and_full: tuple[tuple[dict, dict], FullInTurn], step: str
) -> None:
    before, full = night_before_and_full
    assert full.live[step] == before


def test_with_room_again_the_night_equals_an_undisturbed_one(
    night_before_and_full: tuple[tuple[dict, dict], FullInTurn],
) -> None:
    _, full = night_before_and_full
    undisturbed = full.company.after
    assert difference(fingerprint(full.settings), fingerprint(undisturbed)) == []
    assert readers_have(full.settings)[1] == files_of(undisturbed.home / "current")
