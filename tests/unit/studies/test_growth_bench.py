"""What of a night grows faster than n·log n: read off costs at two sizes."""

from __future__ import annotations

from studies.benchmarks.growth import faster_than_n_log_n

FEW, MANY = 100_000, 1_000_000  # n·log n grows 12 times


def test_what_grows_with_its_square_is_named_and_the_fastest_first() -> None:
    before = {"pairs": 0.1, "worse": 0.1, "sorted": 1.0}
    after = {"pairs": 10.0, "worse": 12.0, "sorted": 12.0}
    words = faster_than_n_log_n(before, after, FEW, MANY)
    assert words == "worse × 120.0, pairs × 100.0 of 3 (allowed: × 12.0)"


def test_what_grows_with_the_people_or_less_is_not() -> None:
    before = {"everybody": 1.0, "touched": 1.0}
    after = {"everybody": 10.0, "touched": 1.0}
    assert faster_than_n_log_n(before, after, FEW, MANY) == "none of 2 (allowed: × 12.0)"


def test_what_costs_next_to_nothing_is_not_judged() -> None:
    before, after = {"start": 0.01, "new": 0.0}, {"start": 0.4, "new": 0.7}
    assert faster_than_n_log_n(before, after, FEW, MANY) == "none of 0 (allowed: × 12.0)"
