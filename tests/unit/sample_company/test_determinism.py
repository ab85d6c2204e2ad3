from __future__ import annotations

import ast
import hashlib
from datetime import date
from pathlib import Path

import pytest

import regulars.sample_company
from regulars.sample_company import SampleExists, UnknownWorld, generate
from regulars.sample_company.delivered_files import ON_CHANGE

SOURCES = sorted(Path(regulars.sample_company.__file__).parent.rglob("*.py"))
SHORT = {"customers": 250, "first_night": date(2025, 9, 1), "last_night": date(2025, 12, 31)}


def digest(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def made(root: Path, seed: int) -> dict[str, str]:
    generate(root / "landing", root / "truth", seed=seed, **SHORT)
    return digest(root)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    first, again, other = (
        made(tmp_path / name, seed) for name, seed in (("a", 3), ("b", 3), ("c", 4))
    )
    assert first == again
    assert len(first) > 500
    differing = [name for name in first if first[name] != other.get(name)]
    assert any("orders" in name for name in differing)
    assert any("truth" in name for name in differing)


def test_a_known_company_has_not_changed_unnoticed(tmp_path: Path) -> None:
    """The demo's numbers are quoted in the docs: a change here is a decision, not an accident."""
    files = made(tmp_path, 3)
    csv_files = {name: found for name, found in files.items() if name.endswith(".csv")}
    after_sale = {n: f for n, f in csv_files.items() if Path(n).stem in ON_CHANGE - {"products"}}
    first_nine = {n: f for n, f in csv_files.items() if n not in after_sale}
    assert (whole(first_nine), whole(after_sale)) == ("26fa3b66218fba73", "cf52cf723b61191f")


def whole(files: dict[str, str]) -> str:
    return hashlib.sha256("".join(map("".join, sorted(files.items()))).encode()).hexdigest()[:16]


def test_no_part_reads_a_clock_or_draws_outside_its_stream() -> None:
    forbidden = {"now", "today", "utcnow", "time_ns", "perf_counter", "default_rng", "getrandbits"}
    assert len(SOURCES) > 15
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not attributes & forbidden, path.name
        modules = {
            name.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for name in node.names
        }
        assert not modules & {"time", "random", "secrets", "uuid"}, path.name


def test_existing_deliveries_are_left_alone_unless_told(tmp_path: Path) -> None:
    before = made(tmp_path, 3)
    with pytest.raises(SampleExists, match="another folder"):
        made(tmp_path, 4)
    assert digest(tmp_path) == before
    generate(tmp_path / "landing", tmp_path / "truth", seed=4, replace=True, **SHORT)
    assert digest(tmp_path) != before


def test_another_companys_truth_is_left_alone_unless_told(tmp_path: Path) -> None:
    made(tmp_path, 3)
    before = digest(tmp_path)
    with pytest.raises(SampleExists, match="truth of another company"):
        generate(tmp_path / "sibling", tmp_path / "truth", seed=4, **SHORT)
    assert digest(tmp_path) == before
    generate(tmp_path / "sibling", tmp_path / "truth", seed=3, **SHORT)  # the same one, again


def test_truth_inside_the_deliveries_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="outside"):
        generate(tmp_path, tmp_path / "house" / "truth", **SHORT)


def test_an_unknown_world_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownWorld, match="kettle_and_crane"):
        generate(tmp_path / "landing", tmp_path / "truth", world="atlantis", **SHORT)
