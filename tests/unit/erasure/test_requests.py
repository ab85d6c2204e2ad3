"""When a delivered request is carried out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import cast

import psycopg
import pytest

from regulars.erasure import requests
from regulars.erasure.requests import Request, due
from regulars.settings import Settings

NOBODY = cast(psycopg.Connection, None)
REQUEST = Request("r1", "k1", date(2026, 3, 1))


@pytest.mark.parametrize(
    ("days", "as_of", "is_due"),
    [
        (0, date(2026, 3, 1), True),
        (14, date(2026, 3, 14), False),
        (14, date(2026, 3, 15), True),
        (14, date(2027, 1, 1), True),
        (30, date(2026, 3, 30), False),
        (30, date(2026, 3, 31), True),
    ],
)
def test_a_request_is_carried_out_when_its_days_of_grace_have_passed(
    days: int, as_of: date, is_due: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "standing", lambda connection: [REQUEST])
    settings = replace(Settings.from_env(), erasure_grace_days=days)
    assert due(NOBODY, settings, as_of) == ([REQUEST] if is_due else [])
