"""What a page says, as text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = ("meta", "link", "br", "img", "input")


class Texts(HTMLParser):
    """What a page says to who reads or hears it, piece by piece, unless it is marked as English."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: set[str] = set()
        self._within: list[bool] = []  # whether each open element is one to be left out
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag not in VOID:
            in_english = tag != "html" and told.get("lang") == "en"
            self._within.append(tag in ("style", "code") or in_english)
        self.said |= {str(told[name]) for name in ("aria-label", "title", "alt") if told.get(name)}

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._within) and re.search("[A-Za-z]{2}", data):
            self.said.add(data.strip())
