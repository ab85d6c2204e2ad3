"""By which rules addresses and unreadable lines were read: other rules read all of them anew.

What was read is kept, so that a night looks at what is new alone. A rule that is mended understands
more, and would otherwise never be asked about what was delivered before. By which key and version a
feed tells its rows apart is such a rule: by another key nothing makes a line good.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from hashlib import sha256
from importlib.metadata import version

import psycopg

from regulars import national_numbers
from regulars.feeds.model import Feed
from regulars.lists import normal_forms, quarantined_keys, quarantined_terms
from regulars.lists.read_deliveries import forget_read
from regulars.targets import forms

MODULES = (national_numbers, normal_forms, quarantined_keys, quarantined_terms, forms)
LIBRARIES = ("email-validator", "phonenumbers")


def rules(feeds: Iterable[Feed]) -> str:
    """A digest of all that the forms and terms depend on."""
    parts = [inspect.getsource(module) for module in MODULES]
    told_apart = sorted(
        repr((feed.table, feed.delivery.key, feed.delivery.version)) for feed in feeds
    )
    parts += [*map(version, LIBRARIES), *told_apart]
    return sha256("\n".join(parts).encode()).hexdigest()


def forget_what_other_rules_read(connection: psycopg.Connection, feeds: Iterable[Feed]) -> bool:
    """Empty what can be read again, where other rules than these read it. Returns whether.

    Lines whose text the retention took keep their terms: nobody can read them again. What was built
    of the forms is what its night has built, so lists are still explained by it; the next build
    goes on from it no more than from that of other models.
    """
    known = connection.execute("select rules from pii.reading_rules").fetchone()
    told = rules(feeds)
    if known == (told,):
        return False
    connection.execute("delete from pii.normal_forms")
    connection.execute(
        """
        delete from pii.quarantined_terms as terms using raw.quarantine as lines
        where terms.delivery_id = lines.delivery_id and terms.line = lines.line
            and lines.raw_text is not null
        """
    )
    forget_read(connection)
    connection.execute("update ops.builds set code_digest = ''")
    connection.execute("delete from pii.reading_rules")
    connection.execute("insert into pii.reading_rules (rules) values (%s)", [told])
    return True
