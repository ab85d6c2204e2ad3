"""`regulars backtest`: what comes out, and what is refused in which words."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from regulars.cli import cli
from regulars.clv import summaries
from regulars.file_backtest import metric_table
from regulars.file_backtest.comparison import compare
from regulars.file_backtest.reading import Transactions

COLUMNS = ("--customer", "who", "--date", "on", "--value", "amount")


@pytest.fixture(scope="module")
def shop() -> pd.DataFrame:
    """Eight months of 120 customers, some of whom leave, with returns: lines in no order."""
    draw = np.random.default_rng(7)
    rows = []
    for number in range(120):
        day, life = draw.integers(0, 90), draw.exponential(200)
        first = day
        while day < min(240, first + life):
            rows.append((f"person {number}", day, round(float(draw.gamma(4, 8)), 2)))
            if draw.random() < 0.05:
                rows.append((f"person {number}", day + 3, -rows[-1][2]))
            day += 1 + int(draw.exponential(30))
    frame = pd.DataFrame(rows, columns=["who", "on", "amount"])
    dates = pd.Timestamp("2026-01-01") + pd.to_timedelta(frame["on"], unit="D")
    return frame.assign(on=dates).sample(frac=1, random_state=1)


def run(path: Path, *more: str, columns: tuple[str, ...] = COLUMNS) -> Result:
    return CliRunner().invoke(cli, ["backtest", str(path), *columns, *more])


def written(folder: Path, text: str) -> Path:
    path = folder / "lines.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_csv_and_parquet_give_the_same_figures(shop: pd.DataFrame, tmp_path: Path) -> None:
    shop.to_csv(tmp_path / "lines.csv", index=False)
    shop.to_parquet(tmp_path / "lines.parquet", index=False)
    found = [
        json.loads(run(tmp_path / name, "--json").stdout) for name in ("lines.csv", "lines.parquet")
    ]
    assert found[0] == found[1]
    assert found[0]["counts"]["return_lines"] > 0
    names = [entry["name"] for entry in found[0]["entries"]]
    assert names == [
        "nbd",
        "bg_nbd",
        "mbg_nbd",
        "pareto_nbd",
        "mbg_cnbd_k",
        "all_zero",
        "past_rate",
        "past_spend",
        "last_period",
    ]


def test_purchase_days_are_found_once_for_each_of_the_two_cuts(
    shop: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a million and a half lines each time takes a second."""
    asked = []

    def counted(*found: np.ndarray) -> tuple[np.ndarray, ...]:
        asked.append(found[1].max())
        return added_up(*found)

    added_up = summaries._added_up
    monkeypatch.setattr(summaries, "_added_up", counted)
    lines = shop.set_axis(["customer", "date", "value"], axis=1)
    found = compare(Transactions(lines, 0))
    assert [pd.Timestamp(last).date() <= found.calibration_end for last in asked] == [True, False]


def test_the_table_names_every_model_and_rule(shop: pd.DataFrame, tmp_path: Path) -> None:
    shop.to_csv(tmp_path / "lines.csv", index=False)
    result = run(tmp_path / "lines.csv")
    assert result.exit_code == 0, result.output
    for name in ("NBD", "BG/NBD", "MBG/NBD", "Pareto/NBD", "all zero", "past rate", "past spend"):
        row = next(line for line in result.output.splitlines() if line.startswith(f"{name} "))
        assert len(row) <= 90
    assert "judged on the" in result.output
    assert f"{len(shop):,} lines in the file, all of them read." in result.output


def test_spend_that_rises_with_frequency_is_said_beside_the_figures(
    shop: pd.DataFrame, tmp_path: Path
) -> None:
    often = shop.groupby("who")["who"].transform("size")
    dearer = shop.assign(amount=(shop["amount"] * often**1.5).round(2))
    for lines, is_said in ((dearer, True), (shop, False)):
        lines.to_csv(tmp_path / "lines.csv", index=False)
        output = " ".join(run(tmp_path / "lines.csv").output.split())
        assert ("spend per purchase day rises with their number" in output) == is_said


def test_what_is_not_judged_is_said(tmp_path: Path) -> None:
    rows = ["a,2026-01-01,3", "a,2026-02-01,3", "a,2026-02-02,-1", "b,2026-05-01,4"]
    path = written(tmp_path, "who,on,amount\n" + "\n".join(rows) + "\n")
    output = run(path, "--calibration-end", "2026-03-01").output
    assert "Not judged: 1 purchase day of people who first bought later." in output
    assert "Netted as returns: 1 line below zero." in output
    assert "slope near 1" in output


def test_words_of_several_models_are_said_once(shop: pd.DataFrame) -> None:
    found = compare(Transactions(shop.set_axis(["customer", "date", "value"], axis=1), 0))
    alike = [replace(entry, warnings=["so and so"]) for entry in found.entries[:2]]
    said = metric_table.warnings(replace(found, entries=alike, notes=[]))
    assert said == [f"{', '.join(metric_table.LABELS[entry.name] for entry in alike)}: so and so"]


def test_the_page_stands_alone_and_names_nobody(shop: pd.DataFrame, tmp_path: Path) -> None:
    shop.to_csv(tmp_path / "lines.csv", index=False)
    result = run(tmp_path / "lines.csv", "--out", str(tmp_path / "new" / "folder"))
    assert result.exit_code == 0, result.output
    page = (tmp_path / "new" / "folder" / "backtest.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 4
    assert "src=" not in page
    assert "href=" not in page
    assert "person" not in page.replace("per person", "")


def test_equal_files_give_equal_pages(shop: pd.DataFrame, tmp_path: Path) -> None:
    pages = []
    for number, frame in enumerate((shop, shop.iloc[::-1])):
        frame.to_csv(tmp_path / "lines.csv", index=False)
        run(tmp_path / "lines.csv", "--out", str(tmp_path / str(number)))
        pages.append((tmp_path / str(number) / "backtest.html").read_bytes())
    assert pages[0] == pages[1]


def test_weak_identification_is_said_in_words(tmp_path: Path) -> None:
    """A company that nobody leaves: three models cannot find any drop-out."""
    draw = np.random.default_rng(2)
    rows = [
        (customer, day)
        for customer, rate in enumerate(draw.gamma(3, 1 / 60, 400))
        for day in np.flatnonzero(draw.random(300) < rate)
    ]
    frame = pd.DataFrame(rows, columns=["who", "on"]).assign(amount=5.0)
    frame["on"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(frame["on"], unit="D")
    frame.to_csv(tmp_path / "lines.csv", index=False)
    result = run(tmp_path / "lines.csv")
    assert result.exit_code == 0, result.output
    note = next(line for line in result.output.splitlines() if "drop-out is" in line)
    assert "MBG/NBD" in note.split(": drop-out is")[0]
    assert "identified" in note


def test_too_few_customers_are_judged_with_a_warning(tmp_path: Path) -> None:
    path = written(tmp_path, "who,on,amount\na,2026-01-01,3\na,2026-02-01,3\nb,2026-05-01,4\n")
    result = run(path, "--calibration-end", "2026-03-01")
    assert result.exit_code == 0, result.output
    assert "too few to tell models apart" in result.output


def test_lines_without_a_customer_are_counted_and_left_out(tmp_path: Path) -> None:
    path = written(
        tmp_path, "who,on,amount\na,2026-01-01,3\n,2026-01-05,\n ,soon,1\na,2026-05-01,4\n"
    )
    found = json.loads(run(path, "--calibration-end", "2026-03-01", "--json").stdout)
    assert found["counts"]["lines_without_customer"] == 2
    assert found["counts"]["lines"] == 2


@pytest.mark.parametrize(
    ("text", "more", "message"),
    [
        ("who,when,amount\na,2026-01-01,3\n", (), "has no column 'on' among its 3 columns"),
        ("who,on,amount\na,2026-01-01,3\na,SECRET,3\n", (), "column 'on', row 2: no date as YYYY"),
        ("who,on,amount\na,2026-02-30,3\n", (), "column 'on', row 1: no date"),
        (
            "who,on,amount\na,2026-01-01,3\nb,13/14/2026,3\n",
            ("--date-format", "%d/%m/%Y"),
            "column 'on', row 1: no date as %d/%m/%Y",
        ),
        (
            "who,on,amount\na,2026-01-01,SECRET\nb,2026-01-01,nan\n",
            (),
            "column 'amount', row 1: no number (write 1234.50: a point, no separators); 2 rows",
        ),
        ("who,on,amount\na,2026-01-01,inf\n", (), "column 'amount', row 1: no number"),
        ("who,on,amount\na,2026-01-01\n", (), "line 2 has 2 fields where the header has 3"),
        ("who,on,amount\na,2026-01-01,3\nSECRET,2026-01-01,1,234.50\n", (), "line 3 has 4 fields"),
        ("", (), "is empty"),
        ("who,on,amount\n", (), "no line with a customer"),
        ("who,on,amount\na,2026-01-01,3\nb,2026-01-09,3\n", (), "no backtest: 8 days of data"),
        (
            "who,on,amount\na,2026-01-01,3\na,2026-02-01,3\n",
            ("--calibration-end", "2026-02-01"),
            "the calibration must end between",
        ),
        (
            "who,on,amount\na,2026-01-01,-3\na,2026-02-01,3\n",
            ("--calibration-end", "2026-01-10"),
            "nobody has bought anything by 2026-01-10",
        ),
    ],
)
def test_bad_input_is_refused_with_its_place_and_without_its_text(
    tmp_path: Path, text: str, more: tuple[str, ...], message: str
) -> None:
    result = run(written(tmp_path, text), *more)
    assert result.exit_code == 1
    assert message in result.output
    assert "SECRET" not in result.output
    assert "Traceback" not in result.output


def test_other_bad_files_are_refused_in_one_line(tmp_path: Path) -> None:
    latin = tmp_path / "latin.csv"
    latin.write_bytes("who,on,amount\nJosé,2026-01-01,3\n".encode("latin-1"))
    assert "is not UTF-8 text" in run(latin).output
    fake = tmp_path / "fake.parquet"
    fake.write_text("who,on,amount\n")
    assert "is not a Parquet file" in run(fake).output
    twice = run(latin, columns=("--customer", "who", "--date", "on", "--value", "on"))
    assert "three different columns" in twice.output


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31",
        "20260131",
        "2026-01-31 23:59:59",
        "2026-01-31T23:59:59+14:00",
        "2026-01-31T00:10:00Z",
        "2026-01-31 23:59:59.123 UTC",
    ],
)
def test_a_day_is_the_one_that_is_written(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, f"who,on,amount\na,{text},3\na,2026-05-01,4\n")
    found = json.loads(run(path, "--calibration-end", "2026-03-01", "--json").stdout)
    assert found["start"] == "2026-01-31"


@pytest.mark.parametrize("below", [False, True])
def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_judged(
    tmp_path: Path, below: bool
) -> None:
    (tmp_path / "taken").write_text("not a folder")
    out = tmp_path / "taken" / "page" if below else Path("/proc/page")
    result = run(written(tmp_path, "no columns of a shop\n"), "--out", str(out))
    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)
    assert "--out" in result.output


def test_an_empty_folder_name_is_not_where_one_stands(tmp_path: Path) -> None:
    result = run(written(tmp_path, "no columns of a shop\n"), "--out", "")
    assert result.exit_code == 2
    assert "--out" in result.output
