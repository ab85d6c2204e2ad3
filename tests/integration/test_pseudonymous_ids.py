"""A system that takes addresses and telephone numbers for ids: they are loaded under pseudonyms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from regulars import warehouse
from regulars.erasure import raw_rows
from regulars.erasure.delivered_lines import without
from regulars.erasure.person import find
from regulars.erasure.stored_feeds import stored_feeds
from regulars.feeds import declarations, pseudonyms, raw_tables
from regulars.feeds.declaration_checks import DeclarationError
from regulars.feeds.load import ingest
from regulars.lists.contacts import normalise_contacts
from regulars.settings import Settings
from tests.erased_people import alone
from tests.integration.feed_shop import AS_OF
from tests.server import drop_database

SOURCES = """
version: 2
sources:
  - name: shop
    config: {meta: {timezone: Europe/Amsterdam, pseudonymous_ids: %s}}
    tables:
      - name: members
        config: {meta: {group: sales, delivery: {
          path: "{delivered_on}/members.csv", load: snapshot, key: [login],
          quarantine_limit_pct: 100}}}
        columns:
          - {name: login, data_type: text, config: {meta: {required: true, customer: true}}}
          - {name: mail, data_type: text, config: {meta: {personal: email}}}
          - {name: mobile, data_type: text, config: {meta: {personal: phone}}}
      - name: baskets
        config: {meta: {group: sales, delivery: {
          path: "{delivered_on}/baskets.csv", load: append, key: [basket_id],
          quarantine_limit_pct: 100}}}
        columns:
          - {name: basket_id, data_type: text, config: {meta: {required: true}}}
          - {name: login, data_type: text, config: {meta: {customer: true}}}
      - name: stops
        config: {meta: {group: sales, delivery: {
          path: "{delivered_on}/stops.csv", load: append, forbids: true,
          quarantine_limit_pct: 100}}}
        columns:
          - {name: login, data_type: text, config: {meta: {customer: true}}}
"""
FILES = {
    "members": "login,mail,mobile\nAnna@x.org,anna@new.org,\n0612345678,,0612345678\nc-7,,\n",
    "baskets": "basket_id,login\nb1,anna@X.org\nb2,0612345678\nb3,\nb4,c-7\n",
    "stops": "login\nANNA@x.org\nanna@new.org\n",
}
PSEUDONYM = re.compile("p[0-9a-f]{24}")


@pytest.fixture
def shop(make_settings: Callable, tmp_path: Path) -> Iterator[Settings]:
    """Its files, delivered and loaded."""
    made = make_settings("pseudonyms", project=tmp_path / "project", systems=("shop",))
    settings = replace(made, landing=tmp_path / "landing", settle_seconds=0)
    declare(settings, "true")
    raw_tables.migrate(settings)
    for name, text in FILES.items():
        file = settings.landing / "shop/2026-01-05" / f"{name}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    loaded = ingest(settings, "sales", AS_OF)
    assert loaded["rows_quarantined"] == loaded["refused"] == 0
    yield settings
    drop_database(settings)


def declare(settings: Settings, value: str) -> None:
    path = settings.dbt_project / "models/staging/shop/_shop__sources.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SOURCES % value)
    (settings.dbt_project / "dbt_project.yml").write_text("vars: {guards: [sales]}")


def logins(settings: Settings, table: str) -> list[str | None]:
    with warehouse.connect(settings, "admin") as connection:
        rows = connection.execute(f"select login from raw.{table} order by _line".encode())
        return [login for (login,) in rows]


def test_no_feed_has_an_address_or_a_number_and_they_still_join(shop: Settings) -> None:
    members, baskets, stops = (logins(shop, name) for name in FILES)
    assert all(login and PSEUDONYM.fullmatch(login) for login in members)
    assert len(set(members)) == 3
    assert baskets == [members[0], members[1], None, members[2]]
    assert stops[0] == members[0]


def test_whoever_reads_files_makes_the_same_of_an_id(shop: Settings) -> None:
    with warehouse.connect(shop, "admin") as connection:
        rows = connection.execute("select key from decisions.suppression_key").fetchone()
        for id_ in ("Anna@x.org", " C-7 ", "Jörg\uff20X.org", "ÄNNE@x.org"):
            query = f"select {pseudonyms.in_sql('%s::text')}".replace("'%@%'", "'%%@%%'")
            made = connection.execute(query.encode(), [id_] * query.count("%s")).fetchone()
            assert made == (pseudonyms.of(bytes(rows[0]), id_),)


def test_a_no_that_names_another_address_of_theirs_may_mean_them(shop: Settings) -> None:
    normalise_contacts(shop)
    with warehouse.connect(shop, "admin") as connection:
        meant = connection.execute(
            "select normal from pii.normal_forms where country = 'said' and original = %s",
            [logins(shop, "stops")[1]],
        ).fetchall()
    assert meant == [("anna@new.org",)]


def test_an_erasure_finds_them_in_every_table_and_file(shop: Settings) -> None:
    theirs = str(logins(shop, "members")[0])
    with warehouse.connect(shop, "admin") as connection:
        feeds = stored_feeds(connection, shop)
        person = find(connection, feeds, theirs)
        list(raw_rows.remove(connection, feeds, alone(person)))
        connection.commit()
    assert all(theirs not in logins(shop, name) for name in FILES)
    baskets = next(feed for feed in feeds if feed.table == "baskets")
    file = shop.landing / "shop/2026-01-05/baskets.csv"
    assert without(file, baskets, person, shop.home / "after") == 1
    assert "anna" not in (shop.home / "after").read_text().lower()


def test_without_the_declaration_such_ids_are_refused(shop: Settings) -> None:
    declare(shop, "false")
    feeds = declarations.load(shop.dbt_project, shop.systems)
    assert not any(column.is_pseudonymised for feed in feeds for column in feed.columns)
    declare(shop, "perhaps")
    with pytest.raises(DeclarationError, match="pseudonymous_ids is true or false"):
        declarations.load(shop.dbt_project, shop.systems)
