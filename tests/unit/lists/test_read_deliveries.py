"""Whatever comes between two readings, what is known is what a reading of everything knows."""

from __future__ import annotations

import random
from datetime import date

import psycopg
import pytest

from regulars import failpoints
from regulars.erasure import retention
from regulars.erasure.other_tables import forget_builds
from regulars.lists.contacts import normalise_contacts
from regulars.lists.read_deliveries import forget_read
from regulars.settings import Settings
from tests.unit.lists.test_contacts import deliver, delivery_of

PEOPLE = [f"{name}@example.com" for name in ("ann", "ben", "cas", "dee")]
STEPS = 24
SEEDS = (1, 3, 31)  # a note that outlives an erasure, or other rules, fails in these
FORMS = "select kind, original, country, normal from pii.normal_forms"
TERMS = "select delivery_id, line, kind, term from pii.quarantined_terms"


class Killed(BaseException):
    """The process is gone."""


class Warehouse:
    """What may come between, each of one of PEOPLE."""

    def __init__(self, settings: Settings, admin: psycopg.Connection) -> None:
        self.settings = settings
        self.admin = admin

    def row_comes(self, who: str) -> None:
        deliver(self.admin, ("1", who, "0612345678", "NL"))

    def no_comes_under_an_address(self, who: str) -> None:
        self.admin.execute(
            "insert into raw.consents (_delivery_id, _line, _delivered_on, customer_id, channel,"
            " purpose, changed_at, is_granted)"
            " values (%s, 1, '2026-03-15', %s, 'email', 'marketing', '2026-03-14', false)",
            [delivery_of(self.admin, "consents", 1), who],
        )

    def line_cannot_be_read(self, who: str) -> None:
        feed = random.Random(who).choice(["consents", "customers"])
        self.admin.execute(
            "insert into raw.quarantine (delivery_id, feed, file, line, rule, reason, raw_text)"
            " values (%s, %s, 'f', 7, 'type', 'no number', %s)",
            [delivery_of(self.admin, feed, 1), feed, f"9;{who}"],
        )

    def read(self, who: str) -> None:
        normalise_contacts(self.settings)

    def reading_is_killed(self, who: str) -> None:
        def kill(name: str) -> None:
            raise Killed(name)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(failpoints, "hit", kill)
            with pytest.raises(Killed):
                normalise_contacts(self.settings)

    def note_is_lost(self, who: str) -> None:
        forget_read(self.admin)

    def rules_are_others(self, who: str) -> None:
        self.admin.execute("update pii.reading_rules set rules = 'those of an earlier version'")
        self.admin.execute("update pii.normal_forms set normal = 'x' where country = 'NL'")

    def one_is_erased(self, who: str) -> None:
        with self.admin.transaction():
            self.admin.execute(
                "delete from raw.customers where ctid in ("
                "select ctid from raw.customers where email = %s limit 1)",
                [who],
            )
            self.admin.execute("delete from pii.normal_forms where original = %s", [who])
            self.admin.execute(
                "with gone as (delete from raw.quarantine where raw_text like '%%' || %s"
                " returning delivery_id, line) delete from pii.quarantined_terms"
                " where (delivery_id, line) in (select delivery_id, line from gone)",
                [who],
            )
            forget_builds(self.admin)

    def texts_are_swept(self, who: str) -> None:
        with self.admin.transaction():
            retention._quarantine(self.admin, self.settings, date(2026, 1, 1))


@pytest.mark.parametrize("seed", SEEDS)
def test_it_is_what_a_reading_of_everything_knows(
    warehouse_settings: Settings, admin: psycopg.Connection, seed: int
) -> None:
    draw = random.Random(seed)
    warehouse = Warehouse(warehouse_settings, admin)
    steps = [getattr(warehouse, name) for name in vars(Warehouse) if not name.startswith("_")]
    drawn = draw.choices(steps, weights=[3, 3, 3, 4, 1, 1, 1, 1, 1], k=STEPS)
    for step in drawn:
        step(draw.choice(PEOPLE))
    normalise_contacts(warehouse_settings)
    forms, terms = (set(admin.execute(query)) for query in (FORMS, TERMS))
    forget_read(admin)
    admin.execute("delete from pii.normal_forms")
    admin.execute("delete from pii.quarantined_terms")
    normalise_contacts(warehouse_settings)
    everything, all_terms = (set(admin.execute(query)) for query in (FORMS, TERMS))
    told = [step.__name__ for step in drawn]
    assert everything <= forms, told  # those of whom an erasure left no row may stay known
    assert terms == all_terms, told
