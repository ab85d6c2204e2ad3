"""Whatever comes in: refused with its row, or answered with sane numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.clv import (
    NBD,
    BetaGeometric,
    GammaGamma,
    HistoryError,
    ModifiedBetaGeometric,
    ParetoNBD,
    PurchaseModel,
)
from regulars.clv._fitted_model import NotFitted

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")

MODELS = (ModifiedBetaGeometric, BetaGeometric, NBD, ParetoNBD)


def frame(*rows: tuple[float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["frequency", "recency", "T"])


def is_sane(model: PurchaseModel, histories: pd.DataFrame, days: float) -> None:
    """No NaN, no infinity; chances in [0, 1]; active ≤ kept; expectations in order."""
    alive = model.probability_alive(histories)
    chance = model.purchase_probability(histories, days)
    expected = model.expected_purchases(histories, days)
    active = model.expected_purchases_if_active(histories, days)
    kept = model.expected_purchases_if_kept(histories, days)
    discounted = model.discounted_expected_purchases(histories, 0.10)
    for values in (alive, chance, expected, active, kept, discounted):
        assert np.isfinite(values).all()
        assert (values >= 0).all()
    assert (alive <= 1).all()
    slack = 1 + 1e-9
    assert (chance <= alive * slack).all()
    assert (expected <= active * slack).all()
    assert (active <= kept * slack).all()
    assert (chance <= expected * slack + 1e-300).all()


@st.composite
def history(draw: st.DrawFn) -> tuple[float, float, float]:
    age = draw(st.floats(0, 7300))
    if age < 1e-3 or draw(st.booleans()):
        return 0, 0.0, age
    share = draw(st.one_of(st.just(1.0), st.floats(1e-6, 1)))
    return draw(st.integers(1, 5000)), share * age, age


def positive(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(np.log(low), np.log(high)).map(lambda x: float(np.exp(x)))


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(history(), min_size=1, max_size=6),
    shape=positive(1e-4, 1e3),
    scale=positive(1e-4, 1e6),
    leave=positive(1e-4, 1e3),
    stay=positive(1e-4, 1e6),
    days=st.one_of(st.just(0.0), positive(1e-3, 1e5)),
)
def test_answers_are_sane_over_the_whole_domain(
    rows: list, shape: float, scale: float, leave: float, stay: float, days: float
) -> None:
    histories = frame(*rows)
    for model in (
        ModifiedBetaGeometric.from_params(r=shape, alpha=scale, a=leave, b=stay),
        BetaGeometric.from_params(r=shape, alpha=scale, a=leave, b=stay),
        NBD.from_params(r=shape, alpha=scale),
        ParetoNBD.from_params(r=shape, alpha=scale, s=leave, beta=stay),
    ):
        is_sane(model, histories, days)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(history(), min_size=1, max_size=12))
def test_a_fit_never_breaks_whatever_the_histories(rows: list) -> None:
    histories = frame(*rows)
    for kind in MODELS:
        model = kind().fit(histories)
        assert np.isfinite(list(model.params.values())).all()
        assert np.isfinite(model.log_likelihood)
        assert all(e is None or np.isfinite(e) for e in model.standard_errors.values())
        assert isinstance(model.converged, bool)
        is_sane(model, histories, 365)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.tuples(st.integers(1, 3000), positive(0.01, 1e7)), min_size=1, max_size=20))
def test_a_spend_fit_never_breaks_whatever_the_spends(rows: list) -> None:
    spends = pd.DataFrame(rows, columns=["purchase_days", "monetary_value"])
    model = GammaGamma().fit(spends)
    expected = model.expected_spend(spends)
    assert np.isfinite([*model.params.values(), model.log_likelihood]).all()
    assert np.isfinite(expected).all()
    assert (expected > 0).all()
    assert np.isfinite(model.expected_spend_new())


@pytest.mark.parametrize("kind", MODELS)
def test_one_time_buyers_alone_are_reported_not_guessed_at(kind) -> None:
    histories = pd.DataFrame(
        {"frequency": 0, "recency": 0.0, "T": np.arange(1.0, 200.0), "weight": 5}
    )
    model = kind().fit(histories)
    assert any("nobody has bought twice" in words for words in model.warnings)
    assert model.expected_purchases(histories, 365).max() < 1
    is_sane(model, histories, 365)


@pytest.mark.parametrize("kind", [ModifiedBetaGeometric, BetaGeometric, ParetoNBD])
def test_drop_out_that_nothing_shows_is_bounded_and_said(kind) -> None:
    """A company that nobody leaves: an unbounded fit runs away (a → 0, b → ∞)."""
    draw = np.random.default_rng(4)
    rates = draw.gamma(2.0, 1 / 40, 4000)
    ages = draw.integers(200, 400, 4000).astype(float)
    counts = draw.poisson(rates * ages)
    lasts = ages * draw.random(4000) ** (1 / np.maximum(counts, 1))
    histories = pd.DataFrame(
        {"frequency": counts, "recency": np.where(counts > 0, lasts, 0.0), "T": ages}
    )
    model = kind().fit(histories)
    assert any("drop-out is not identified" in words for words in model.warnings)
    without = NBD().fit(histories).expected_purchases(histories, 365)
    assert model.expected_purchases(histories, 365).sum() <= 1.01 * without.sum()
    is_sane(model, histories, 365)


@pytest.mark.parametrize("kind", MODELS)
def test_a_fit_does_not_depend_on_row_order_or_on_grouping(kind) -> None:
    rows = [(2, 30.0, 90.0), (0, 0.0, 50.0), (2, 30.0, 90.0), (5, 80.0, 81.0), (1, 9.0, 70.0)]
    one_by_one = kind().fit(frame(*rows * 20))
    grouped = frame(*dict.fromkeys(reversed(rows)))
    grouped["weight"] = [
        40 if row == (2, 30.0, 90.0) else 20 for row in dict.fromkeys(reversed(rows))
    ]
    together = kind().fit(grouped)
    assert one_by_one.params == together.params
    assert one_by_one.log_likelihood == together.log_likelihood


@pytest.mark.parametrize("kind", MODELS)
def test_a_fit_does_not_depend_on_the_unit_of_time(kind) -> None:
    draw = np.random.default_rng(8)
    ages = draw.integers(100, 700, 3000).astype(float)
    counts = draw.negative_binomial(0.7, 0.3, 3000)
    lasts = np.where(counts > 0, np.ceil(ages * draw.random(3000)), 0.0)
    days = pd.DataFrame({"frequency": counts, "recency": lasts, "T": ages})
    weeks = days.assign(recency=days["recency"] / 7, T=days["T"] / 7)
    in_days, in_weeks = kind().fit(days), kind().fit(weeks)
    for name, value in in_weeks.params.items():
        factor = 7 if name in kind.time_parameters else 1
        assert in_days.params[name] == pytest.approx(value * factor, rel=1e-6)
    np.testing.assert_allclose(
        in_days.expected_purchases(days, 364), in_weeks.expected_purchases(weeks, 52), rtol=1e-5
    )


@pytest.mark.parametrize("kind", MODELS)
def test_stored_parameters_are_judged_as_the_fit_was(kind) -> None:
    rows = [(2, 30.0, 90.0), (0, 0.0, 50.0), (3, 30.0, 90.0), (5, 80.0, 81.0), (1, 9.0, 70.0)] * 9
    fitted = kind().fit(frame(*rows))
    replayed = kind.from_params(**fitted.params).assess(frame(*rows))
    for name in ("params", "log_likelihood", "converged", "warnings", "standard_errors"):
        assert getattr(replayed, name) == getattr(fitted, name)


def test_parameters_are_rounded_before_they_are_used() -> None:
    rows = [(2, 30.0, 90.0), (0, 0.0, 50.0), (3, 30.0, 90.0), (5, 80.0, 81.0), (1, 9.0, 70.0)]
    for value in ModifiedBetaGeometric().fit(frame(*rows * 9)).params.values():
        assert value == float(f"{value:.7e}") == round(value, 8)


# ---------- wrong input


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recency": None}, "column 'recency' is missing"),
        ({"frequency": [1, -1]}, r"column 'frequency' .*is negative"),
        ({"frequency": [1, 1.5]}, r"column 'frequency' .*is not whole"),
        ({"T": [10, np.nan]}, r"column 'T' .*is not a finite number"),
        ({"T": [np.inf, 10]}, r"column 'T' .*is not a finite number"),
        ({"T": ["ten", 10]}, r"column 'T' .*is not a finite number"),
        ({"recency": [5, 11]}, r"column 'recency' .*is later than T"),
        ({"frequency": [0, 1]}, r"column 'recency' .*without a repeat"),
        ({"recency": [0, 5]}, r"column 'recency' .*despite a repeat"),
        ({"weight": [3, 0]}, r"column 'weight' .*is not positive"),
    ],
)
@pytest.mark.parametrize("kind", MODELS)
def test_wrong_histories_are_refused_with_column_and_customers(
    kind, change: dict, message: str
) -> None:
    columns = {"frequency": [1, 2], "recency": [5, 5], "T": [10, 10], "weight": [1, 1], **change}
    histories = pd.DataFrame({name: column for name, column in columns.items() if column})
    with pytest.raises(HistoryError, match=message):
        kind().fit(histories)


@pytest.mark.parametrize("kind", MODELS)
def test_no_histories_cannot_be_fitted_but_can_be_scored(kind) -> None:
    with pytest.raises(HistoryError, match="there are no histories"):
        kind().fit(frame())
    scored = kind.from_params(**dict.fromkeys(kind.parameter_names, 1.5))
    for values in (
        scored.probability_alive(frame()),
        scored.expected_purchases(frame(), 365),
        scored.discounted_expected_purchases(frame(), 0.1),
    ):
        assert len(values) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"monetary_value": [10, 0]}, r"column 'monetary_value' .*is not positive"),
        ({"purchase_days": [0, 2]}, r"column 'purchase_days' .*is below 1"),
        ({"purchase_days": [1.2, 2]}, r"column 'purchase_days' .*is not whole"),
    ],
)
def test_wrong_spends_are_refused_with_column_and_customers(change: dict, message: str) -> None:
    with pytest.raises(HistoryError, match=message):
        GammaGamma().fit(
            pd.DataFrame({"purchase_days": [1, 2], "monetary_value": [10, 20], **change})
        )


@pytest.mark.parametrize("kind", MODELS)
def test_wrong_parameters_and_horizons_are_refused(kind) -> None:
    good = dict.fromkeys(kind.parameter_names, 1.0)
    for bad in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="is not positive and finite"):
            kind.from_params(**{**good, "r": bad})
    with pytest.raises(ValueError, match="takes r, alpha"):
        kind.from_params(r=1.0)
    model = kind.from_params(**good)
    with pytest.raises(ValueError, match="a horizon is finite"):
        model.expected_purchases(frame((0, 0, 1)), -1)
    with pytest.raises(ValueError, match="annual_rate is 0"):
        model.discounted_expected_purchases(frame((0, 0, 1)), 0)
    with pytest.raises(NotFitted):
        kind().expected_purchases(frame((0, 0, 1)), 1)
    with pytest.raises(NotFitted):
        _ = model.standard_errors


@pytest.mark.parametrize("kind", MODELS)
def test_counts_at_the_bounds_of_the_parameters_are_a_law(kind) -> None:
    """Where a fit ends when drop-out is not identified: a at its lower bound, b at its upper."""
    rows = frame((0, 0.0, 5.0), (3, 20.0, 30.0), (40, 29.0, 30.0))
    for sides in ((0, 1, 0, 1), (1, 1, 1, 0), (1, 1, 0, 1)):
        bounds = [kind.bounds[name] for name in kind.parameter_names]
        values = [bound[side] for bound, side in zip(bounds, sides, strict=False)]
        model = kind.from_params(**dict(zip(kind.parameter_names, values, strict=True)))
        counts = model.predictive_counts(rows, 30, 50)
        assert np.isfinite(counts).all()
        assert (counts >= 0).all()
        assert (counts.sum(axis=1) <= 1 + 1e-9).all()


def test_a_refusal_says_how_many_customers_why_and_what_to_do_and_no_row() -> None:
    """Of rows with weights, the customers that they stand for."""
    histories = pd.DataFrame(
        {"frequency": [0, 1, 2], "recency": [0, 9, 5], "T": [4, -1, 2], "weight": [1, 40, 2]}
    )
    with pytest.raises(HistoryError) as refused:
        ModifiedBetaGeometric().fit(histories)
    assert str(refused.value) == (
        "column 'T' is negative for 40 customers: the first purchase lies after the end of the "
        "data: count purchases up to that end only"
    )
    for name in ("T", "recency"):
        days = pd.to_timedelta([4.0, 9.0, 5.0], unit="D")
        with pytest.raises(HistoryError, match=f"column '{name}' holds durations: give numbers"):
            ModifiedBetaGeometric().fit(histories.assign(**{name: days}))
