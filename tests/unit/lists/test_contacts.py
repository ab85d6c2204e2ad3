from __future__ import annotations

from dataclasses import replace
from datetime import date

import email_validator
import psycopg
import pytest

from regulars.erasure.other_tables import forget_builds
from regulars.feeds import declarations
from regulars.lists import contacts
from regulars.lists.contacts import normalise_contacts
from regulars.lists.normal_forms import normal_email, normal_phone, said_forms
from regulars.lists.quarantined_terms import terms_of
from regulars.settings import Settings
from regulars.warehouse import connect


@pytest.mark.parametrize(
    ("original", "normal"),
    [
        ("Anna.de.Wit@Example.COM", "anna.de.wit@example.com"),
        ("  anna@example.com ", "anna@example.com"),
        ("zoe\u0308@example.com", "zo\u00eb@example.com"),
        ("not an address", None),
        ("anna@", None),
        ("a@b@example.com", None),
        ("x" * 400 + "@example.com", None),
        ("=cmd@example.com\n", "=cmd@example.com"),
        ("", None),
    ],
)
def test_an_email_address_has_one_form(original: str, normal: str | None) -> None:
    assert normal_email(original) == normal


def by_validator(address: str) -> str | None:
    try:
        found = email_validator.validate_email(address, check_deliverability=False)
    except email_validator.EmailNotValidError:
        return None
    return found.normalized.lower()


@pytest.mark.parametrize(
    "domain",
    [
        "example.com",
        "EXAMPLE.com",
        "sub.example.co.uk",
        "xn--bcher-kva.example.com",
        "localhost",
        "example",
        "example.test",
        "-example.com",
        "example-.com",
        "example..com",
        ".example.com",
        "example.com.",
        "127.0.0.1",
        "example.c0m",
        f"{'x' * 60}.com",
        f"{'x' * 64}.com",
        "xn--a.com",
        "ab--c.com",
        "b\u00fccher.example.com",
        "example.com>",
    ],
)
def test_known_domains_shorten_the_way_to_the_same_form(domain: str) -> None:
    people = ("a", "Anna", "a.b", "a..b", ".a", "a.", "a+b_c-d", "Info", "x" * 40, "x" * 70, "é")
    for address in (f"{person}@{domain}" for person in people):
        assert normal_email(address) == by_validator(address), address


@pytest.mark.parametrize(
    ("original", "country", "normal"),
    [
        ("06 1234 5678", "NL", "+31612345678"),
        ("0612345678", "nl", "+31612345678"),
        ("+44 20 7946 0018", "NL", "+442079460018"),
        ("+442079460018", "", "+442079460018"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("020 7946 0018", "uk", "+442079460018"),
        ("06 12345678 / 06 87654321", "NL", None),  # two numbers: nobody knows which
        ("0612345678", "", None),
        ("0612345678", "XX", None),
        ("12", "NL", None),
        ("9" * 500, "NL", None),
        ("none", "NL", None),
    ],
)
def test_a_phone_number_has_one_form(original: str, country: str, normal: str | None) -> None:
    assert normal_phone(original, country) == normal


def delivery_of(admin: psycopg.Connection, feed: str, rows: int) -> int:
    """A new delivery's entry in the ledger."""
    (delivery_id,) = admin.execute(
        "insert into raw.deliveries (feed, delivered_on, sha256, path, size, modified_at, status,"
        " rows_in, rows_loaded) select %s, '2026-03-15', count(*), 'x', 1, '2026-03-15', 'loaded',"
        " %s, %s from raw.deliveries returning delivery_id",
        [feed, rows, rows],
    ).fetchone() or (None,)
    return int(delivery_id)


def deliver(admin: psycopg.Connection, *people: tuple[str, str | None, str | None, str]) -> None:
    delivery_id = delivery_of(admin, "customers", len(people))
    with admin.cursor() as cursor:
        cursor.executemany(
            "insert into raw.customers (_delivery_id, _line, _delivered_on, customer_id, email,"
            " phone, country) values (%s, %s, '2026-03-15', %s, %s, %s, %s)",
            [(delivery_id, line, *person) for line, person in enumerate(people)],
        )


def forms(settings: Settings) -> set[tuple[str, str, str, str | None]]:
    with connect(settings, "transformer") as connection:
        query = "select kind, original, country, normal from pii.normal_forms"
        return set(connection.execute(query).fetchall())


def test_every_new_original_is_looked_at_once(
    warehouse_settings: Settings, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "BATCH", 2)  # five originals: more than one batch
    deliver(
        admin,
        ("1", "A@example.com", "0612345678", "NL"),
        ("2", "A@example.com", "0612345678", "BE"),
        ("3", "b@example.com", None, "NL"),
        ("4", "broken", "020 7946 0018", "GB"),
    )
    first = normalise_contacts(warehouse_settings)
    assert first == {"emails": 3, "phones": 3, "unusable": 2, "quarantined_lines": 0}
    assert forms(warehouse_settings) == {
        ("email", "A@example.com", "", "a@example.com"),
        ("email", "b@example.com", "", "b@example.com"),
        ("email", "broken", "", None),
        ("phone", "0612345678", "NL", "+31612345678"),
        ("phone", "0612345678", "BE", None),
        ("phone", "020 7946 0018", "GB", "+442079460018"),
    }
    assert normalise_contacts(warehouse_settings) == {
        "emails": 0,
        "phones": 0,
        "unusable": 0,
        "quarantined_lines": 0,
    }


def test_a_delivery_is_read_once_until_an_erasure_may_have_changed_what_stands_in_it(
    warehouse_settings: Settings, admin: psycopg.Connection
) -> None:
    deliver(admin, ("1", "A@example.com", None, "NL"))
    assert normalise_contacts(warehouse_settings)["emails"] == 1

    admin.execute("delete from pii.normal_forms")
    deliver(admin, ("2", "c@example.com", None, "NL"))
    assert normalise_contacts(warehouse_settings)["emails"] == 1
    assert forms(warehouse_settings) == {("email", "c@example.com", "", "c@example.com")}

    forget_builds(admin)
    assert normalise_contacts(warehouse_settings)["emails"] == 1
    assert forms(warehouse_settings) == {
        ("email", "A@example.com", "", "a@example.com"),
        ("email", "c@example.com", "", "c@example.com"),
    }


def test_what_other_rules_read_is_read_anew_but_for_lines_that_nobody_can_read_again(
    warehouse_settings: Settings, admin: psycopg.Connection
) -> None:
    deliver(admin, ("1", "A@example.com", None, "NL"))
    admin.execute(
        "insert into raw.quarantine (delivery_id, feed, file, line, rule, reason, raw_text)"
        " values (1, 'customers', 'f', 7, 'type', 'no number', '9;b@example.com'),"
        " (1, 'customers', 'f', 8, 'type', 'no number', null)"
    )
    normalise_contacts(warehouse_settings)
    admin.execute("update pii.normal_forms set normal = null")  # as if nobody had understood it
    admin.execute("update pii.quarantined_terms set term = 'b@' where kind = 'email'")
    admin.execute("insert into pii.quarantined_terms values (1, 8, 'keyed', 'a hash')")
    normalise_contacts(warehouse_settings)
    assert forms(warehouse_settings) == {("email", "A@example.com", "", None)}

    admin.execute(
        "insert into ops.builds (prefix, as_of, last_delivery_id, code_digest, status)"
        " values ('', '2026-03-15', 1, 'x', 'built')"
    )
    admin.execute("update pii.reading_rules set rules = 'those of an earlier version'")
    normalise_contacts(warehouse_settings)
    built = admin.execute("select as_of, status, code_digest from ops.builds").fetchone()
    assert built == (date(2026, 3, 15), "built", ""), (
        "a full build next, and lists explained till then"
    )
    assert forms(warehouse_settings) == {("email", "A@example.com", "", "a@example.com")}
    terms = admin.execute(
        "select line, kind, term from pii.quarantined_terms where kind in ('email', 'keyed')"
        " order by line"
    ).fetchall()
    assert terms == [(7, "email", "b@example.com"), (8, "keyed", "a hash")]


def test_a_line_is_read_anew_where_its_feed_is_told_apart_by_another_key(
    warehouse_settings: Settings, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the key of before no later row would ever make it good."""
    admin.execute(
        "insert into raw.quarantine (delivery_id, feed, file, line, rule, reason, raw_text)"
        " values (%s, 'identities', 'f', 7, 'boolean', 'no boolean', 'a,b,ja,2026-03-14')",
        [delivery_of(admin, "identities", 1)],
    )
    feeds = declarations.load(warehouse_settings.dbt_project, warehouse_settings.systems)
    before = [
        replace(feed, delivery=replace(feed.delivery, key=("old_customer_id", "changed_at")))
        if feed.table == "identities"
        else feed
        for feed in feeds
    ]
    keys = []
    for declared in (before, feeds):
        monkeypatch.setattr(contacts.declarations, "load", lambda *_, known=declared: known)
        normalise_contacts(warehouse_settings)
        query = "select term from pii.quarantined_terms where kind = 'key'"
        keys += [key for (key,) in admin.execute(query)]
    assert keys == ["a", "a,b"]


def test_a_planner_knows_how_many_forms_there_are_before_the_first_build_reads_them(
    warehouse_settings: Settings, admin: psycopg.Connection
) -> None:
    deliver(admin, ("1", "A@example.com", "0612345678", "NL"), ("2", "b@example.com", None, "NL"))
    normalise_contacts(warehouse_settings)
    counted = "select reltuples from pg_class where oid = 'pii.normal_forms'::regclass"
    assert admin.execute(counted).fetchone() == (3,)


def test_an_unreadable_warehouse_is_reported_without_a_row(
    warehouse_settings: Settings, admin: psycopg.Connection
) -> None:
    deliver(admin, ("1", "secret@example.com", None, "NL"))
    admin.execute("alter table pii.normal_forms add check (original not like 'secret%')")
    with pytest.raises(Exception, match="SQLSTATE 23514") as failure:
        normalise_contacts(warehouse_settings)
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize(
    ("kind", "original", "meant"),
    [
        ("email", "<Anna@example.com>", "anna@example.com"),
        ("email", "Anna de Wit <mailto:anna@example.com>;", "anna@example.com"),
        ("email", "\uff41nna\uff20example.com.", "anna@example.com"),
        ("email", "anna@exam\u200bple.com", "anna@example.com"),
        ("email", "anna@example.com @home", "anna@example.com"),
        ("email", "mailto:anna@example.com?subject=no", "anna@example.com"),
        ("email", "https://example.org/unsubscribe?of=anna@example.com&sure=1", "anna@example.com"),
        ("email", "anna=de=wit@example.com", "anna=de=wit@example.com"),
        ("email", "anna%40example.com", "anna@example.com"),
        (
            "email",
            "unsubscribe?of=anna%40example.com&sure=1",
            "anna@example.com",
        ),
        ("email", "anna@example.com or ben@example.com", "anna@example.com ben@example.com"),
        ("email", "anna@example.com/ben@example.com", "anna@example.com ben@example.com"),
        ("email", "o'neil@example.com", "o'neil@example.com neil@example.com"),
        ("email", "<o'neil@example.com>", "o'neil@example.com neil@example.com"),
        ("email", "'anna@example.com'", "anna@example.com"),
        ("email", "'anna@example.com", "'anna@example.com anna@example.com"),
        ("email", "\u201eanna@example.com\u201c", "anna@example.com"),
        ("email", "\u00abanna@example.com\u00bb", "anna@example.com"),
        ("email", "\u2018anna@example.com\u2019", "anna@example.com"),
        (
            "email",
            "o\u2019neil@example.com",
            "o\u2019neil@example.com o'neil@example.com neil@example.com",
        ),
        ("email", "**anna@example.com**", "anna@example.com"),
        ("email", "please take out anna@example.com!", "anna@example.com"),
        ("email", "nobody", ""),
        ("phone", "31612345678", "+31612345678 31612345678"),
        ("phone", "0031 6 1234 5678", "+31612345678"),
        ("phone", "\uff0b31612345678", "+31612345678"),
        ("phone", "+31612345678 +31687654321", "+31612345678 +31687654321"),
        ("phone", "0031612345678 / 31687654321", "+31612345678 +31687654321 31687654321"),
        ("phone", "+31 (6) 1234 x 5678", "+31612345678"),
        ("phone", "31-6 1234-5678 (Anna, after 5)", "+31612345678 31612345678"),
        ("phone", "+49 30 123456/78", "+4930123456 +493012345678"),
        ("phone", "0612345678", "612345678 12345678"),
        ("phone", "06-12345678/06-87654321", "612345678 12345678 687654321 87654321"),
        ("phone", "06-1234, 12 34 56, 2026-10-31, 31/10/2026, 123456.78", ""),
        ("phone", "ask for Anna", ""),
    ],
)
def test_what_a_no_may_mean_is_read_from_an_address_that_nobody_could_use(
    kind: str, original: str, meant: str
) -> None:
    assert said_forms(kind, original) == set(meant.split())


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("Ann <ann@example.com>,email,marketing,?,no", "ann@example.com"),
        ("ann@example.com.,email", "ann@example.com"),
        ("\u201eann@example.com\u201c;email", "ann@example.com"),
        ("an\u200bn@example.com,email", "ann@example.com"),
        ("o'neil@example.com,email", "o'neil@example.com neil@example.com"),
        ('{"email": "ann%40example.com"', "ann@example.com"),
        ('"0031 6 12345678",phone', "+31612345678"),
        ("31612345678,phone", "+31612345678 31612345678"),
        ("tel:+31612345678,phone", "+31612345678"),
        ("c7,please do not ever call again on +31612345678", "+31612345678"),
        ("c7,not on '+31 6 12345678' nor at +31687654321", "+31612345678 +31687654321"),
        ("c7,I was called at +31612345678 2 times", "+31612345678"),
        ("c7,the number of my telephone at home: 0031 6 12345678", "+31612345678"),
        ("c7,email,marketing,2026-02-31T08:00:00Z,12345.67,2026-02-31 08:00:00", ""),
        ("06-12345678", "612345678 12345678"),
        ("c7,(030) 123 45 67,2026-02-31", "301234567"),
        ("c7;06 12 34 56 78;2026-10-01", "612345678 12345678"),
        ("c7,please do not ring me at 030/1234567 any more,01-10-2026", "301234567"),
        ("c7,415-555-0132", "4155550132"),
        ("c7,8 (912) 345-67-89", "89123456789 9123456789"),
        ("c7,0612345678 or 0687654321", "612345678 12345678 687654321 87654321"),
        ("c7,91 23 45 67", "91234567"),
        ("c7,06-1234,12 34 56", ""),
        ('{"customer_id": null, "phone": "0612345678"}', "612345678 12345678"),
    ],
)
def test_a_line_that_could_not_be_read_means_the_addresses_that_a_no_would(
    line: str, meant: str
) -> None:
    found = {term for kind, term in terms_of(line) if kind != "cell"}
    assert found == set(meant.split())


def test_a_no_that_means_two_has_a_form_for_each_and_is_not_counted_as_an_address(
    warehouse_settings: Settings, admin: psycopg.Connection
) -> None:
    said = "Anna@example.com or ben@example.com"
    admin.execute(
        "insert into raw.consents (_delivery_id, _line, _delivered_on, customer_id, channel,"
        " purpose, changed_at, is_granted)"
        " values (%s, 1, '2026-03-15', %s, 'email', 'marketing', '2026-03-14', false)",
        [delivery_of(admin, "consents", 1), said],
    )
    counts = normalise_contacts(warehouse_settings)
    assert counts == {"emails": 0, "phones": 0, "unusable": 0, "quarantined_lines": 0}
    assert forms(warehouse_settings) == {
        ("email", said, "said", "anna@example.com"),
        ("email", said, "said", "ben@example.com"),
    }
    normalise_contacts(warehouse_settings)
    assert len(forms(warehouse_settings)) == 2
