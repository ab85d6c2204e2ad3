"""The desk as people use it: Chromium, the real server, and the keyboard."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
import uvicorn
from playwright.sync_api import Page

from regulars.warehouse import credentials
from regulars.web.app import make_app
from tests import browser
from tests.integration.sending.world import SENT, Published
from tests.integration.web.test_desk import records, stop

pytestmark = [pytest.mark.slow, browser.needs_chromium]


@pytest.fixture(scope="module")
def address(desk_world: Published) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(make_app(desk_world.settings), port=port, log_level="error")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    with browser.browser() as chromium:
        opened = chromium.new_context(viewport=browser.PHONE).new_page()
        opened.set_default_timeout(120_000)  # a download asks for noes first
        opened.goto(address)
        yield opened


def log_in_by_keyboard(page: Page, password: str) -> None:
    page.locator("select[name=role]").focus()
    for words in (None, password, "Dana"):
        if words:
            page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/")


def test_a_marketers_morning_by_keyboard_on_a_telephone(
    page: Page, desk_world: Published, admin_of_desk: psycopg.Connection
) -> None:
    stop(admin_of_desk, "guards")
    assert browser.faults(page) == []
    log_in_by_keyboard(page, credentials.read(desk_world.settings)["marketing"])
    assert page.get_by_role("heading", level=1).inner_text().startswith("Today")
    assert browser.faults(page) == []
    assert not browser.runs_off_the_edge(page)

    page.get_by_label("Why it is right to go on").fill("the till was closed")
    page.keyboard.press("Enter")
    assert "may pass" in page.get_by_role("status").inner_text()

    page.get_by_role("link", name="Today", exact=True).press("Enter")
    page.locator(f'a[href="/lists/{SENT}"]').press("Enter")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download for Klaviyo").press("Enter")
    assert started.value.suggested_filename == f"{SENT}.csv"
    assert started.value.path().read_bytes() == desk_world.files_of("klaviyo")[0].read_bytes()

    page.get_by_role("link", name="Today", exact=True).press("Enter")
    page.locator('a[href="/lists/make_it_right"]').press("Enter")
    page.get_by_label("What came of the call to k1").select_option("opted_out")
    page.get_by_role("button", name=re.compile("Done")).press("Enter")
    page.locator("td", has_text="wants no more calls").first.wait_for()
    assert browser.faults(page) == []
    assert not browser.runs_off_the_edge(page)

    page.get_by_role("link", name="Today", exact=True).press("Enter")
    page.get_by_label("Customer id").fill("c1")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Customer c1").wait_for()
    assert browser.faults(page) == []
    page.get_by_role("button", name="Do not contact them").press("Enter")
    assert "Written down" in page.get_by_role("status").inner_text()

    page.get_by_role("link", name="What was written down").press("Enter")
    page.get_by_role("table", name="Records of the desk").wait_for()
    assert browser.faults(page) == []
    assert [row[0] for row in records(admin_of_desk)] == ["approval", "download", "call", "no"]
    page.get_by_role("button", name="Log out").press("Enter")
    assert page.get_by_role("heading", level=1).inner_text() == "Log in"


def test_another_sites_page_cannot_use_the_log_in(
    page: Page, desk_world: Published, admin_of_desk: psycopg.Connection, address: str
) -> None:
    log_in_by_keyboard(page, credentials.read(desk_world.settings)["marketing"])
    other = page.context.new_page()
    other.route(
        "http://evil.example/**",
        lambda route: route.fulfill(
            body=f'<form method="post" action="{address}/noes">'
            '<input name="customer_id" value="c1"><input name="csrf" value="guessed">'
            "<button>Win a prize</button></form>",
            content_type="text/html",
        ),
    )
    other.goto("http://evil.example/")
    other.get_by_role("button").press("Enter")
    other.wait_for_load_state()
    assert records(admin_of_desk) == []
