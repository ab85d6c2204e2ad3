"""One made-up generation for all of the desk's tests, and a browser that is logged in."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
import pytest
from fastapi.testclient import TestClient

from regulars import warehouse
from regulars.settings import Settings
from regulars.warehouse import credentials
from regulars.web.app import make_app
from tests.conftest import drop_database
from tests.integration.sending.world import GENERATION, Published, publish
from tests.unit.lists.test_export import AS_OF

ADDRESS = "https://127.0.0.1:8090"  # https: the client keeps a secure cookie for itself otherwise
LISTED = """
create table published.list_members as
select list_code, customer_id, rank, 'treat' as arm, 'a reason' as reason_1,
    cast(null as text) as reason_2, cast(null as text) as reason_3,
    'do this' as suggested_action
from pii.list_file_rows where arm = 'treat';
insert into published.list_members values
    ('make_it_right', 'k1', 1, 'treat', 'waited 5 days', null, null, 'apologise'),
    ('save_our_best', 'h1', 9, 'hold', 'bought often', null, null, 'do this');
create table published.list_exclusions as
select 'save_our_best' as list_code, 'x1' as customer_id, 'no consent' as reason;
create table published.dim_customers as
select distinct customer_id from published.list_members union select 'x1' union select 'x2';
create table published.customer_accounts (account_id text, customer_id text);
insert into published.customer_accounts values ('old-c1', 'c1');
create view lists.tonight_members as select * from published.list_members;
create view lists.tonight_exclusions as select * from published.list_exclusions;
alter view lists.tonight_members owner to regulars_owner;
alter view lists.tonight_exclusions owner to regulars_owner;
grant select on all tables in schema published to regulars_owner, regulars_builder, analyst;
grant select on lists.tonight_members, lists.tonight_exclusions to marketing;
insert into ops.builds (prefix, as_of, code_digest, status) values ('', %(as_of)s, '', 'built');
create table lists.list_ineligible as
select 'win_back' as list_code, 'x2' as customer_id, 'nothing to win back' as reason;
create table lists.customer_farewells (
    customer_id text, is_deceased boolean, is_erasure_requested boolean
);
create table lists.exclusion_reasons (reason_code text, in_general text);
create table lists.list_definitions (list_code text);
grant select on all tables in schema lists to regulars_builder;
"""


@dataclass(frozen=True)
class Browser:
    """Somebody in front of the page."""

    client: TestClient
    settings: Settings

    def token(self, path: str = "/") -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get(path).text)
        assert found, f"{path} has no form"
        return found[1]

    def log_in(self, role: str, password: str | None = None, name: str = "Dana"):
        password = credentials.read(self.settings)[role] if password is None else password
        said = {"role": role, "password": password, "name": name, "csrf": self.token("/login")}
        return self.client.post("/login", data=said, follow_redirects=False)

    def send(self, path: str, **fields: object):
        """A form of its own, unless `form` says which."""
        own = {"csrf": self.token("/"), "form": secrets.token_hex(8)}
        return self.client.post(path, data={**own, **fields}, follow_redirects=False)


@pytest.fixture(scope="module")
def desk_world(make_settings: Callable) -> Iterator[Published]:
    published = publish(make_settings("desk", systems=("house", "desk")))
    with warehouse.connect(published.settings, "admin", autocommit=True) as connection:
        for statement in LISTED.strip().split(";\n"):
            values = {"as_of": AS_OF} if "%(" in statement else None
            connection.execute(statement, values)  # type: ignore[arg-type]
    (published.settings.home / "current").symlink_to(
        published.settings.generations / str(GENERATION)
    )
    yield published
    drop_database(published.settings)


@pytest.fixture
def admin_of_desk(desk_world: Published) -> Iterator[psycopg.Connection]:
    """The log, emptied."""
    with warehouse.connect(desk_world.settings, "admin", autocommit=True) as connection:
        connection.execute(
            "truncate decisions.desk_records, decisions.approvals, ops.gate_stops,"
            " pii.withdrawn_members"
        )
        yield connection


def browser_of(settings: Settings) -> Browser:
    return Browser(TestClient(make_app(settings), base_url=ADDRESS), settings)


@pytest.fixture(scope="module")
def desk_browser(desk_world: Published) -> Browser:
    return browser_of(desk_world.settings)


@pytest.fixture
def stranger(desk_browser: Browser, admin_of_desk: psycopg.Connection) -> Browser:
    """The one service, in a browser that it has not seen yet."""
    desk_browser.client.cookies.clear()
    return desk_browser


@pytest.fixture
def marketing(stranger: Browser) -> Browser:
    assert stranger.log_in("marketing").status_code == 303
    return stranger


@pytest.fixture
def analyst(stranger: Browser) -> Browser:
    assert stranger.log_in("analyst").status_code == 303
    return stranger
