"""The page in a real browser: it paints, and nothing runs off a telephone's edge."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from regulars.report.report_page import write_page
from tests.unit.report import made_up_nights as made_up

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium here to look at the page with")

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE_WIDTH = 400


def browse(folder: Path, page: Path, *more: str) -> str:
    """Open a page; returns what the browser prints (--dump-dom)."""
    done = subprocess.run(
        [str(BROWSER), *FLAGS, f"--user-data-dir={folder / 'profile'}", *more, page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def brightness(png: bytes) -> float:
    """0 to 255 of the top left pixel, which is paper. No filter changes the first pixel."""
    data = b"".join(
        png[at + 8 : at + 8 + length] for at, length, kind in chunks(png) if kind == b"IDAT"
    )
    return sum(zlib.decompress(data)[1:4]) / 3


def chunks(png: bytes):
    at = 8
    while at < len(png):
        length = struct.unpack(">I", png[at : at + 4])[0]
        yield at, length, png[at + 4 : at + 8]
        at += 12 + length


@pytest.mark.parametrize(
    ("scheme", "is_light"), [("light", True), ("dark", False)], ids=["light", "dark"]
)
def test_the_page_paints_in_light_and_in_dark(tmp_path: Path, scheme: str, is_light: bool):
    page = write_page(made_up.report(), tmp_path)
    picture = tmp_path / "page.png"
    setting = "--blink-settings=preferredColorScheme=" + ("1" if is_light else "0")
    browse(tmp_path, page, "--window-size=1400,1000", f"--screenshot={picture}", setting)
    png = picture.read_bytes()
    assert struct.unpack(">II", png[16:24]) == (1400, 1000)
    assert (brightness(png) > 128) is is_light
    assert len(png) > 60_000  # an empty page of this size compresses to a few kilobytes


def test_nothing_runs_off_a_telephones_edge(tmp_path: Path):
    write_page(made_up.report(), tmp_path)
    frame = tmp_path / "frame.html"
    frame.write_text(
        f"<iframe src='report.html' width={PHONE_WIDTH} height=900></iframe><p id=w></p><script>"
        "document.querySelector('iframe').onload = e => document.querySelector('#w').textContent"
        " = 'width=' + e.target.contentDocument.documentElement.scrollWidth</script>"
    )
    seen = browse(tmp_path, frame, "--allow-file-access-from-files", "--dump-dom")
    assert re.search(r"width=(\d+)", seen)[1] == str(PHONE_WIDTH)


@pytest.mark.parametrize(("width", "shown"), [(PHONE_WIDTH, "block"), (1200, "none")])
def test_a_wide_table_says_that_it_scrolls_where_it_must(tmp_path: Path, width: int, shown: str):
    write_page(made_up.report(), tmp_path)
    frame = tmp_path / "frame.html"
    frame.write_text(
        f"<iframe src='report.html' width={width} height=900></iframe><p id=w></p><script>"
        "document.querySelector('iframe').onload = e => { const page = e.target.contentDocument;"
        " const words = [...page.querySelectorAll('.scroll')].map("
        " each => page.defaultView.getComputedStyle(each, '::before').display);"
        " document.querySelector('#w').textContent = 'hints=' + words.join(' ') + ';' }</script>"
    )
    seen = browse(tmp_path, frame, "--allow-file-access-from-files", "--dump-dom")
    hints = re.search(r"hints=([a-z ]+);", seen)[1].split()
    assert len(hints) > 3
    assert set(hints) == {shown}
