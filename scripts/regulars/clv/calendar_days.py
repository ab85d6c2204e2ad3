"""Dates as they are written, read one way for files and for frames: nothing is guessed."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pandas as pd

# a date as it is written: what follows it (time, offset) does not change the day
_ISO_DAY = r"^(\d{4})-?(\d{2})-?(\d{2})(?:[T ]\d{1,2}:\d{2}\S*(?: ?(?:Z|UTC|[+-]\d\S*))?)?$"
_HAS_OFFSET = r"\d{2}:\d{2}\S*?(?:Z|[+-]\d{2}:?\d{2})$|(?:UTC|[+-]\d{2}:?\d{2})$"
HOW = "no date as YYYY-MM-DD or YYYYMMDD, a time may follow"


class NoDates(ValueError):
    """A column whose type cannot hold dates; the message goes on after the column's name."""


def written_days(values: pd.Series, date_format: str | None = None) -> pd.Series:
    """Midnight of the calendar day written in each row, offsets apart; NaT where there is none.

    Takes dates, moments with or without a zone, and texts: ISO 8601 or YYYYMMDD, or as
    `date_format` says. Raises NoDates for numbers, truth values and durations.
    """
    values = _of_arrow(values)
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_localize(None)
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.normalize()
    _refuse_other_types(values)
    codes, distinct = pd.factorize(values, use_na_sentinel=True)
    days = np.append(_of_each(pd.Series(distinct, dtype=object), date_format), np.datetime64("NaT"))
    return pd.Series(days[codes], index=values.index)  # what is missing has the code −1


def has_offsets(values: pd.Series) -> bool:
    """Whether any moment says how far from UTC it is."""
    values = _of_arrow(values)
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return True
    if pd.api.types.is_datetime64_any_dtype(values):
        return False
    distinct = pd.Series(values.dropna().unique(), dtype=object)
    if any(isinstance(each, datetime) and each.tzinfo is not None for each in distinct):
        return True
    texts = distinct[[isinstance(each, str) for each in distinct]].astype("string").str.strip()
    return bool(texts.str.contains(_HAS_OFFSET, regex=True).any())


def _of_arrow(values: pd.Series) -> pd.Series:
    """Arrow's dates and moments as Python's, which what follows can tell apart."""
    return values.astype(object) if isinstance(values.dtype, pd.ArrowDtype) else values


def _refuse_other_types(values: pd.Series) -> None:
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind in {"timedelta64", "timedelta"} or pd.api.types.is_timedelta64_dtype(values):
        raise NoDates("holds durations: give dates, or text like 2026-01-31")
    if kind in {"integer", "floating", "decimal", "mixed-integer-float", "boolean", "complex"}:
        raise NoDates("holds numbers: give dates, or text like 2026-01-31")


def _of_each(values: pd.Series, date_format: str | None) -> np.ndarray:
    """Days of distinct values, in seconds, which reach any year that can be written."""
    days = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[s]")
    is_text = np.array([isinstance(each, str) for each in values], dtype=bool)
    texts = values[is_text].astype("string").str.strip()
    days[is_text] = _of_texts(texts, date_format)
    for place in np.flatnonzero(~is_text):
        if isinstance(values[place], date):  # moments are dates too
            days[place] = np.datetime64(f"{values[place]:%Y-%m-%d}")
    return days


def _of_texts(texts: pd.Series, date_format: str | None) -> np.ndarray:
    if date_format is None:
        parts = texts.str.extract(_ISO_DAY)
        parsed = pd.to_datetime(parts[0] + parts[1] + parts[2], format="%Y%m%d", errors="coerce")
        return parsed.to_numpy().astype("datetime64[D]").astype("datetime64[s]")
    if "%z" in date_format or "%Z" in date_format:
        return np.array([_local_day(text, date_format) for text in texts], dtype="datetime64[s]")
    parsed = pd.to_datetime(texts, format=date_format, errors="coerce")
    return parsed.to_numpy().astype("datetime64[D]").astype("datetime64[s]")


def _local_day(text: str, date_format: str) -> np.datetime64:
    """With an offset, which differs between rows: the day where it was written."""
    try:
        return np.datetime64(datetime.strptime(text, date_format).date())
    except (ValueError, TypeError):
        return np.datetime64("NaT")
