"""What commands print cannot order the terminal about."""

from __future__ import annotations

import pytest

from regulars.commands.output import say, table


@pytest.mark.parametrize("order", ["\x1b[2J", "\x1b]0;evil\x07", "\x9b31m", "\r", "\u202e"])
def test_a_terminal_gets_no_orders_from_a_file_name_or_a_cell(
    order: str, capsys: pytest.CaptureFixture[str]
) -> None:
    say(f"no feed expects: house/{order}orders.csv")
    table("Files", ("file",), [(f"house/{order}orders.csv",)])
    assert order not in capsys.readouterr().out


def test_a_cell_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    table("Files", ("file",), [("[link=https://evil.example]orders[/link]",)])
    assert "[link=https://evil.example]orders[/link]" in capsys.readouterr().out


def test_lines_and_tabs_stay(capsys: pytest.CaptureFixture[str]) -> None:
    say("orders.csv:3:\n\tthe line")
    assert capsys.readouterr().out == "orders.csv:3:\n\tthe line\n"
