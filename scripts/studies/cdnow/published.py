"""What was printed about the CDNOW sample, as it was printed.

FHL   Fader, Hardie, Lee (2005), Marketing Science 24(2), table 2 and figure 4
N025  Fader, Hardie (2013), brucehardie.com/notes/025, p. 4 and table 2
BTYD  walk-through of the R package BTYD
PLUS  walk-through of the R package BTYDplus
"""

from __future__ import annotations

from typing import NamedTuple


class Printed(NamedTuple):
    """A figure as its source prints it; its name is its key among our own figures."""

    model: str
    name: str
    text: str
    source: str


def _row(model: str, source: str, **figures: str) -> list[Printed]:
    return [Printed(model, name, text, source) for name, text in figures.items()]


PRINTED = [
    *_row("bg_nbd", "FHL", r=".243", alpha="4.414", a=".793", b="2.426", log_likelihood="-9582.4"),
    *_row("bg_nbd", "BTYD", new_in_52_weeks="1.444", known_in_52_weeks="25.76", alive=".96885"),
    *_row("mbg_nbd", "PLUS", r=".525", alpha="6.183", a=".891", b="1.614"),
    *_row(
        "pareto_nbd",
        "FHL",
        r=".553",
        alpha="10.578",
        s=".606",
        beta="11.669",
        log_likelihood="-9595.0",
    ),
    *_row("pareto_nbd", "BTYD", new_in_52_weeks="1.473", known_in_52_weeks="25.46", alive=".99787"),
    *_row("gamma_gamma", "N025", p="6.25", q="3.74", gamma="15.44"),
    *_row(
        "gamma_gamma",
        "N025",
        customer_1="24.65",
        customer_2="18.91",
        customer_3="35.17",
        customer_6="71.46",
        customer_9="27.28",
    ),
]

# hold-out means by repeats in the calibration: 0, 1 … 6, 7 and more (BTYD; FHL figure 4)
ACTUAL_BY_FREQUENCY = (".237", ".697", "1.393", "1.560", "2.532", "2.947", "3.862", "6.359")
BY_FREQUENCY = {
    "bg_nbd": (".225", ".523", "1.044", "1.520", "2.164", "2.654", "3.504", "6.157"),
    "pareto_nbd": (".138", ".600", "1.196", "1.714", "2.399", "2.907", "3.819", "6.403"),
}
# expected repeats of Pareto/NBD by the end of a week (BTYD)
CUMULATIVE = {20: "1308.9", 21: "1385.3", 22: "1459.9", 23: "1532.9", 24: "1604.3", 25: "1674.3"}


def as_printed(value: float, text: str) -> str:
    """`value` with as many decimals as `text` has, and without a leading zero where it has none."""
    decimals = len(text.partition(".")[2])
    shown = f"{value:.{decimals}f}"
    return shown if "0." in text else shown.replace("0.", ".", 1) if shown[:2] == "0." else shown
