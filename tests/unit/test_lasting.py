from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars import lasting

LIBRARY = "a_large_library"


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A library that notes whether garbage is looked for as it is imported."""
    (tmp_path / f"{LIBRARY}.py").write_text("import gc\nwas_searched = gc.isenabled()\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield LIBRARY
    sys.modules.pop(LIBRARY, None)
    gc.unfreeze()


def test_nobody_looks_for_garbage_while_a_library_is_imported_nor_later_in_it(library: str) -> None:
    lasting.imported(library)
    assert not sys.modules[library].was_searched
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_what_is_there_already_is_left_as_it_is(library: str) -> None:
    lasting.imported(library)
    gc.unfreeze()
    lasting.imported(library)
    assert gc.get_freeze_count() == 0


def test_whoever_looks_for_no_garbage_goes_on_so() -> None:
    gc.disable()
    try:
        with lasting.unsearched():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_garbage_is_looked_for_again_after_a_failure() -> None:
    with pytest.raises(ModuleNotFoundError):
        lasting.imported("no_such_library")
    assert gc.isenabled()
