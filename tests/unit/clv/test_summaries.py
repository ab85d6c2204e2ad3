"""Transactions to histories: what counts as a purchase day, and who knew what when."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from regulars.clv import HistoryError
from regulars.clv.calendar_days import HOW
from regulars.clv.summaries import purchase_days, summarise


def lines(*rows: tuple[str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer", "date", "value"])
    return frame.assign(date=pd.to_datetime(frame["date"], format="mixed"))


def days_of(frame: pd.DataFrame, until: str = "2026-12-31") -> list[tuple[str, float]]:
    found = purchase_days(frame.assign(date=frame["date"].dt.normalize()), pd.Timestamp(until))
    return [
        (f"{day:%m-%d}", value) for day, value in zip(found["date"], found["value"], strict=True)
    ]


def test_lines_of_one_day_are_one_purchase() -> None:
    found = summarise(
        lines(("a", "2026-01-01 09:00", 10), ("a", "2026-01-01 18:00", 5), ("a", "2026-01-11", 3)),
        calibration_end=date(2026, 1, 31),
        known_until=date(2026, 1, 31),
    )
    assert found.loc["a", ["frequency", "recency", "T", "purchase_days"]].tolist() == [1, 10, 30, 2]
    assert found.loc["a", "monetary_value"] == 9


def test_gaps_are_those_between_purchase_days_that_are_left() -> None:
    rows = lines(
        ("a", "2026-01-01", 5),
        ("a", "2026-01-04", 5),
        ("a", "2026-01-05", -5),
        ("a", "2026-01-11", 5),
        ("a", "2026-01-12", 5),
        ("b", "2026-01-02", 5),
    )
    found = summarise(rows)["log_gaps"]
    assert found["a"] == pytest.approx(np.log(10) + np.log(1))
    assert found["b"] == 0


def test_a_day_returned_whole_the_same_day_is_no_purchase() -> None:
    assert days_of(lines(("a", "2026-01-01", 10.1), ("a", "2026-01-01", -10.1))) == []


def test_a_later_return_is_taken_off_the_latest_purchase_first() -> None:
    bought = [("a", "2026-01-01", 10.0), ("a", "2026-02-01", 20.0), ("a", "2026-03-01", 30.0)]
    returned = lines(*bought[:2], ("a", "2026-02-05", -25.0), bought[2])
    assert days_of(returned) == [("01-01", 5.0), ("03-01", 30.0)]


def test_a_return_of_more_than_was_ever_bought_leaves_later_purchases_alone() -> None:
    found = days_of(
        lines(("a", "2026-01-01", 10), ("a", "2026-01-09", -50), ("a", "2026-02-01", 7))
    )
    assert found == [("02-01", 7.0)]


def test_returns_of_one_customer_never_touch_another() -> None:
    found = days_of(lines(("a", "2026-01-01", 10), ("b", "2026-01-02", -10)))
    assert found == [("01-01", 10.0)]


def test_a_free_day_is_a_purchase_but_a_refunded_one_is_not() -> None:
    found = days_of(lines(("a", "2026-01-01", 0), ("b", "2026-01-01", 4), ("b", "2026-01-03", -4)))
    assert found == [("01-01", 0.0)]


def test_rounding_of_sums_leaves_no_purchase_behind() -> None:
    """0.1 + 0.2 − 0.3 is not zero in binary."""
    rows = [("a", "2026-01-01", 0.1), ("a", "2026-01-01", 0.2), ("a", "2026-01-02", -0.3)]
    assert days_of(lines(*rows)) == []


def test_a_return_after_the_cut_is_not_known_to_the_history_but_to_the_outcome() -> None:
    rows = lines(
        ("a", "2026-01-01", 10),
        ("a", "2026-01-20", 10),
        ("a", "2026-02-10", 8),
        ("a", "2026-02-12", -8),
        ("a", "2026-02-20", 5),
    )
    found = summarise(
        rows,
        calibration_end=date(2026, 1, 31),
        holdout_end=date(2026, 2, 28),
        known_until=date(2026, 2, 28),
    )
    assert found.loc["a", "frequency"] == 1
    assert found.loc["a", ["holdout_purchases", "holdout_value"]].tolist() == [1, 5]
    late = pd.concat([rows, lines(("a", "2026-02-25", -14))])
    again = summarise(
        late,
        calibration_end=date(2026, 1, 31),
        holdout_end=date(2026, 2, 28),
        known_until=date(2026, 2, 28),
    )
    assert again.loc["a", "frequency"] == 1  # as known at the end of January
    assert again.loc["a", "holdout_purchases"] == 0


def test_newcomers_of_the_hold_out_are_not_summarised() -> None:
    rows = lines(("a", "2026-01-01", 10), ("b", "2026-02-10", 8))
    found = summarise(
        rows,
        calibration_end=date(2026, 1, 31),
        holdout_end=date(2026, 2, 28),
        known_until=date(2026, 2, 28),
    )
    assert list(found.index) == ["a"]


def test_summaries_do_not_depend_on_the_order_of_lines() -> None:
    rows = lines(
        ("b", "2026-01-05", 3),
        ("a", "2026-01-01", 10),
        ("a", "2026-01-09", -4),
        ("a", "2026-01-07", 6),
        ("b", "2026-01-01", 2),
    )
    pd.testing.assert_frame_equal(summarise(rows), summarise(rows.iloc[::-1]))


def test_columns_can_have_any_name_and_a_missing_one_is_named() -> None:
    renamed = lines(("a", "2026-01-01", 10)).set_axis(["who", "when", "amount"], axis=1)
    assert summarise(renamed, "who", "when", "amount").loc["a", "monetary_value"] == 10
    with pytest.raises(HistoryError, match="column 'customer' is missing"):
        summarise(renamed)


def test_what_is_empty_or_out_of_order_is_refused() -> None:
    with pytest.raises(HistoryError, match="column 'value', row 1: is empty"):
        summarise(lines(("a", "2026-01-01", 10), ("a", "2026-01-02", float("nan"))))
    for column, bad, why in (
        ("value", float("inf"), "is not a finite number"),
        ("value", "x", "is not a finite number"),
        (
            "date",
            "nope",
            f"{HOW}: convert other forms first",
        ),
        ("customer", None, "is empty"),
    ):
        rows = lines(*[("a", "2026-01-01", 10.0)] * 3).astype(object)
        rows.loc[2, column] = rows.loc[1, column] = bad
        with pytest.raises(HistoryError, match=f"^column '{column}', row 1: {why}$"):
            summarise(rows)
    for zones in (["+02:00", "+02:00"], ["+02:00", "+01:00"]):
        days = [f"2026-01-0{day}T00:30{zone}" for day, zone in enumerate(zones, start=1)]
        with pytest.raises(HistoryError, match="column 'date' has time zones"):
            summarise(pd.DataFrame({"customer": "a", "date": days, "value": 1.0}))
    with pytest.raises(HistoryError, match="does not end after"):
        summarise(
            lines(("a", "2026-01-01", 10)),
            calibration_end=date(2026, 1, 31),
            holdout_end=date(2026, 1, 31),
            known_until=date(2026, 1, 31),
        )


def test_numbers_are_no_dates() -> None:
    rows = lines(("a", "2026-01-01", 10)).assign(date=20260101)
    with pytest.raises(HistoryError, match="column 'date' holds numbers: give dates"):
        summarise(rows)


@pytest.mark.parametrize("text", ["01/02/2024", "1.2.2024", "Feb 1, 2024", "2024-1-2", "2024-13-1"])
def test_a_date_is_not_guessed(text: str) -> None:
    rows = pd.DataFrame({"customer": "a", "date": ["2024-01-01", text], "value": 1.0})
    with pytest.raises(HistoryError, match="column 'date', row 1: no date as YYYY-MM-DD"):
        summarise(rows)


def test_texts_dates_and_moments_are_read_alike() -> None:
    texts = ["2026-01-01", "20260108", "2026-02-01 23:59:59"]
    moments = [pd.Timestamp(text).to_pydatetime() for text in texts]
    for days in (texts, moments, [moment.date() for moment in moments], pd.to_datetime(moments)):
        found = summarise(pd.DataFrame({"customer": "a", "date": days, "value": 1.0}))
        assert found.loc["a", ["frequency", "recency"]].tolist() == [2, 31]


def test_durations_are_no_dates() -> None:
    days = pd.to_timedelta([1, 20], unit="D")
    for column in (days, days.to_pytimedelta()):
        rows = pd.DataFrame({"customer": "a", "date": column, "value": 1.0})
        with pytest.raises(HistoryError, match="column 'date' holds durations"):
            summarise(rows)


@pytest.mark.parametrize("ends", [(31, None), (5, 31)])
def test_nothing_ends_after_the_data(ends: tuple[int, int | None]) -> None:
    rows = lines(("a", "2026-01-01", 10), ("a", "2026-01-20", 10))
    calibration, holdout = (None if day is None else date(2026, 1, day) for day in ends)
    with pytest.raises(HistoryError, match="to end on 2026-01-31, and the data end on 2026-01-20"):
        summarise(rows, calibration_end=calibration, holdout_end=holdout)
    found = summarise(
        rows, calibration_end=calibration, holdout_end=holdout, known_until=date(2026, 1, 31)
    )
    assert list(found.index) == ["a"]


@pytest.mark.parametrize("end", ["01/02/2026", 20260201, pd.Timedelta(days=5), pd.NaT, True])
@pytest.mark.parametrize("which", ["calibration_end", "holdout_end", "known_until"])
def test_an_end_is_not_guessed(which: str, end: object) -> None:
    rows = lines(("a", "2026-01-01", 10), ("a", "2026-03-20", 10))
    with pytest.raises(HistoryError, match=f"{which} is no day: give a date, or text like 2026-"):
        summarise(rows, **({"calibration_end": date(2026, 1, 3)} | {which: end}))


def test_an_end_may_be_written_as_a_date_is() -> None:
    rows = lines(("a", "2026-01-01", 10), ("a", "2026-03-20", 10))
    ends = ["2026-02-01", date(2026, 2, 1), pd.Timestamp("2026-02-01 15:00")]
    for end in [*ends, np.datetime64("2026-02-01")]:
        assert summarise(rows, calibration_end=end).loc["a", "T"] == 31


@pytest.mark.parametrize(
    ("values", "what"),
    [
        (pd.to_timedelta([1, 2], unit="D"), "durations"),
        (pd.to_datetime(["2026-01-01"] * 2), "dates"),
        (pd.period_range("2026-01", periods=2, freq="M"), "dates"),
        ([True, False], "yes and no"),
        ([1j, 2j], "complex numbers"),
    ],
)
def test_what_is_no_amount_is_refused(values: object, what: str) -> None:
    rows = pd.DataFrame({"customer": "a", "date": ["2026-01-01", "2026-01-09"], "value": values})
    with pytest.raises(HistoryError, match=f"column 'value' holds {what}"):
        summarise(rows)


def test_columns_of_arrow_are_read_as_others_are() -> None:
    days = pd.to_datetime(["2026-01-01 23:00", "2026-02-01 23:00"])
    for kind in ("date32[pyarrow]", "timestamp[us][pyarrow]", "datetime64[ns]"):
        rows = pd.DataFrame({"customer": "a", "date": days.astype(kind), "value": 1.0})
        assert summarise(rows).loc["a", "recency"] == 31
    rows["date"] = days.tz_localize("UTC").astype("timestamp[us, UTC][pyarrow]")
    with pytest.raises(HistoryError, match="column 'date' has time zones"):
        summarise(rows)


def test_ids_that_a_float_has_spoilt_are_no_ids() -> None:
    rows = lines(("a", "2026-01-01", 10), ("a", "2026-01-09", 10))
    for ids in ([2.0**60, 2.0**60 + 1], [1.5, 2.0]):
        with pytest.raises(HistoryError, match="column 'customer' holds ids as floating-point"):
            summarise(rows.assign(customer=ids))
    assert list(summarise(rows.assign(customer=[2**60, 2**60 + 1])).index) == [2**60, 2**60 + 1]
    assert list(summarise(rows.assign(customer=[7.0, 8.0])).index) == [7, 8]
