"""The gates of a night, in its order, and what stands beside them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

GATES: Mapping[str, str] = MappingProxyType(
    {
        "raw": "Look at `regulars quarantine list` and `regulars status`; have the sender correct "
        "the delivery: a later revision of the day's file, with the wrong rows corrected under "
        "their keys (a row that is only left out counts on where a feed is loaded by key)",
        "scores": "Look at `regulars status` and at the model check of the last report; "
        "a delivery that moved the scores is corrected at its source",
        "lists": "Look at `regulars status` and at list_movements; a list that must not be sent is "
        "corrected in its model",
    }
)
"""Gate → what to do when it stops the night."""

GUARDS = "guards"
"""Approved in place of a gate: feeds that are not in. Its inputs are their states, so the word
holds for what was missing when it was given, and for that night alone."""
