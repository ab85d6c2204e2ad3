"""List files that are kept no longer: one that cannot go is counted, and the others go."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from regulars.erasure.erase import digest_of_all
from regulars.erasure.retention import sweep_list_files
from regulars.publication.publish import UNKNOWN_DIGEST, files_digest
from regulars.settings import PROJECT, Settings

LAST = date(2026, 12, 1)
HEAD = "customer_id,valid_until\n"


def entry(code: str) -> dict[str, Any]:
    names = (f"{code}.csv", f"{code}.rejected.csv", f"ads/{code}.csv", f"ads/{code}.rejected.csv")
    own, rejected, file, of_target = ({"name": name} for name in names)
    return {
        "file": own,
        "rejected": rejected,
        "targets": [{"files": [file], "rejected": of_target}],
    }


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two generations of two lists, all of them over."""
    made = Settings(project=PROJECT, home=tmp_path, landing=tmp_path / "landing")
    for generation in ("1", "2"):
        lists = made.generations / generation / "lists"
        (lists / "ads").mkdir(parents=True)
        for code in ("rest", "win_back"):
            for name in (f"{code}.csv", f"{code}.rejected.csv"):
                (lists / name).write_text(f"{HEAD}C1,2026-11-01\n")
                (lists / "ads" / name).write_text("email\n")
        (lists / "manifest.json").write_text(
            json.dumps({"as_of": "2026-10-29", "lists": [entry("rest"), entry("win_back")]})
        )
    return made


def refuse(monkeypatch: pytest.MonkeyPatch, method: str, ending: str) -> None:
    """An I/O error at one file, which passes."""
    sound = getattr(Path, method)

    def failing(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path.as_posix().endswith(ending):
            raise OSError(5, "Input/output error")
        return sound(path, *args, **kwargs)

    monkeypatch.setattr(Path, method, failing)


@pytest.mark.parametrize(
    ("method", "ending", "first"),
    [
        ("unlink", "1/lists/rest.csv", (15, 1)),
        ("unlink", "1/lists/ads/rest.csv", (14, 2)),
        ("open", "1/lists/rest.csv", (12, 1)),
        ("read_text", "1/lists/manifest.json", (8, 1)),
    ],
)
def test_one_that_fails_is_counted_and_goes_once_it_can(
    settings: Settings, method: str, ending: str, first: tuple[int, int]
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        refuse(monkeypatch, method, ending)
        counts = sweep_list_files(settings, LAST)
    assert counts == {"list_files_swept": first[0], "list_files_left": first[1]}
    assert sweep_list_files(settings, LAST) == {"list_files_swept": 16 - first[0]}
    assert list(settings.generations.rglob("*.csv")) == []


@pytest.mark.parametrize(
    "manifest",
    [
        "{",
        "[]",
        '{"lists": []}',
        '{"as_of": "", "lists": []}',
        '{"as_of": "2026-10-29", "lists": 0}',
        '{"as_of": "2026-10-29", "lists": [{}]}',
    ],
)
def test_a_broken_manifest_is_counted_and_keeps_its_files(
    settings: Settings, manifest: str
) -> None:
    (settings.generations / "1/lists/manifest.json").write_text(manifest)
    assert sweep_list_files(settings, LAST) == {"list_files_swept": 8, "list_files_left": 1}


@pytest.mark.parametrize(("last", "swept"), [(date(2026, 10, 29), 0), (date(2026, 10, 30), 4)])
def test_of_a_list_whose_own_file_holds_nobody_the_others_go_too(
    settings: Settings, last: date, swept: int
) -> None:
    """Everybody was rejected, and is in a target's file; nothing says how long but the night."""
    (settings.generations / "1/lists/rest.csv").write_text(HEAD)
    assert sweep_list_files(settings, last) == {"list_files_swept": swept}
    assert sweep_list_files(settings, last) == {"list_files_swept": 0}


def test_the_digest_of_a_generation_that_cannot_be_read_as_a_whole_is_unknown(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (settings.generations / name for name in ("1", "2"))
    (second / "lists/ads/rest.csv").unlink()
    assert digest_of_all(first) == files_digest(first)
    assert digest_of_all(second) == UNKNOWN_DIGEST
    refuse(monkeypatch, "read_bytes", "1/lists/win_back.csv")
    assert digest_of_all(first) == UNKNOWN_DIGEST
