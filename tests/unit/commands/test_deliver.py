"""`regulars deliver` before a company has said where its files go."""

from __future__ import annotations

from click.testing import CliRunner

from regulars.commands.deliver import deliver


def test_without_a_declaration_nothing_is_delivered_and_the_page_that_says_how_is_named() -> None:
    result = CliRunner().invoke(deliver, ["--as-of", "2026-10-31"])
    assert result.exit_code == 0
    assert "destinations.yml names no place (docs/delivery.md)" in result.output


def test_a_date_that_is_none_is_refused() -> None:
    assert CliRunner().invoke(deliver, ["--as-of", "yesterday"]).exit_code == 2
