"""A real browser for tests, where one is installed, and an accessibility checker for it (axe)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to look with")
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-sync"]
PHONE = {"width": 400, "height": 800}
DESK = {"width": 1400, "height": 1000}


@contextmanager
def browser() -> Iterator[Browser]:
    """Headless Chromium as this machine has it; nothing is downloaded."""
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


def faults(page: Page) -> list[str]:
    """What axe finds wrong with a page as it is shown, folded parts opened."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found: dict[str, Any] = Axe().run(page).response
    assert len(found["passes"]) > 10, "axe judged next to nothing"
    return [
        f"{fault['id']}: {node['html'][:120]}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


def runs_off_the_edge(page: Page) -> bool:
    """Whether somebody would have to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def focused(page: Page) -> str:
    """What the keyboard would press now, in words."""
    return str(page.evaluate("document.activeElement.innerText || document.activeElement.name"))
