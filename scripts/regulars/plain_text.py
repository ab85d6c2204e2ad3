"""Text from outside as a terminal or a message may show it."""

from __future__ import annotations

import re

# Control characters, and those that turn the direction of writing: a terminal obeys them. Bytes of
# a file's name that are no text (surrogates) could not be printed at all.
COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """What a terminal would obey is shown as a code."""
    return COMMANDS.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
