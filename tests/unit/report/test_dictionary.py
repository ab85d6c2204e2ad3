"""What every table means: one page, kept once for as long as the project stays the same."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from regulars.engines import target_folder
from regulars.night import Night
from regulars.report.dictionary import NAME, write_dictionary
from regulars.settings import Settings

NIGHT = Night(date(2026, 10, 31))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(project=tmp_path, home=tmp_path / "home", landing=tmp_path / "landing")


def generation(settings: Settings, number: int, meaning: str, parsed_at: float) -> Path:
    """A published generation whose project was parsed at that time."""
    column = {"name": "created_at", "description": "when they came"}
    model = {"description": meaning, "columns": {"created_at": column}, "created_at": parsed_at}
    manifest: dict[str, Any] = {
        "metadata": {"generated_at": f"{parsed_at}", "invocation_id": f"run {parsed_at}"},
        "nodes": {"model.regulars.orders": model},
        "disabled": {"model.regulars.off": [{"created_at": parsed_at}]},
    }
    folder = target_folder(settings, NIGHT)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    published = settings.generations / str(number)
    published.mkdir(parents=True)
    write_dictionary(settings, NIGHT, published)
    current = settings.home / "current"
    current.unlink(missing_ok=True)
    current.symlink_to(published)
    return published / NAME


def test_generations_of_one_project_share_the_page(settings: Settings) -> None:
    """Whenever it was parsed: a page is 5 MB, and a company keeps 400 days of generations."""
    first = generation(settings, 1, "what was ordered", parsed_at=1795999031.5)
    second = generation(settings, 2, "what was ordered", parsed_at=1796085431.25)
    assert second.samefile(first)
    page = first.read_text(encoding="utf-8")
    assert "1795999031" not in page
    assert "when they came" in page


def test_a_changed_project_has_a_page_of_its_own_and_the_earlier_keeps_its_own(
    settings: Settings,
) -> None:
    first = generation(settings, 1, "what was ordered", parsed_at=1.5)
    second = generation(settings, 2, "what was ordered and kept", parsed_at=2.5)
    assert not second.samefile(first)
    assert "kept" in second.read_text(encoding="utf-8")
    assert '"what was ordered"' in first.read_text(encoding="utf-8")
