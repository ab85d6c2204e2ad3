"""Text from outside as a terminal or a message may show it."""

from __future__ import annotations

import re

# For a character class of a regular expression: control characters and what else ends a line, and
# what turns the order in which the characters around it are read.
CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
TURNING = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# A terminal obeys them, but for tabs and line ends. Bytes of a file's name that are no text
# (surrogates) could not be printed at all.
COMMANDS = re.compile(rf"(?![\t\n])[{CONTROL}{TURNING}\ud800-\udfff]")


def plain(text: str) -> str:
    """What a terminal would obey is shown as a code."""
    return COMMANDS.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
