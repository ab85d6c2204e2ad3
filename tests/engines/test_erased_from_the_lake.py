"""An erasure leaves nothing in the lake, and a night that DuckDB builds again is the published one
less the erased rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from regulars.engines import engine_of
from regulars.night import Night
from regulars.nights.rebuild import rebuild
from regulars.settings import Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone
from tests.integration.test_rebuild_after_erasure import (
    Files,
    erase,
    less_the_erased,
    rows,
    somebody_on_most_lists,
)
from tests.server import drop_database

pytestmark = [pytest.mark.spark, pytest.mark.timeout(1800)]  # an erasure and a build on DuckDB


@dataclass(frozen=True)
class Erased:
    """Sources of the lake that name somebody: before they were erased, after it, and after the
    rebuild; files of the lake after the erasure; the lists as published, and built again."""

    who: str
    naming_before: set[str]
    left_in_the_lake: set[Path]
    naming_again: set[str]
    sources_again: set[str]
    published: Files
    again: Files
    result: dict[str, object]


@pytest.fixture(scope="module")
def erased(company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erased]:
    folder = tmp_path_factory.mktemp("erased_from_the_lake")
    shutil.copytree(company.landing, folder / "landing")
    cloned = clone(company, parsed.COPY, folder / "home")
    settings = replace(cloned, landing=folder / "landing", engine="duckdb")
    published = rows(settings.home / "current")
    who = somebody_on_most_lists(published)
    engine_of(settings).prepare(settings, Night(LAST_NIGHT))
    naming_before = sources_naming(settings.lake, who)
    erase(settings, who)
    left = {path for path in settings.lake.rglob("*") if path.is_file()}
    result = rebuild(settings, LAST_NIGHT, folder / "again")
    yield Erased(
        who,
        naming_before,
        left,
        sources_naming(settings.lake, who),
        {source(path, settings.lake) for path in settings.lake.rglob("*.parquet")},
        published,
        rows(folder / "again"),
        result,
    )
    drop_database(settings)


def source(file: Path, lake: Path) -> str:
    return file.relative_to(lake).parts[-2]


def sources_naming(lake: Path, who: str) -> set[str]:
    return {source(path, lake) for path in lake.rglob("*.parquet") if names(path, who)}


def names(file: Path, who: str) -> bool:
    columns = pq.read_table(file).columns
    texts = [column for column in columns if pa.types.is_string(column.type)]
    return any(pc.any(pc.equal(column, who)).as_py() for column in texts)


def test_no_file_of_the_lake_outlives_an_erasure(erased: Erased) -> None:
    assert len(erased.naming_before) > 5
    assert erased.left_in_the_lake == set()


def test_what_is_mirrored_again_names_them_nowhere(erased: Erased) -> None:
    assert erased.sources_again >= erased.naming_before
    assert erased.naming_again == set()


def test_a_night_built_again_is_the_published_one_less_the_erased_rows(erased: Erased) -> None:
    own = {name for name in erased.published if "/" not in name}
    expected = less_the_erased({name: erased.published[name] for name in own}, {erased.who})
    assert expected != {name: erased.published[name] for name in own}
    assert {name: erased.again[name] for name in own} == expected
    assert erased.result["is_identical"]
