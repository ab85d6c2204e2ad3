"""What the tests of all gates say: this stops, and this person says it may pass."""

from __future__ import annotations

import pytest

from regulars.gates.approvals import approve
from regulars.gates.check import GateFailed, check
from regulars.night import Night
from regulars.settings import Settings


def stops(settings: Settings, night: Night, gate: str, *words: str) -> str:
    """The gate stops the night and its message holds these words and no customer's id."""
    with pytest.raises(GateFailed) as failure:
        check(settings, night, gate)
    message = str(failure.value)
    for word in words:
        assert word in message
    assert "c77" not in message
    return message


def passes_when_approved(settings: Settings, night: Night, gate: str) -> None:
    """Joan gives her word on what stopped the night, and the gate lets it pass."""
    assert approve(settings, gate, night.as_of, "Joan", "a sale")
    assert check(settings, night, gate)["approved"] is True
