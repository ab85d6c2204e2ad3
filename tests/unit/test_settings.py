"""Settings are read once, whole, and refuse what cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from regulars.settings import UNNAMED, Settings, SettingsError


def test_settings_survive_the_way_through_an_environment(tmp_path: Path) -> None:
    settings = Settings.from_env(
        {
            "REGULARS_HOME": str(tmp_path),
            "REGULARS_SYSTEMS": "house, olist",
            "REGULARS_TIMEZONE": "Europe/London",
            "REGULARS_CURRENCY": "GBP",
            "REGULARS_ANALYST_PASSWORD": "secret",
        }
    )
    again = Settings.from_env(settings.to_env())
    assert again.systems == ("house", "olist")
    assert again.to_env() == settings.to_env()
    assert again.role_passwords == {"analyst": "secret"}


def test_a_remembered_name_is_found_by_later_commands_unless_the_environment_says_another(
    tmp_path: Path,
) -> None:
    home = {"REGULARS_HOME": str(tmp_path / "var")}
    assert Settings.from_env(home).company_name == UNNAMED
    named = Settings.from_env(home).with_remembered_name("Café & Söhne")
    assert named.company_name == "Café & Söhne"
    assert Settings.from_env(home).company_name == "Café & Söhne"
    assert Settings.from_env({**home, "REGULARS_COMPANY": "Ours"}).company_name == "Ours"
    other = {"REGULARS_HOME": str(tmp_path / "other")}
    assert Settings.from_env(other).company_name == UNNAMED


def test_services_that_were_started_without_a_name_take_the_one_that_is_given_later(
    tmp_path: Path,
) -> None:
    """`make up`, then `make demo`: the scheduler's nights carry the demo's name."""
    services = Settings.from_env({"REGULARS_HOME": str(tmp_path)}).to_env()
    Settings.from_env(services).with_remembered_name("Kettle & Crane")
    assert Settings.from_env(services).company_name == "Kettle & Crane"


def test_passwords_are_not_shown(tmp_path: Path) -> None:
    settings = Settings.from_env({"REGULARS_ANALYST_PASSWORD": "secret"})
    assert "secret" not in repr(settings)


def test_a_number_that_is_too_great_is_told_the_greatest() -> None:
    with pytest.raises(SettingsError, match=r"99999999999.*from 1 to 1000000000"):
        Settings.from_env({"REGULARS_DBT_THREADS": "99999999999"})
    with pytest.raises(SettingsError, match="from 0 to 30"):
        Settings.from_env({"REGULARS_ERASURE_DEADLINE_DAYS": "31"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REGULARS_TIMEZONE", "Mars/Olympus"),
        ("REGULARS_TIMEZONE", "Europe"),
        ("REGULARS_TIMEZONE", "localtime"),
        ("REGULARS_CURRENCY", "euro"),
        ("REGULARS_SYSTEMS", " , "),
        ("REGULARS_SYSTEMS", "house,../../evil"),
        ("REGULARS_FEEDS_OFF", "cases'; drop"),
        ("REGULARS_RETENTION", "generations=soon"),
        ("REGULARS_RETENTION", "lists=3"),
        ("REGULARS_RETENTION", "generations=36501"),
        ("REGULARS_RETENTION", "quarantine=" + "9" * 5000),
        ("REGULARS_ERASURE_GRACE_DAYS", "99999999"),
        ("REGULARS_ERASURE_DEADLINE_DAYS", "31"),
        ("REGULARS_ERASURE_DEADLINE_DAYS", "-1"),
        ("REGULARS_ENGINE", "abacus"),
        ("REGULARS_DBT_THREADS", "-1"),
        ("REGULARS_LOCK_TIMEOUT_SECONDS", "soon"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({name: value})
