"""A company before a night, and what an undisturbed night makes of it: every fault's oracle."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.settings import Settings
from tests.company import difference, files_of, fingerprint
from tests.faults.harness import Nights


@dataclass(frozen=True)
class Quiet:
    nights: Nights
    before: Settings
    tables: dict[str, str]
    files: dict[str, str]

    def assert_equals(self, settings: Settings) -> None:
        """Tables and list files are those of the undisturbed night, byte for byte."""
        assert difference(fingerprint(settings), self.tables) == []
        assert files_of(settings.home / "current") == self.files
