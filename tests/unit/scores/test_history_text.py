"""Scores on their way into the database: every digit that the table keeps, and no more."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from regulars.scores.history_text import text_blocks

AS_OF = date(2026, 10, 29)


def lines(scores: pd.DataFrame) -> list[str]:
    ages = np.arange(400.0, 400.0 + len(scores))
    histories = pd.DataFrame({"frequency": 1.0, "recency": 30.0, "T": ages})
    return "".join(text_blocks(AS_OF, histories, scores)).splitlines()


def test_a_line_has_the_night_the_history_in_days_and_its_scores() -> None:
    scores = pd.DataFrame({"chance": [0.25, 1 / 3], "orders": [2, 31]})
    assert lines(scores) == [
        "2026-10-29\t1\t30\t400\t0.250000\t2",
        "2026-10-29\t1\t30\t401\t0.333333\t31",
    ]


def test_scores_are_rounded_as_text_is() -> None:
    drawn = np.random.default_rng(7).gamma(1, 10.0 ** np.arange(-6, 10), (3000, 16)).ravel()
    assert [line.split("\t")[4] for line in lines(pd.DataFrame({"score": drawn}))] == [
        f"{score:.6f}" for score in drawn
    ]


def test_more_rows_than_a_block_keep_their_order() -> None:
    written = lines(pd.DataFrame({"orders": np.arange(45_000)}))
    assert [int(line.split("\t")[4]) for line in written] == list(range(45_000))


def test_what_is_no_number_is_null_and_what_no_column_holds_is_left_to_the_table() -> None:
    assert [line.split("\t")[4] for line in lines(pd.DataFrame({"score": [np.nan, 1e20]}))] == [
        r"\N",
        "100000000000000000000.000000",
    ]


def test_no_scores_are_no_lines() -> None:
    assert lines(pd.DataFrame({"score": []})) == []
